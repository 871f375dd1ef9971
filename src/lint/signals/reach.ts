import { missingMetrics } from "../../policy/query-signal/missing-metrics";
import { tolerancePercent } from "../../policy/saturation";
import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import { formatVersion, type Version } from "../../policy/version";
import type { LintedObject } from "../source/linted-object";
import { averageValueReplicas, type ScalingMetric, scalingMetricsOf, thresholdOf } from "./scaling-metric";

/** The most replicas that a metric can ever ask for, and why no more or what it takes. */
export interface Reach {
  replicas: number;
  because: string;
}

/** The most replicas of an object, KEDA's default filled in. */
export function maxReplicasOf(object: LintedObject): number {
  const field =
    object.kind === "ScaledObject"
      ? object.get("spec", "maxReplicaCount")
      : object.get("spec", "predictor", "maxReplicas");
  return field.number ?? 100;
}

/** What each metric of an object can ask for with a release of vLLM. */
export function reachesOf(object: LintedObject, vllm: Version): { metric: ScalingMetric; reach: Reach }[] {
  const most = maxReplicasOf(object);
  return scalingMetricsOf(object).map((metric) => ({ metric, reach: reachOf(metric, most, vllm) }));
}

function reachOf(metric: ScalingMetric, most: number, vllm: Version): Reach {
  const { expression, signal } = metric;
  const threshold = thresholdOf(metric);
  if (expression === undefined || signal === undefined || threshold === undefined || threshold <= 0) {
    return { replicas: 0, because: "query or threshold is none" };
  }
  const [missing] = missingMetrics(expression, vllm);
  if (missing !== undefined) {
    return { replicas: 0, because: `vLLM ${formatVersion(vllm)} has no \`${missing.name}\`, which KEDA reads as 0` };
  }
  return metric.metricType === MetricType.Value
    ? ofValue(signal.range.max, threshold, most)
    : ofAverageValue(metric, signal.range.max, threshold, most);
}

/** The HPA multiplies the ready replicas by value over threshold, again and again. */
function ofValue(highest: number, threshold: number, most: number): Reach {
  return highest / threshold > 1 + tolerancePercent / 100
    ? { replicas: most, because: "more as long as the value is above the threshold and its tolerance" }
    : { replicas: 1, because: `the value is at most ${figure(highest, 3)}, within the tolerance of the threshold` };
}

/** The HPA asks for value over threshold, whatever runs. */
function ofAverageValue({ signal }: ScalingMetric, highest: number, threshold: number, most: number): Reach {
  if (Number.isFinite(highest)) {
    const asked = averageValueReplicas(highest, threshold);
    return { replicas: Math.min(most, asked), because: `the value is at most ${figure(highest, 3)}` };
  }
  const all = figure(threshold * (most - 1), 3);
  return signal?.extent === "extensive"
    ? { replicas: most, because: `one for every ${figure(threshold, 3)}` }
    : { replicas: most, because: `all of them only above ${all}, ${most - 1} times the threshold` };
}
