import { vllmNameOf } from "../../policy/query-signal/classify";
import { valueWithoutSeries } from "../../policy/query-signal/without-series";
import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import { formatVersion, isAtLeast, type Version } from "../../policy/version";
import { isOfRouter } from "../../policy/vllm-metric-catalogue";
import { selectorsOf } from "../../promql";
import { type Report, Severity } from "../finding";
import type { LintContext, Rule } from "../rule";
import { type ScalingMetric, scalingMetricsOf, thresholdOf } from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import {
  behaviorLines,
  inFlightQuery,
  itlQuery,
  replicaLines,
  scaledObjectExample,
  selector,
  specLines,
} from "./examples";

/** KEDA counts NaN as nothing, as it does Inf, since then (kedacore/keda pull request 7522). */
const kedaReadsNaN: Version = [2, 20, 0];
/** KEDA applies the fallback to triggers of type `Value` since then (kedacore/keda issue 6655). */
const kedaFallsBackOnValue: Version = [2, 18, 0];
const kedaBehaviors: Version = [2, 17, 0];

export function minReplicasOf(object: LintedObject): number {
  return object.get("spec", "minReplicaCount").number ?? 0;
}

/** Whether a trigger may bring the first replica: one that sees more than pods that run. */
export function canWake(object: LintedObject): boolean {
  const triggers = object.get("spec", "triggers").items();
  const types = triggers.flatMap((trigger) => trigger.get("type").text ?? []);
  return (
    types.some((type) => !["prometheus", "cpu", "memory"].includes(type)) ||
    scalingMetricsOf(object).some(seesMoreThanPods)
  );
}

/** A metric that is not of vLLM's engines may come from anywhere, and numbers are always there. */
function seesMoreThanPods({ expression }: ScalingMetric): boolean {
  if (expression === undefined) return true;
  const selectors = selectorsOf(expression);
  const names = selectors.map(vllmNameOf);
  return names.length === 0 || names.some((name) => name === undefined || isOfRouter(name));
}

const nullValues: Rule = {
  id: "outage-reads-as-idle",
  modelsOnly: true,
  title: "A metric that is gone reads as no load",
  severity: Severity.Error,
  kinds: ["ScaledObject"],
  happens:
    "When Prometheus loses the pods, or a query finds nothing any more, the trigger asks for the minimum: the service is scaled in while it serves, and no object shows an error.",
  why: '`ignoreNullValues` is `"true"` unless it is written: an empty result, Inf, and NaN since KEDA 2.20, become 0 without an error. `or vector(0)` does the same within the query.',
  sources: [
    "kedacore/keda pkg/scalers/prometheus_scaler.go, ignoreNullValues",
    "https://github.com/kedacore/keda/issues/3065",
  ],
  fix: 'Write `ignoreNullValues: "false"` and a fallback, with a query that gives 0 and not nothing when the service is idle.',
  bad: scaledObjectExample({ metadata: `query: ${inFlightQuery}\nthreshold: "5"` }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    // At no replica there is nothing to scrape, and that is no outage.
    if (minReplicasOf(object) === 0) return;
    const min = minReplicasOf(object);
    for (const metric of scalingMetricsOf(object)) {
      if (metric.expression !== undefined && valueWithoutSeries(metric.expression) === 0) {
        yield {
          at: metric.query,
          message: `When ${metric.title} finds no series, the query itself gives 0, whatever ignoreNullValues says: the HPA scales in to ${min}, though the service is at work and only its monitoring is not.`,
          fix: "Write 0 * sum(vllm:num_requests_running{...}) in the place of vector(0): it is 0 only while pods are scraped. A sum over gauges needs neither.",
        };
        continue;
      }
      const field = metric.field.get("metadata", "ignoreNullValues");
      if (field.scalarText === "false") continue;
      const idleSafe = metric.signal?.canBeNaN === false;
      yield {
        at: field.exists ? field : metric.field,
        message: `When ${metric.title} finds no series, KEDA reads 0 and the HPA scales in to ${min}, though the service is at work and only its monitoring is not.`,
        fix: 'Write ignoreNullValues: "false"; the HPA then stays where it is, and the fallback takes over.',
        ...(idleSafe ? { edits: [{ kind: field.exists ? "set" : "add", path: field.path, value: "false" }] } : {}),
      };
    }
  },
};

const nanWhenIdle: Rule = {
  id: "nan-when-idle",
  modelsOnly: true,
  title: "The query has no value when nobody asks",
  severity: Severity.Warning,
  kinds: ["ScaledObject"],
  happens:
    'A quiet minute looks like an outage. With `ignoreNullValues: "false"` the trigger fails, the HPA stops scaling in and the fallback starts; before KEDA 2.20 NaN even becomes a huge negative number.',
  why: "A quantile or a ratio of rates is 0 / 0 = NaN without traffic.",
  sources: ["prometheus/prometheus promql/quantile.go", "https://github.com/kedacore/keda/issues/7475"],
  fix: "Let the query give 0 when the service is idle: `(<query> > 0) or (0 * sum(vllm:num_requests_running{...}))`. A comparison drops NaN, and the right side is only there while pods are scraped.",
  bad: scaledObjectExample({
    trigger: "name: itl\nmetricType: Value",
    metadata: `query: 1000 * histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket${selector}[2m])))\nthreshold: "68"\nignoreNullValues: "false"`,
  }),
  good: scaledObjectExample({
    trigger: "name: itl\nmetricType: Value",
    metadata: `query: ${itlQuery}\nthreshold: "68"\nignoreNullValues: "false"`,
  }),
  *check(object: LintedObject, { versions: { keda } }: LintContext): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      if (metric.signal?.canBeNaN !== true) continue;
      const field = metric.field.get("metadata", "ignoreNullValues");
      const old = !isAtLeast(keda, kedaReadsNaN);
      if (field.scalarText !== "false" && !old) continue;
      yield {
        at: metric.query,
        message: old
          ? `${metric.title} is NaN without traffic, which KEDA ${formatVersion(keda)} turns into about -9.2e18 / 1000, whatever ignoreNullValues says.`
          : `${metric.title} is NaN without traffic, which KEDA takes for an error: an idle service is not scaled in, and after the failure threshold the fallback decides.`,
        fix: "Write (<query> > 0) or (0 * sum(vllm:num_requests_running{...})).",
      };
    }
  },
};

const noFallback: Rule = {
  id: "no-fallback",
  modelsOnly: true,
  title: "Nothing decides when a metric fails for long",
  severity: Severity.Warning,
  kinds: ["ScaledObject"],
  happens:
    "While a metric fails, the HPA does not scale in and scales out by the metrics that are left. If all fail, a growing load meets the replicas of the moment of the outage, for as long as it lasts.",
  why: "Without `fallback` KEDA hands every error on to the HPA.",
  sources: [
    "kedacore/keda pkg/fallback/fallback.go",
    "kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go, computeReplicasForMetrics",
  ],
  fix: "Write `fallback: { failureThreshold: 3, replicas: <enough for a usual day>, behavior: currentReplicasIfHigher }`.",
  bad: scaledObjectExample({ spec: [replicaLines, behaviorLines].join("\n") }),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const fallback = object.get("spec", "fallback");
    if (fallback.exists || scalingMetricsOf(object).length === 0) return;
    yield {
      at: object.get("spec", "fallback"),
      message:
        "There is no fallback: when Prometheus fails, the replicas stay as they are at that moment, until it is back.",
      fix: "Add fallback with failureThreshold, replicas and behavior: currentReplicasIfHigher.",
    };
  },
};

const fallbackScalesIn: Rule = {
  id: "fallback-scales-in",
  modelsOnly: true,
  title: "The fallback takes replicas away from a service that works",
  severity: Severity.Error,
  kinds: ["ScaledObject"],
  happens:
    "An outage of Prometheus at peak scales the service in to the fallback's replicas, within a minute and a half.",
  why: "The behaviour `static`, KEDA's default, makes the HPA compute exactly `fallback.replicas`, whatever runs.",
  sources: ["kedacore/keda pkg/fallback/fallback.go"],
  fix: "Write `behavior: currentReplicasIfHigher` (KEDA 2.17 or newer), or `replicas` equal to `maxReplicaCount`.",
  bad: scaledObjectExample({ spec: specLines.replace("\n  behavior: currentReplicasIfHigher", "") }),
  good: scaledObjectExample(),
  *check(object: LintedObject, { versions: { keda } }: LintContext): Generator<Report> {
    const fallback = object.get("spec", "fallback");
    const replicas = fallback.get("replicas").number;
    const max = object.get("spec", "maxReplicaCount").number ?? 100;
    const behavior = fallback.get("behavior");
    if (replicas === undefined || replicas >= max) return;
    const takesAway = behavior.text ?? "static";
    if (takesAway !== "static" && takesAway !== "currentReplicasIfLower") return;
    const canEdit = isAtLeast(keda, kedaBehaviors);
    yield {
      at: behavior.exists ? behavior : fallback.get("replicas"),
      message: `With ${max} replicas at work, a failing metric scales in to ${replicas} (behavior ${takesAway}).`,
      fix: canEdit
        ? "Write behavior: currentReplicasIfHigher."
        : `Write replicas: ${max}; KEDA ${formatVersion(keda)} knows no other behavior.`,
      ...(canEdit
        ? { edits: [{ kind: behavior.exists ? "set" : "add", path: behavior.path, value: "currentReplicasIfHigher" }] }
        : {}),
    };
  },
};

const fallbackIgnored: Rule = {
  id: "fallback-without-effect",
  title: "This release of KEDA does not apply the fallback",
  severity: Severity.Error,
  kinds: ["ScaledObject"],
  happens:
    "The fallback is written and never used. With a fractional threshold KEDA before 2.18 even reports 0 and scales in.",
  why: "Before 2.18 KEDA has no fallback for triggers of type `Value`, which matters where no trigger of type `AverageValue` beside them falls back, and casts the threshold to a whole number. With `scalingModifiers`, every release drops the fallback when the target is no whole number.",
  sources: [
    "kedacore/keda pkg/fallback/fallback.go, HasValidFallback and doFallback",
    "https://github.com/kedacore/keda/issues/6655",
  ],
  fix: "Use KEDA 2.18 or newer, and whole numbers as thresholds and targets: milliseconds or percent.",
  bad: scaledObjectExample({
    spec: specLines.replace(
      "advanced:",
      'advanced:\n  scalingModifiers:\n    formula: "latency"\n    target: "0.07"\n    metricType: Value',
    ),
    trigger: "name: latency\nmetricType: Value",
    metadata: `query: ${itlQuery}\nthreshold: "68"\nignoreNullValues: "false"`,
  }),
  good: scaledObjectExample({
    spec: specLines.replace(
      "advanced:",
      'advanced:\n  scalingModifiers:\n    formula: "latency"\n    target: "68"\n    metricType: Value',
    ),
    trigger: "name: latency\nmetricType: Value",
    metadata: `query: ${itlQuery}\nthreshold: "68"\nignoreNullValues: "false"`,
  }),
  *check(object: LintedObject, { versions: { keda } }: LintContext): Generator<Report> {
    const fallback = object.get("spec", "fallback");
    if (!fallback.exists) return;
    const target = object.get("spec", "advanced", "scalingModifiers", "target");
    if (target.scalarText !== undefined && !/^\d+$/.test(target.scalarText)) {
      yield {
        at: target,
        message: `KEDA reads the target ${target.scalarText} as a whole number, fails, and drops the fallback without a word.`,
        fix: "Express the composite metric so that its target is a whole number, such as milliseconds.",
      };
    }
    if (isAtLeast(keda, kedaFallsBackOnValue)) return;
    const metrics = scalingMetricsOf(object);
    // A failed metric only keeps the HPA from scaling in, and one that falls back beside it keeps the replicas.
    const kept = metrics.some(
      (metric) => metric.metricType === MetricType.AverageValue && Number.isInteger(thresholdOf(metric) ?? 1),
    );
    for (const metric of metrics) {
      const threshold = thresholdOf(metric) ?? 1;
      const byType = metric.metricType === MetricType.Value;
      if (byType ? kept : Number.isInteger(threshold)) continue;
      yield {
        at: (byType ? metric.metricTypeField : metric.threshold) ?? metric.field,
        message: byType
          ? `KEDA ${formatVersion(keda)} has no fallback for triggers of type Value: ${metric.title} only fails.`
          : `KEDA ${formatVersion(keda)} casts the threshold ${figure(threshold, 4)} to ${Math.trunc(threshold)}: its fallback reports ${Math.trunc(threshold)} times the replicas, which scales in.`,
        fix: "Use KEDA 2.18 or newer.",
      };
    }
  },
};

export const outageRules: readonly Rule[] = [nullValues, nanWhenIdle, noFallback, fallbackScalesIn, fallbackIgnored];
