import { CoreV1Api, type KubeConfig, PatchStrategy, setHeaderOptions, type V1Pod } from "@kubernetes/client-node";
import pRetry from "p-retry";
import { hasStatus } from "./api-status";

/**
 * Writes annotations to a pod, and to no later pod of the same name. Tries again until it succeeds, the pod is gone or the
 * signal is aborted; never rejects.
 */
export function podAnnotator(
  kubeConfig: KubeConfig,
  log: (message: string) => void,
): (pod: V1Pod, values: Record<string, string>, signal: AbortSignal) => Promise<void> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  return async (pod, values, signal) => {
    const { name = "", namespace = "", uid } = pod.metadata ?? {};
    const body = { metadata: { uid, annotations: values } };
    const patch = () =>
      core.patchNamespacedPod({ name, namespace, body }, setHeaderOptions("Content-Type", PatchStrategy.MergePatch));
    try {
      await pRetry(patch, {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 200,
        maxTimeout: 5_000,
        signal,
        shouldRetry: ({ error }) => !isGone(error),
        onFailedAttempt: ({ error }) => {
          if (!isGone(error)) log(`annotating ${namespace}/${name}: ${error.message}; trying again`);
        },
      });
    } catch {
      // The pod is gone, or nobody needs the annotation any more.
    }
  };
}

/** Not found, or another pod has this name now, which the uid in the patch tells. */
function isGone(error: unknown): boolean {
  return hasStatus(error, 404, 409);
}
