import type { ClusterSample, GapObjective, LoadEvent } from "@vllm-serving/sandbox";
import { median } from "simple-statistics";
import { LoadPhaseName } from "./demo-load";

/** One second of the demo. */
export interface TimelinePoint {
  /** Seconds since the load began. */
  t: number;
  /** Replicas the autoscaler asked for. */
  desired: number;
  ready: number;
  /** Asked for and not ready. */
  pending: number;
  /** Of the pending ones, those no node has room for. */
  unscheduled: number;
  /** Requests sent a second, mean of the last `windowSeconds`. */
  rps: number;
  /** Median gap between tokens of the last `windowSeconds` as the clients saw it; null without tokens. */
  itlP50Ms: number | null;
  /** The same of the last half minute from the servers' histograms, interpolated between bucket edges. */
  serverItlP50Ms: number | null;
  running: number;
  waiting: number;
}

/** A gap between two tokens of one request, and when it ended, in milliseconds since the load began. */
export interface TokenGap {
  atMs: number;
  gapMs: number;
}

/** Seconds that the rate and the latency of a point look back, and length of a window of the SLO's attainment. */
export const windowSeconds = 10;

/** What the clients saw, gathered from the load's events. */
export class ClientView {
  readonly gaps: TokenGap[] = [];
  private readonly sentAtMs: number[] = [];

  add(event: LoadEvent): void {
    if (event.type === "sent") this.sentAtMs.push(event.atMs);
    else if (event.type === "token" && event.gapMs !== undefined) {
      this.gaps.push({ atMs: event.atMs, gapMs: event.gapMs });
    }
  }

  /** Requests a second and median gap of the `windowSeconds` before `t`, or since the beginning if that is shorter. */
  at(t: number): { rps: number; itlP50Ms: number | null } {
    const sent = this.sentAtMs.filter((atMs) => inWindow(atMs, t)).length;
    const gaps = this.gaps.filter((gap) => inWindow(gap.atMs, t));
    return {
      rps: t <= 0 ? 0 : sent / Math.min(windowSeconds, t),
      itlP50Ms: medianGap(gaps),
    };
  }
}

/** Milliseconds; null of no gaps. */
export function medianGap(gaps: TokenGap[]): number | null {
  return gaps.length === 0 ? null : median(gaps.map((gap) => gap.gapMs));
}

function inWindow(atMs: number, t: number): boolean {
  return atMs > (t - windowSeconds) * 1000 && atMs <= t * 1000;
}

export function timelinePoint(t: number, sample: ClusterSample, clients: ClientView): TimelinePoint {
  const { desired, ready, pending, unscheduled, running, waiting, itlP50Ms } = sample;
  return {
    t: round(t, 1),
    desired,
    ready,
    pending,
    unscheduled,
    running,
    waiting,
    ...rounded(clients.at(t)),
    serverItlP50Ms: itlP50Ms === undefined ? null : round(itlP50Ms, 1),
  };
}

function rounded({ rps, itlP50Ms }: { rps: number; itlP50Ms: number | null }) {
  return { rps: round(rps, 2), itlP50Ms: itlP50Ms === null ? null : round(itlP50Ms, 1) };
}

/**
 * Time-based attainment: the share of the windows of `windowSeconds` with tokens in which at least a share `quantile` of
 * all gaps, over all requests, kept the bound. The objective is on a quantile of the service in a stretch of time, as a
 * dashboard shows it, so time is what is counted; single requests are counted as ok and late. Null without tokens.
 */
export function sloAttainment(gaps: TokenGap[], objective: GapObjective): number | null {
  const windows = new Map<number, number[]>();
  for (const { atMs, gapMs } of gaps) {
    const window = Math.floor(atMs / 1000 / windowSeconds);
    const inside = windows.get(window);
    if (inside === undefined) windows.set(window, [gapMs]);
    else inside.push(gapMs);
  }
  if (windows.size === 0) return null;
  const kept = [...windows.values()].filter((inside) => {
    const within = inside.filter((gapMs) => gapMs <= objective.atMostMs).length;
    return within >= objective.quantile * inside.length;
  });
  return kept.length / windows.size;
}

/** Most replicas that were ready at once. */
export function peakReady(timeline: TimelinePoint[]): number {
  return Math.max(0, ...timeline.map((point) => point.ready));
}

/** Seconds from the end of the peak until one replica was desired and ready for good; null if that was not reached. */
export function secondsToOneReplica(run: {
  timeline: TimelinePoint[];
  phases: { name: string; endSeconds: number }[];
}): number | null {
  const peakEnd = run.phases.find((phase) => phase.name === LoadPhaseName.Peak)?.endSeconds;
  const lastOther = run.timeline.findLastIndex((point) => point.desired !== 1 || point.ready !== 1);
  const first = run.timeline[lastOther + 1];
  return peakEnd === undefined || first === undefined ? null : first.t - peakEnd;
}

/** Whether the last `seconds` of the timeline are there and all show exactly `replicas`, desired and ready. */
export function settledAt(timeline: TimelinePoint[], replicas: number, seconds: number): boolean {
  const end = timeline.at(-1)?.t ?? 0;
  const recent = timeline.filter((point) => point.t > end - seconds);
  const covered = timeline.some((point) => point.t <= end - seconds);
  return covered && recent.every((point) => point.desired === replicas && point.ready === replicas);
}

export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
