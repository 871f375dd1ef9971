import { Role, standardLabels } from "./labels";
import { fitName } from "./naming";
import type { VllmServerOptions } from "./vllm-server-options";
import { workload } from "./workload";

/** How many replicas of a server may be evicted at once. One that is not ready may always go: it serves nobody. */
export function podDisruptionBudget<S>(name: string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "policy/v1" as const,
    kind: "PodDisruptionBudget" as const,
    metadata: {
      name: fitName(name),
      namespace: options.namespace,
      labels: standardLabels(name, Role.Server),
    },
    spec: {
      maxUnavailable: options.maxDisrupted ?? 1,
      selector: { matchLabels: workload(name, options.backend).podLabels },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}
