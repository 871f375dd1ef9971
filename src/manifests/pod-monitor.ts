import { Role, selectorLabels, standardLabels } from "./labels";
import { fitName } from "./naming";
import { httpPort } from "./vllm-arguments";
import { serverDefaults, type VllmServerOptions, type VllmServerSettings } from "./vllm-server-options";
import { usesKnative, workload } from "./workload";

/** Whether a server gets a PodMonitor: unless something else scrapes it. */
export function makesPodMonitor({ podMonitor, serviceMonitor, runtime }: VllmServerSettings): boolean {
  return podMonitor ?? (serviceMonitor !== true && runtime === undefined);
}

/** Whether it gets a ServiceMonitor: also where the pods' port may have no name, which a PodMonitor would need. */
export function makesServiceMonitor({ serviceMonitor, runtime }: VllmServerSettings): boolean {
  return serviceMonitor ?? runtime !== undefined;
}

/** A ServiceMonitor over the Service of a server, known by its labels. */
export function serviceMonitor<S>(name: string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "monitoring.coreos.com/v1" as const,
    kind: "ServiceMonitor" as const,
    metadata: metadata(name, options),
    spec: { selector: { matchLabels: selectorLabels(name) }, endpoints: [endpoint(options, httpPort.name)] },
  };
}

/** A PodMonitor over the named port of a server's pods. */
export function podMonitor<S>(name: string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "monitoring.coreos.com/v1" as const,
    kind: "PodMonitor" as const,
    metadata: metadata(name, options),
    spec: {
      selector: { matchLabels: workload(name, options.backend).podLabels },
      // Knative renames the port of the container.
      podMetricsEndpoints: [endpoint(options, usesKnative(options) ? "user-port" : httpPort.name)],
    },
  };
}

function metadata<S>(name: string, options: VllmServerOptions<S>) {
  return {
    name: fitName(name),
    namespace: options.namespace,
    labels: { ...options.podMonitorLabels, ...standardLabels(name, Role.Server) },
  };
}

function endpoint({ scrapeIntervalSeconds = serverDefaults.scrapeIntervalSeconds }: VllmServerSettings, port: string) {
  return { port, path: "/metrics", interval: `${scrapeIntervalSeconds}s` };
}
