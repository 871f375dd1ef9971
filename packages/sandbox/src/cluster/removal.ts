import type { V1Pod } from "@kubernetes/client-node";

/** When the process of a removed pod may and must end. Milliseconds since the epoch. */
export interface RemovalTimes {
  /** The preStop hook's sleep is over and the kubelet sends SIGTERM. */
  terminateAt: number;
  /** The grace period is over and the kubelet kills what is left. */
  killAt: number;
}

/** Undefined for a pod that is not being removed. Other preStop hooks than `sleep` take no time here. */
export function removalTimes(pod: V1Pod): RemovalTimes | undefined {
  const deletionTimestamp = pod.metadata?.deletionTimestamp;
  if (deletionTimestamp === undefined) return undefined;
  // The API server writes the end of the grace period there.
  const killAt = new Date(deletionTimestamp).getTime();
  const graceMs = (pod.metadata?.deletionGracePeriodSeconds ?? 0) * 1000;
  const sleeps = pod.spec?.containers.map((container) => container.lifecycle?.preStop?.sleep?.seconds ?? 0) ?? [];
  const preStopMs = Math.max(0, ...sleeps) * 1000;
  return { terminateAt: Math.min(killAt, killAt - graceMs + preStopMs), killAt };
}
