import { type ClusterSource, clusterKinds, clusterSource, UnusableInput } from "vllm-serving/lint";

export interface ClusterFlags {
  context: string;
  namespace?: string;
  kubeconfig?: string;
}

/** Reads what the linter looks at from a cluster, and says on the standard error what it may not read. */
export async function clusterObjects(flags: ClusterFlags): Promise<ClusterSource> {
  // Loaded here: the client takes as long to load as everything else.
  const { ClusterUnusable, listObjects } = await import("vllm-serving/cluster/objects");
  const { context, namespace } = flags;
  try {
    const { objects, unlisted } = await listObjects({ ...flags, kinds: clusterKinds });
    for (const { kind, reason } of unlisted) console.error(`Warning: ${kind}: ${reason}`);
    if (objects.length === 0) console.error(`Warning: Nothing to lint in ${namespace ?? context}: is the name right?`);
    return clusterSource(context, objects, { namespace, unlisted: unlisted.map(({ kind }) => kind) });
  } catch (error) {
    if (error instanceof ClusterUnusable) throw new UnusableInput(`context ${context}`, error.message);
    throw error;
  }
}
