import { declaredAnnotations } from "./declared-annotations";
import { Role, selectorLabels, standardLabels } from "./labels";
import { fitName } from "./naming";
import { progressDeadlineSeconds, rolloutStrategy } from "./rollout";
import { vllmPod } from "./vllm-pod";
import type { VllmServerOptions } from "./vllm-server-options";

/**
 * A Deployment of vLLM. It says nothing about replicas: they belong to the autoscaler, and a value here would be put back on
 * every update.
 */
export function deployment<S>(name: string, options: VllmServerOptions<S>) {
  const { container, volumes, placement, settings } = vllmPod(options);
  return {
    apiVersion: "apps/v1" as const,
    kind: "Deployment" as const,
    metadata: {
      name: fitName(name),
      namespace: options.namespace,
      labels: standardLabels(name, Role.Server),
      annotations: declaredAnnotations(options),
    },
    spec: {
      selector: { matchLabels: selectorLabels(name) },
      strategy: rolloutStrategy(options),
      progressDeadlineSeconds: progressDeadlineSeconds(options),
      template: {
        metadata: { labels: standardLabels(name, Role.Server) },
        spec: { ...settings, ...placement, containers: [{ name: "vllm", ...container }], volumes },
      },
    },
  };
}
