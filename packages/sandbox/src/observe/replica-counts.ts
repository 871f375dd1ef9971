import type { V1Deployment, V1Pod } from "@kubernetes/client-node";

/** How many replicas a Deployment has and wants. */
export interface ReplicaCounts {
  /** `spec.replicas`: what the autoscaler asked for. */
  desired: number;
  /** `status.readyReplicas`: pods that take requests. */
  ready: number;
  /** Replicas asked for that are not ready: to be created, to be scheduled, or starting. */
  pending: number;
  /** Of the pending ones, those for which no node has room. */
  unscheduled: number;
}

/** Counts of no Deployment: it is not there yet, or not any more. */
export const noReplicas: ReplicaCounts = { desired: 0, ready: 0, pending: 0, unscheduled: 0 };

export function replicaCounts(deployment: V1Deployment, pods: V1Pod[]): ReplicaCounts {
  // The API server sets `spec.replicas` to 1 when it is not given.
  const desired = deployment.spec?.replicas ?? 1;
  const ready = deployment.status?.readyReplicas ?? 0;
  return { desired, ready, pending: Math.max(0, desired - ready), unscheduled: pods.filter(isUnschedulable).length };
}

function isUnschedulable(pod: V1Pod): boolean {
  const scheduled = pod.status?.conditions?.find((condition) => condition.type === "PodScheduled");
  return pod.metadata?.deletionTimestamp === undefined && scheduled?.status === "False";
}
