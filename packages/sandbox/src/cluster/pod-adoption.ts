import type { KubernetesObject, V1Pod, V1ReplicaSet } from "@kubernetes/client-node";
import { annotations, servingRuntimeAnnotation } from "vllm-serving/manifests";
import { sandboxAnnotations } from "./sandbox-annotations";
import { vllmContainer } from "./vllm-pod";

type Annotate = (pod: V1Pod, values: Record<string, string>, signal: AbortSignal) => Promise<void>;

/**
 * Tells pods what their Deployment or ServingRuntime declares. A served model states it there, where a change restarts no pod,
 * and Kubernetes copies it from a Deployment to its ReplicaSets; but simulators and kwok's stages see only the pod.
 */
export class PodAdoption {
  private readonly adopted = new Set<string>();
  private readonly stopped = new AbortController();

  constructor(private readonly annotate: Annotate) {}

  /** Is given all of them after each change. A pod whose ReplicaSet or ServingRuntime is not among them waits for it. */
  reconcile(
    pods: readonly V1Pod[],
    replicaSets: readonly V1ReplicaSet[],
    servingRuntimes: readonly KubernetesObject[],
  ): void {
    const present = new Set(pods.map(uidOf));
    for (const uid of this.adopted) {
      if (!present.has(uid)) this.adopted.delete(uid);
    }
    for (const pod of pods) {
      const values = this.adopted.has(uidOf(pod)) ? undefined : adoption(pod, replicaSets, servingRuntimes);
      if (values === undefined) continue;
      this.adopted.add(uidOf(pod));
      void this.annotate(pod, values, this.stopped.signal);
    }
  }

  stop(): void {
    this.stopped.abort();
  }
}

/** What to write on a vLLM pod of a ReplicaSet. What the pod says itself is kept. */
function adoption(
  pod: V1Pod,
  replicaSets: readonly V1ReplicaSet[],
  servingRuntimes: readonly KubernetesObject[],
): Record<string, string> | undefined {
  const own = pod.metadata?.annotations ?? {};
  const owner = pod.metadata?.ownerReferences?.find(({ kind }) => kind === "ReplicaSet");
  const replicaSet = replicaSets.find((one) => owner !== undefined && one.metadata?.uid === owner.uid);
  if (replicaSet === undefined || own[sandboxAnnotations.adopted] !== undefined || vllmContainer(pod) === undefined) {
    return undefined;
  }
  const runtimeName = own[servingRuntimeAnnotation];
  const runtime = servingRuntimes.find(
    ({ metadata }) => metadata?.name === runtimeName && metadata?.namespace === pod.metadata?.namespace,
  );
  if (runtimeName !== undefined && runtime === undefined) return undefined;
  const names: readonly string[] = Object.values(annotations);
  const declared = Object.entries({ ...replicaSet.metadata?.annotations, ...runtime?.metadata?.annotations }).filter(
    ([name]) => names.includes(name) && own[name] === undefined,
  );
  return { ...Object.fromEntries(declared), [sandboxAnnotations.adopted]: "true" };
}

function uidOf(pod: V1Pod): string {
  return pod.metadata?.uid ?? "";
}
