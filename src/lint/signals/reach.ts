import { exactly, type Interval, union } from "../../policy/query-signal/interval";
import { missingMetrics } from "../../policy/query-signal/missing-metrics";
import { tolerancePercent } from "../../policy/saturation";
import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import { formatVersion, type Version } from "../../policy/version";
import type { Expression } from "../../promql";
import type { LintedObject } from "../source/linted-object";
import { formulaRange } from "./formula";
import { averageValueReplicas, numberOf, type ScalingMetric, scalingMetricsOf, thresholdOf } from "./scaling-metric";

/** The most replicas that a metric can ever ask for, and why no more or what it takes. */
export interface Reach {
  replicas: number;
  because: string;
}

/** The most replicas of an object, KEDA's default filled in. */
export function maxReplicasOf(object: LintedObject): number {
  const places: Readonly<Record<string, readonly string[]>> = {
    ScaledObject: ["maxReplicaCount"],
    HorizontalPodAutoscaler: ["maxReplicas"],
    LLMInferenceService: ["scaling", "maxReplicas"],
  };
  return object.get("spec", ...(places[object.kind] ?? ["predictor", "maxReplicas"])).number ?? 100;
}

/** What each metric of an object can ask for with a release of vLLM. */
export function reachesOf(object: LintedObject, vllm: Version): { metric: ScalingMetric; reach: Reach }[] {
  const most = maxReplicasOf(object);
  return scalingMetricsOf(object).map((metric) => ({ metric, reach: reachOf(metric, most, vllm) }));
}

/**
 * The most replicas that the formula of a ScaledObject can ask for: by the values that its triggers can have, an upper bound.
 * `undefined` where it has none.
 */
export function formulaReachOf(object: LintedObject, vllm: Version): Reach | undefined {
  const modifiers = object.get("spec", "advanced", "scalingModifiers");
  const formula = modifiers.get("formula").text;
  const target = numberOf(modifiers.get("target"));
  if (formula === undefined || target === undefined || target <= 0) return undefined;
  const most = maxReplicasOf(object);
  const triggers = new Map(
    scalingMetricsOf(object).flatMap((metric) => {
      const name = metric.field.get("name").text;
      return name === undefined ? [] : [[name, valuesOf(metric, object, vllm)]];
    }),
  );
  const { max } = formulaRange(formula, triggers);
  if (modifiers.get("metricType").text === MetricType.Value) return ofValue(max, target, most);
  if (!Number.isFinite(max)) return { replicas: most, because: "nothing bounds its value" };
  const bounded = [...triggers].filter(([, { max }]) => Number.isFinite(max));
  const known = bounded.map(([name, range]) => `\`${name}\` of at most ${figure(range.max, 3)}`).join(", ");
  const because = `with ${known || "any value of its triggers"} its value is at most ${figure(max, 3)}`;
  return { replicas: Math.min(most, averageValueReplicas(max, target)), because };
}

/** What KEDA hands the formula of a trigger: 0 for what is not there, unless that is an error. */
function valuesOf({ expression, signal, field }: ScalingMetric, object: LintedObject, vllm: Version): Interval {
  if (expression === undefined || signal === undefined || missingMetrics(expression, vllm).length > 0)
    return exactly(0);
  const range = asksForReplicasOf(object, expression) ? { min: 0, max: maxReplicasOf(object) } : signal.range;
  return field.get("metadata", "ignoreNullValues").scalarText === "false" ? range : union(range, exactly(0));
}

/** Whether a query asks how many replicas are wanted of the Deployment that is scaled: never more than the HPA may ask for. */
function asksForReplicasOf(object: LintedObject, expression: Expression): boolean {
  if (expression.type === "aggregation") return asksForReplicasOf(object, expression.expression);
  const target = object.get("spec", "scaleTargetRef", "name").text;
  return (
    expression.type === "vectorSelector" &&
    expression.metric === "kube_deployment_spec_replicas" &&
    expression.matchers.some(
      ({ label, operator, value }) => label === "deployment" && operator === "=" && value === target,
    )
  );
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
