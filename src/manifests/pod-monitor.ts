import { Role, standardLabels } from "./labels";
import { fitName } from "./naming";
import { httpPort } from "./vllm-arguments";
import { serverDefaults, type VllmServerOptions } from "./vllm-server-options";
import { workload } from "./workload";

/** A PodMonitor over the named port of a server's pods. */
export function podMonitor<S>(name: string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "monitoring.coreos.com/v1" as const,
    kind: "PodMonitor" as const,
    metadata: {
      name: fitName(name),
      namespace: options.namespace,
      labels: { ...options.podMonitorLabels, ...standardLabels(name, Role.Server) },
    },
    spec: {
      selector: { matchLabels: workload(name, options.backend).podLabels },
      podMetricsEndpoints: [
        {
          port: httpPort.name,
          path: "/metrics",
          interval: `${options.scrapeIntervalSeconds ?? serverDefaults.scrapeIntervalSeconds}s`,
        },
      ],
    },
  };
}
