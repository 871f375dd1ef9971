import { Role, standardLabels } from "./labels";
import { fitName } from "./naming";
import { httpPort } from "./vllm-arguments";
import type { VllmServerOptions } from "./vllm-server-options";
import { workload } from "./workload";

/**
 * The Service of a server, named after it. KServe makes one too, `<name>-predictor`; but its port 80 is not there where the
 * platform makes such Services headless, and the URL would change with the backend.
 */
export function service<S>(name: string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "v1" as const,
    kind: "Service" as const,
    metadata: {
      name: fitName(name),
      namespace: options.namespace,
      labels: standardLabels(name, Role.Server),
    },
    spec: {
      type: "ClusterIP",
      selector: workload(name, options.backend).podLabels,
      ports: [{ name: httpPort.name, port: httpPort.number, targetPort: httpPort.name, protocol: "TCP" }],
    },
  };
}

/** Base URL of the Service inside the cluster. The cluster's domain is left to the resolver. */
export function serviceUrl(name: string, namespace: string): string {
  return `http://${fitName(name)}.${namespace}.svc:${httpPort.number}`;
}
