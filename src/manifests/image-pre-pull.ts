import { Role, standardLabels } from "./labels";
import { childName, fitName } from "./naming";
import { pullSecrets, vllmImage, vllmPod } from "./vllm-pod";
import type { VllmServerOptions } from "./vllm-server-options";

/**
 * A DaemonSet that keeps the server's image on all nodes a replica may come to, new ones too. Its pods sleep in that very image, so
 * that no other one is needed, and take no GPU.
 */
export function imagePrePull<S>(name: string, options: VllmServerOptions<S>) {
  const { placement, settings } = vllmPod(options);
  const labels = standardLabels(name, Role.ImagePrePull);
  const selector = {
    "app.kubernetes.io/name": labels["app.kubernetes.io/name"],
    "app.kubernetes.io/instance": fitName(name),
    "app.kubernetes.io/component": Role.ImagePrePull,
  };
  return {
    apiVersion: "apps/v1" as const,
    kind: "DaemonSet" as const,
    metadata: { name: childName(name, "image"), namespace: options.namespace, labels },
    spec: {
      selector: { matchLabels: selector },
      // The old pods do nothing that one would miss.
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "100%" } },
      template: {
        metadata: { labels },
        spec: {
          ...placement,
          enableServiceLinks: settings.enableServiceLinks,
          automountServiceAccountToken: settings.automountServiceAccountToken,
          terminationGracePeriodSeconds: 0,
          ...pullSecrets(options),
          securityContext: settings.securityContext,
          containers: [
            {
              name: "image",
              image: vllmImage(options),
              command: ["sleep", "infinity"],
              resources: { requests: { cpu: "1m", memory: "16Mi" }, limits: { memory: "64Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
              },
            },
          ],
        },
      },
    },
  };
}
