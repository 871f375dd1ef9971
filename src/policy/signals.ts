import type { MetricSelector } from "./policy-input";
import { bucketEdge, clampMax, type Matcher, rate, selector, sum } from "./promql";
import { MetricType } from "./scaled-object";
import type { LatencyKind } from "./slo";
import { defaultMetricPrefix, generatedTokensCounter, type LatencyHistogram, schedulerGauges } from "./vllm-metrics";

/**
 * How a signal behaves when replicas are added, which alone decides the metric type:
 * - `extensive`: a sum over replicas, proportional to the load, the same however many replicas share it. The HPA must
 *   divide it by the replicas (`AverageValue`); with `Value` eight waiting requests would ask for more replicas the more
 *   there already are.
 * - `intensive`: a property of the service such as a latency or a share. The HPA must multiply the ready replicas by it
 *   (`Value`); with `AverageValue` the proposal would be the same few replicas at any size.
 */
export type Extent = "extensive" | "intensive";

export const metricTypeOf: Record<Extent, MetricType> = {
  extensive: MetricType.AverageValue,
  intensive: MetricType.Value,
};

/** Something a trigger can scale by: a query that returns exactly one element while any replica is scraped. */
export interface Signal {
  id: "inFlight" | "inFlightTrend" | LatencyKind;
  unit: "requests" | "percent of the allowed misses";
  extent: Extent;
  query: string;
}

/**
 * Requests inside vLLM, running and waiting, over all replicas.
 *
 * Under the HPA: `AverageValue`, so `desired = ceil(requests / threshold)`, whatever runs now, and nothing changes within
 * 10 % of `threshold` a replica. It leads latency (a request is counted when it arrives, its latency when it is late),
 * does not fall when replicas are added as the waiting queue alone does, and tells by how much to grow in one step.
 * No load is 0, which asks for the minimum; no series (monitoring broken, no replica yet) is an empty result, which
 * KEDA takes for an error because `ignoreNullValues` is false.
 */
export function inFlight(metrics: MetricSelector): Signal {
  return { id: "inFlight", unit: "requests", extent: "extensive", query: `${running(metrics)} + ${waiting(metrics)}` };
}

/**
 * What the latency guard is compared with, in percent of the allowed misses. 100 means the objective is exactly missed.
 * The HPA ignores deviations of up to 10 %, so it acts above 1.1 times the threshold: 90 is the largest whole number
 * for which that is still within the objective (99).
 */
export const guardThreshold = Math.floor(100 / 1.1);

/** Twice the threshold: the guard alone never asks for more than twice the ready replicas. */
const guardMaximum = 2 * guardThreshold;

/**
 * Misses of a latency objective in percent of those it allows: `100 * (share above the bound) / (1 - quantile)`. 0 is
 * "no observation too slow", 100 is "the quantile is exactly at the bound". Exact, since it counts at a bucket edge.
 *
 * Why not the quantile itself: inside a bucket `histogram_quantile` interpolates. With every gap between 50 and 75 ms,
 * the bucket of a loaded replica, the median reads 62.5 ms, be it 51 or 74. Compared with 68 (75 / 1.1) that is within
 * the HPA's tolerance: it would propose "as many as now" for ever and no scale-down would happen; a bound in the lower
 * part of a bucket would read as missed at any load and pin the service at its maximum.
 *
 * Under the HPA: `Value`, so `desired = ceil(ready * percent / 90)` outside of 81 to 99 percent.
 * - Below 81 it proposes at most as many replicas as are ready, so it does not keep a large service large: the in-flight
 *   trigger decides. The HPA counts those that terminate as ready until they stop, so while some drain the proposal can
 *   exceed the replicas wanted, by at most their number, and take back a part of the scale-down.
 * - From 81 to 99 it proposes what is there: it blocks scaling down while the objective is nearly missed.
 * - Above 99 it adds replicas, at most as many as are ready (those that terminate included), because the value is
 *   capped at 180. Replicas that are not ready do not count, so the proposal does not compound while new ones load; nor
 *   does it fall below what was asked for, because the scale-down window outlasts the start.
 *
 * No traffic, or none that has finished yet, gives 0 / 0 = NaN, which `>= 0` drops and the right side of `or` replaces by
 * 0. It does not where tokens are generated but the bucket does not exist (another vLLM release than declared, other
 * buckets, a hidden metric): that would read as idle for ever. Then, and where there is no series at all, both sides are
 * empty: an error, not an idle service.
 */
export function missesOfAllowed(metrics: MetricSelector, guard: LatencyGuard): Signal {
  const bucket = matchers(metrics).concat(bucketEdge(guard.edgeSeconds));
  const good = sum(rate(selector(metricName(metrics, `${guard.histogram.name}_bucket`), bucket), guard.windowSeconds));
  const all = sum(
    rate(selector(metricName(metrics, `${guard.histogram.name}_count`), matchers(metrics)), guard.windowSeconds),
  );
  const generated = sum(
    rate(selector(metricName(metrics, generatedTokensCounter), matchers(metrics)), guard.windowSeconds),
  );
  const percent = `100 * (1 - ${good} / ${all}) / ${allowedShare(guard.quantile)}`;
  const idle = `0 * ${running(metrics)} unless (${generated} > 0 unless ${good})`;
  return {
    id: guard.kind,
    unit: "percent of the allowed misses",
    extent: "intensive",
    query: `(${clampMax(percent, guardMaximum)} >= 0) or (${idle})`,
  };
}

/**
 * `signal`, with 0 in the place of "no series". Only where another trigger sees the requests: without a replica there is nothing
 * to scrape, and that is no error; but a Prometheus that scrapes nothing reads the same.
 */
export function zeroWithoutReplicas(metrics: MetricSelector, signal: Signal): Signal {
  return { ...signal, query: `(${signal.query}) or (vector(0) unless ${running(metrics)})` };
}

/** What the guard of one objective counts, and over which time. */
export interface LatencyGuard {
  kind: LatencyKind;
  histogram: LatencyHistogram;
  /** The bound, as an edge of the histogram. */
  edgeSeconds: number;
  quantile: number;
  /** How the objective says it. */
  statedAs: "quantile" | "goodRatio";
  /** What is observed. */
  counts: "tokens" | "requests";
  windowSeconds: number;
}

/** `1 - quantile`, without the last digits that binary fractions add: 0.1 rather than 0.09999999999999998. */
export function allowedShare(quantile: number): number {
  return Number((1 - quantile).toPrecision(6));
}

/** One series or more for each replica that is scraped. */
export function runningSeries(metrics: MetricSelector): string {
  return selector(metricName(metrics, schedulerGauges.running), matchers(metrics));
}

function running(metrics: MetricSelector): string {
  return sum(runningSeries(metrics));
}

function waiting(metrics: MetricSelector): string {
  return sum(selector(metricName(metrics, schedulerGauges.waiting), matchers(metrics)));
}

function metricName(metrics: MetricSelector, name: string): string {
  return `${metrics.metricPrefix ?? defaultMetricPrefix}${name}`;
}

/** The namespace is always matched: the same model may be served in another one, and one Prometheus sees both. */
function matchers(metrics: MetricSelector): Matcher[] {
  const { namespace, modelName, podRegex, labels = {} } = metrics;
  return [
    { label: "namespace", operator: "=", value: namespace },
    ...(modelName === undefined ? [] : [{ label: "model_name", operator: "=", value: modelName } as const]),
    ...(podRegex === undefined ? [] : [{ label: "pod", operator: "=~", value: podRegex } as const]),
    ...Object.entries(labels).map(([label, value]) => ({ label, operator: "=", value }) as const),
  ];
}
