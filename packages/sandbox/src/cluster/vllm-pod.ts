import type { V1Container, V1Pod } from "@kubernetes/client-node";

/**
 * A container runs vLLM when its image, command or arguments name it. Pods of Jobs and DaemonSets never do: a download or a pull
 * may use the same image. Stated twice, for our code and for kwok's selectors, which are written in jq.
 */
const vllm = "vllm";

/** The container of a pod that serves with vLLM. */
export function vllmContainer(pod: V1Pod): V1Container | undefined {
  if (pod.metadata?.ownerReferences?.some((owner) => ["Job", "DaemonSet"].includes(owner.kind))) {
    return undefined;
  }
  return pod.spec?.containers.find((container) =>
    [container.image ?? "", ...(container.command ?? []), ...(container.args ?? [])].some((text) =>
      text.includes(vllm),
    ),
  );
}

/** jq over a pod: true when `vllmContainer` finds one. */
export const isVllmPodJq =
  `(([.metadata.ownerReferences[]?.kind] | any(. == "Job" or . == "DaemonSet") | not) and ` +
  `([.spec.containers[] | .image, .command[]?, .args[]?] | any(. != null and contains("${vllm}"))))`;
