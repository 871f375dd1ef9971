import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import { type Report, Severity } from "../finding";
import { classAnnotation, modeAnnotation } from "../kserve";
import type { Rule } from "../rule";
import { averageValueReplicas, scalingMetricsOf, thresholdOf } from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import { inFlightQuery, selector } from "./examples";
import { externalMetric, kedaAnnotations, serviceExample } from "./kserve-examples";

const kinds = ["InferenceService"];
export const kedaReconciler =
  "kserve/kserve pkg/controller/v1beta1/inferenceservice/reconcilers/keda/keda_reconciler.go";
export const validation = "kserve/kserve pkg/apis/serving/v1beta1/inference_service_validation.go";

const nativeIntensive: Rule = {
  id: "kserve-native-intensive",
  title: "KServe divides this metric by the replicas, whatever is written",
  severity: Severity.Error,
  kinds,
  happens:
    "As with `intensive-average-value`: it asks for `ceil(value / target)` replicas at any size, and `target.type: Value` changes nothing.",
  why: "KServe makes the ScaledObject and never writes `metricType`, so KEDA's default `AverageValue` holds.",
  sources: [kedaReconciler, "https://github.com/kserve/kserve/issues/6169"],
  fix: "Scale by a sum, such as running and waiting requests; or use the class `external` and a ScaledObject of your own.",
  bad: serviceExample({
    annotations: kedaAnnotations,
    predictor: externalMetric(`avg(vllm:kv_cache_usage_perc${selector})`, '"0.75"'),
  }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(inFlightQuery, '"5"') }),
  *check(object: LintedObject): Generator<Report> {
    const most = object.get("spec", "predictor", "maxReplicas").number;
    for (const metric of scalingMetricsOf(object)) {
      if (metric.signal?.extent !== "intensive") continue;
      const threshold = thresholdOf(metric);
      const { max } = metric.signal.range;
      const reach =
        threshold === undefined || threshold <= 0
          ? ""
          : Number.isFinite(max)
            ? ` It is at most ${figure(max, 3)}, so never more than ${averageValueReplicas(max, threshold)} are asked for.`
            : most === undefined
              ? ""
              : ` It asks for ${most} only above ${figure(threshold * (most - 1), 3)}, ${most - 1} times the target.`;
      yield {
        at: metric.query,
        message: `KServe leaves the metric type to KEDA's default, ${MetricType.AverageValue}, which divides ${metric.title} (${metric.signal.because}) by the replicas.${reach}`,
        fix: "Scale by a sum over replicas, or use the class external with a ScaledObject of your own.",
      };
    }
  },
};

const behaviorDropped: Rule = {
  id: "kserve-native-behavior",
  title: "KServe passes only the window of the behaviour on",
  severity: Severity.Warning,
  kinds,
  happens: "Policies, `selectPolicy` and `tolerance` are accepted and not in force: replicas go in one step.",
  why: "KServe copies `stabilizationWindowSeconds` of each direction into the ScaledObject, and nothing else. It writes no fallback either.",
  sources: [kedaReconciler],
  fix: "Use the class `external` and a ScaledObject of your own.",
  bad: serviceExample({
    annotations: kedaAnnotations,
    predictor: `${externalMetric(inFlightQuery, '"5"')}\n  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 300\n      policies:\n        - type: Percent\n          value: 25\n          periodSeconds: 60`,
  }),
  good: serviceExample({
    annotations: kedaAnnotations,
    predictor: `${externalMetric(inFlightQuery, '"5"')}\n  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 300`,
  }),
  *check(object: LintedObject): Generator<Report> {
    const scaling = object.get("spec", "predictor", "autoScaling");
    if (scalingMetricsOf(object).length === 0) return;
    for (const direction of ["scaleUp", "scaleDown"]) {
      for (const key of ["policies", "selectPolicy", "tolerance"]) {
        const field = scaling.get("behavior", direction, key);
        if (field.exists)
          yield {
            at: field,
            message: `KServe drops behavior.${direction}.${key}: only stabilizationWindowSeconds reaches KEDA.`,
            fix: "Use the class external with a ScaledObject of your own.",
          };
      }
    }
  },
};

const targetQuantity: Rule = {
  id: "kserve-native-target",
  title: "KEDA cannot read the target",
  severity: Severity.Error,
  kinds,
  happens: "KEDA makes no HPA, or the API server refuses the object.",
  why: "KServe passes the target on as it is written, and KEDA reads a plain number. The definition wants a string or a whole number.",
  sources: [kedaReconciler, validation],
  fix: 'Write a number in quotes: `value: "5"`.',
  bad: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(inFlightQuery, "5.5") }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(inFlightQuery, '"5.5"') }),
  *check(object: LintedObject): Generator<Report> {
    for (const { threshold, title } of scalingMetricsOf(object)) {
      const { number } = threshold;
      if (number === undefined || Number.isInteger(number)) continue;
      yield {
        at: threshold,
        message: `The target ${number} of ${title} is neither a string nor a whole number: the API server refuses it.`,
        fix: `Write "${number}".`,
        edits: [{ kind: "set", path: threshold.path, value: `${number}` }],
      };
    }
  },
};

const misspelledScaling: Rule = {
  id: "kserve-autoscaling-misspelled",
  title: "KServe knows no such field, so nothing is scaled",
  severity: Severity.Error,
  kinds,
  happens:
    "kubectl refuses the object. What does not check fields strictly drops the block: KServe then makes a ScaledObject without triggers, and KEDA refuses that.",
  why: "The field is called `autoScaling`. Documents and charts have it as `autoscaling`.",
  sources: ["kserve/kserve pkg/apis/serving/v1beta1/component.go, AutoScalingSpec", kedaReconciler],
  fix: "Write `autoScaling`.",
  bad: serviceExample({
    annotations: kedaAnnotations,
    predictor: externalMetric(inFlightQuery, '"5"').replace("autoScaling:", "autoscaling:"),
  }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(inFlightQuery, '"5"') }),
  *check(object: LintedObject): Generator<Report> {
    for (const component of ["predictor", "transformer"]) {
      for (const [key, field] of object.get("spec", component).entries()) {
        if (key === "autoScaling" || key.toLowerCase() !== "autoscaling") continue;
        yield {
          at: field,
          message: `spec.${component}.${key} is no field of an InferenceService: what it says of scaling is dropped, or the whole object refused.`,
          fix: "Write autoScaling.",
        };
      }
    }
  },
};

const scaleMetrics = ["cpu", "memory", "concurrency", "rps"];

const unknownScaleMetric: Rule = {
  id: "kserve-scale-metric",
  title: "KServe does not know this scale metric",
  severity: Severity.Error,
  kinds,
  happens: "The API server refuses the object.",
  why: "`scaleMetric` is `cpu`, `memory`, `concurrency` or `rps`.",
  sources: ["kserve/kserve pkg/apis/serving/v1beta1/component.go, ScaleMetric"],
  fix: "Requests per second are `rps`.",
  bad: serviceExample({
    annotations: `${modeAnnotation}: Knative`,
    strategy: "",
    predictor: "containerConcurrency: 10\nscaleMetric: qps\nscaleTarget: 10",
  }),
  good: serviceExample({
    annotations: `${modeAnnotation}: Knative`,
    strategy: "",
    predictor: "containerConcurrency: 10\nscaleMetric: rps\nscaleTarget: 10",
  }),
  *check(object: LintedObject): Generator<Report> {
    for (const component of ["predictor", "transformer"]) {
      const field = object.get("spec", component, "scaleMetric");
      if (field.text === undefined || scaleMetrics.includes(field.text)) continue;
      const meant = field.text === "qps" ? "rps" : undefined;
      yield {
        at: field,
        message: `${field.text} is not one of ${scaleMetrics.join(", ")}: the API server refuses it.`,
        fix: meant ? `Write ${meant}.` : "Write one of them.",
        ...(meant ? { edits: [{ kind: "set", path: field.path, value: meant }] } : {}),
      };
    }
  },
};

const hpaExternal: Rule = {
  id: "kserve-hpa-metrics",
  title: "KServe's HPA knows CPU and memory only",
  severity: Severity.Error,
  kinds,
  happens: "KServe refuses the object.",
  why: "For the class `hpa`, the default of Standard mode, the only valid type of metric is `Resource`.",
  sources: [validation],
  fix: `Annotate it with \`${classAnnotation}: keda\`, or \`external\` with a ScaledObject of your own.`,
  bad: serviceExample({ annotations: `${modeAnnotation}: Standard`, predictor: externalMetric(inFlightQuery, '"5"') }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(inFlightQuery, '"5"') }),
  *check(object: LintedObject): Generator<Report> {
    const [first] = scalingMetricsOf(object);
    const autoscalerClass = object.annotation(classAnnotation);
    if (first === undefined || (autoscalerClass.text ?? "hpa") !== "hpa") return;
    yield {
      at: first.field,
      message: `${object.title} has the class hpa${autoscalerClass.exists ? "" : ", the default"}, which takes Resource metrics only.`,
      fix: `Write ${classAnnotation}: keda.`,
    };
  },
};

export const kserveScalingRules: readonly Rule[] = [
  nativeIntensive,
  behaviorDropped,
  targetQuantity,
  misspelledScaling,
  unknownScaleMetric,
  hpaExternal,
];
