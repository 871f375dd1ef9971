import { runtimePort } from "./existing-runtime";
import { Role, standardLabels } from "./labels";
import { fitName } from "./naming";
import { transformerLabels, transformerName, transformerPort } from "./transformer";
import { httpPort } from "./vllm-arguments";
import type { PredictorClass, VllmServerOptions, VllmServerSettings } from "./vllm-server-options";
import { usesKnative, workload } from "./workload";

/**
 * The Service of a server, named after it. KServe makes one too, `<name>-predictor`; but its port 80 is not there where the
 * platform makes such Services headless, and the URL would change with the backend. It leads to the transformer, where there is one.
 */
export function service<S>(name: string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "v1" as const,
    kind: "Service" as const,
    metadata: {
      name: fitName(name),
      namespace: options.namespace,
      labels: standardLabels(name, Role.Server),
      // Otherwise the provider waits for an endpoint, which there is none of without a replica.
      ...(options.mayHaveNoReplica === true ? { annotations: { "pulumi.com/skipAwait": "true" } } : {}),
    },
    spec: {
      type: "ClusterIP",
      selector: options.transformer === undefined ? workload(name, options.backend).podLabels : transformerLabels(name),
      ports: [{ name: httpPort.name, port: httpPort.number, targetPort: targetPort(options), protocol: "TCP" }],
    },
  };
}

function targetPort({ runtime, transformer }: VllmServerSettings): string | number {
  if (transformer !== undefined) {
    return transformerPort;
  }
  return runtime === undefined ? httpPort.name : runtimePort(runtime);
}

/** Base URL of a server inside the cluster. */
export function serverUrl(
  name: string,
  namespace: string,
  settings: { predictor?: { class: PredictorClass } | undefined; transformer?: object | undefined },
): string {
  const asked = settings.transformer === undefined ? workload(name, undefined).deploymentName : transformerName(name);
  return usesKnative(settings) ? `http://${asked}.${namespace}.svc` : serviceUrl(name, namespace);
}

/** Base URL of the Service inside the cluster. The cluster's domain is left to the resolver. */
export function serviceUrl(name: string, namespace: string): string {
  return `http://${fitName(name)}.${namespace}.svc:${httpPort.number}`;
}
