import type { EventsV1Event } from "@kubernetes/client-node";

/** A Kubernetes event, without what only the API needs. */
export interface ClusterEvent {
  uid: string;
  /** When it happened first, in milliseconds since the epoch. */
  at: number;
  /** When it happened last. */
  lastAt: number;
  /** How often. */
  count: number;
  type: "Normal" | "Warning";
  /** Machine-readable, e.g. `SuccessfulRescale`. */
  reason: string;
  note: string;
  /** What it is about, e.g. `HorizontalPodAutoscaler/keda-hpa-llama`. */
  object: string;
  /** Who reported it, e.g. `horizontal-pod-autoscaler`. */
  reporter: string;
}

/**
 * Reads an event of `events.k8s.io/v1`. Which times are set depends on who reported it: the newer recorders set
 * `eventTime` and `series`, the older ones only the deprecated timestamps, and KEDA leaves the last of those null.
 */
export function readEvent(event: EventsV1Event): ClusterEvent {
  const created = millisecondsOf(event.metadata?.creationTimestamp);
  const first = millisecondsOf(event.eventTime) ?? millisecondsOf(event.deprecatedFirstTimestamp) ?? created ?? 0;
  const last = millisecondsOf(event.series?.lastObservedTime) ?? millisecondsOf(event.deprecatedLastTimestamp) ?? first;
  return {
    uid: event.metadata?.uid ?? "",
    at: first,
    lastAt: Math.max(first, last),
    count: event.series?.count ?? event.deprecatedCount ?? 1,
    type: event.type === "Warning" ? "Warning" : "Normal",
    reason: event.reason ?? "",
    note: event.note ?? "",
    object: `${event.regarding?.kind ?? ""}/${event.regarding?.name ?? ""}`,
    reporter: event.reportingController || event.deprecatedSource?.component || "",
  };
}

/**
 * The events known so far with those just listed, in the order of time. An event that is reported again keeps its uid,
 * and the newer reading replaces the older one; one that the API server has forgotten stays.
 */
export function mergeEvents(known: ClusterEvent[], listed: ClusterEvent[]): ClusterEvent[] {
  const byUid = new Map([...known, ...listed].map((event) => [event.uid, event]));
  return [...byUid.values()].sort((a, b) => a.at - b.at);
}

/** The client's types say Date, but it hands on `MicroTime` as the string or null that the API server sent. */
function millisecondsOf(time: Date | string | null | undefined): number | undefined {
  return time === null || time === undefined ? undefined : new Date(time).getTime();
}
