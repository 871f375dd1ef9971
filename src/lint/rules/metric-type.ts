import { tolerancePercent } from "../../policy/saturation";
import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import type { Report } from "../finding";
import { Severity } from "../finding";
import type { Rule } from "../rule";
import { maxReplicasOf } from "../signals/reach";
import {
  averageValueReplicas,
  hasFormula,
  type ScalingMetric,
  scalingMetricsOf,
  thresholdOf,
} from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import { itlQuery, scaledObjectExample } from "./examples";

const itlLines = `query: ${itlQuery}
threshold: "68"
ignoreNullValues: "false"`;

const sources = [
  "kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go, GetExternalPerPodMetricReplicas and GetExternalMetricReplicas",
  "kedacore/keda pkg/scalers/scaler.go, GetMetricTargetType",
];

const intensiveAverageValue: Rule = {
  id: "intensive-average-value",
  title: "A mean, share or quantile is divided by the replicas",
  severity: Severity.Error,
  kinds: ["ScaledObject", "HorizontalPodAutoscaler", "LLMInferenceService"],
  happens:
    "The number of replicas does not depend on how many there are: `ceil(value / threshold)`. A share of 0 to 1 with threshold 0.6 never asks for more than 2, and a latency has to be many times the objective before it asks for a few. Of an HPA's `External` and `Object` metrics only the name tells what they are, so these are warnings; a metric of type `Pods` is right with either.",
  why: "KEDA's default metric type is `AverageValue`, for which the HPA divides the value by the threshold. That is right for sums over replicas. A mean, a share or a quantile is the same for one replica as for ten.",
  sources,
  fix: "Write `metricType: Value` on the trigger, so that the HPA multiplies the ready replicas by `value / threshold`; or sum over replicas.",
  bad: scaledObjectExample({ trigger: "name: itl", metadata: itlLines }),
  good: scaledObjectExample({ trigger: "name: itl\nmetricType: Value", metadata: itlLines }),
  *check(object: LintedObject): Generator<Report> {
    const most = maxReplicasOf(object);
    if (hasFormula(object)) return;
    for (const metric of scalingMetricsOf(object)) {
      if (metric.metricType !== MetricType.AverageValue || metric.signal?.extent !== "intensive") continue;
      const at = metric.metricTypeField?.exists ? metric.metricTypeField : metric.field;
      const { metricTypeField } = metric;
      if (metric.isNameOnly) {
        yield {
          at,
          isAssumed: true,
          message: `${sentence(metric)} ${reachText(metric, most)} By its name it is ${metric.signal.because}; it is right only if the adapter's query adds it up over the replicas.`,
          fix: "Write target.type: Value with value, or scale by running and waiting requests.",
        };
        continue;
      }
      yield {
        at,
        message: `${sentence(metric)} ${reachText(metric, most)}`,
        fix: `Write metricType: Value on the trigger: the query is intensive (${metric.signal.because}).`,
        ...(metricTypeField === undefined
          ? {}
          : {
              edits: [
                { kind: metricTypeField.exists ? "set" : "add", path: metricTypeField.path, value: MetricType.Value },
              ],
            }),
      };
    }
  },
};

function sentence(metric: ScalingMetric): string {
  return `The HPA divides ${metric.title} by its threshold, whatever runs: it asks for ceil(value / ${metric.threshold.scalarText ?? "threshold"}) replicas.`;
}

/** What a metric under `AverageValue` can ask for, in numbers. */
function reachText(metric: ScalingMetric, most: number): string {
  const threshold = thresholdOf(metric);
  if (threshold === undefined || threshold <= 0) return "";
  const max = metric.signal?.range.max ?? Number.POSITIVE_INFINITY;
  if (Number.isFinite(max)) {
    return `The value is at most ${figure(max, 3)}, so it can never ask for more than ${averageValueReplicas(max, threshold)}.`;
  }
  const second = (threshold * (100 + tolerancePercent)) / 100;
  const forTwo = `It asks for 2 above ${figure(second, 3)}, beyond the HPA's tolerance`;
  if (most <= 2) return `${forTwo}.`;
  return `${forTwo}, and for ${most} only above ${figure(threshold * (most - 1), 3)}, ${most - 1} times the threshold.`;
}

const extensiveValue: Rule = {
  id: "extensive-value",
  title: "A sum over replicas multiplies the replicas",
  severity: Severity.Error,
  kinds: ["ScaledObject", "HorizontalPodAutoscaler", "LLMInferenceService"],
  happens:
    "The load is counted twice: the same waiting requests ask for more replicas the more there already are. 8 waiting with threshold 2 ask for 8 replicas when 2 are ready, and for 16 when 4 are.",
  why: "With `Value` the HPA multiplies the ready replicas by `value / threshold`. A sum over replicas already is the whole load.",
  sources,
  fix: "Write `metricType: AverageValue`, KEDA's default, so that the HPA asks for `ceil(value / threshold)`.",
  bad: scaledObjectExample({ trigger: "name: in-flight\nmetricType: Value" }),
  good: scaledObjectExample({ trigger: "name: in-flight\nmetricType: AverageValue" }),
  *check(object: LintedObject): Generator<Report> {
    if (hasFormula(object)) return;
    for (const metric of scalingMetricsOf(object)) {
      if (metric.metricType !== MetricType.Value || metric.signal?.extent !== "extensive" || !metric.metricTypeField)
        continue;
      const threshold = thresholdOf(metric);
      const example =
        threshold === undefined || threshold <= 0
          ? ""
          : ` A value of ${figure(4 * threshold)} asks for 8 replicas when 2 are ready and for 16 when 4 are, where 4 are needed.`;
      yield {
        at: metric.metricTypeField,
        message: `The HPA multiplies the ready replicas by ${metric.title}, which already is the whole load (${metric.signal.because}).${example}`,
        ...(metric.isNameOnly
          ? {
              isAssumed: true,
              fix: "Write target.type: AverageValue with averageValue, unless the adapter's query is a mean or the most of one replica.",
            }
          : {
              fix: "Write metricType: AverageValue.",
              edits: [{ kind: "set", path: metric.metricTypeField.path, value: MetricType.AverageValue }],
            }),
      };
    }
  },
};

export const metricTypeRules: readonly Rule[] = [intensiveAverageValue, extensiveValue];
