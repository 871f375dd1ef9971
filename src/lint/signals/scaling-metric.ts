import { quantityValue } from "../../policy/quantity";
import { type Classification, classify } from "../../policy/query-signal/classify";
import { MetricType } from "../../policy/scaled-object";
import { type Expression, type PromqlResult, parsePromql } from "../../promql";
import { llmWorkloads } from "../kserve";
import type { Field } from "../source/field";
import type { LintedObject } from "../source/linted-object";
import { classifyName, seriesOf } from "./metric-name";

/** What replicas are scaled by, wherever it is written: a Prometheus query, or the name of one that an adapter of metrics has. */
export interface ScalingMetric {
  /** Where it is defined: a trigger, or a metric of an InferenceService or HPA. */
  field: Field;
  /** How to call it in a sentence. */
  title: string;
  /** The query, or the name. */
  query: Field;
  threshold: Field;
  /** What the HPA makes of it, the default filled in. */
  metricType: string;
  /** Where the metric type would be written; absent where it cannot be chosen. */
  metricTypeField?: Field;
  parsed: PromqlResult;
  /** Absent where the query is no PromQL, and where a name does not tell. */
  signal?: Classification;
  /** The signal follows from a name, not from the query behind it. */
  isNameOnly?: true;
  expression?: Expression;
}

const known = new WeakMap<LintedObject, ScalingMetric[]>();

/** What an object scales by beside CPU and memory. */
export function scalingMetricsOf(object: LintedObject): ScalingMetric[] {
  const found = known.get(object);
  if (found) return found;
  const metrics = readers[object.kind]?.(object) ?? [];
  known.set(object, metrics);
  return metrics;
}

const readers: Readonly<Record<string, (object: LintedObject) => ScalingMetric[]>> = {
  ScaledObject: ofTriggers,
  LLMInferenceService: ofTriggers,
  InferenceService: ofInferenceService,
  HorizontalPodAutoscaler: ofHorizontalPodAutoscaler,
};

/** Where KEDA's own triggers are written; empty for kinds that have none. */
export function triggersOf(object: LintedObject): Field[] {
  switch (object.kind) {
    case "ScaledObject":
      return object.get("spec", "triggers").items();
    case "LLMInferenceService":
      return llmWorkloads(object).flatMap(({ part }) => part.get("scaling", "keda", "triggers").items());
    default:
      return [];
  }
}

/** The triggers that ask Prometheus, with KEDA's default metric type. KServe passes those of an LLMInferenceService on as they are. */
function ofTriggers(object: LintedObject): ScalingMetric[] {
  return triggersOf(object)
    .filter((trigger) => trigger.get("type").text === "prometheus")
    .map((trigger) => {
      const name = trigger.get("name").text;
      return {
        field: trigger,
        title: name === undefined ? `trigger ${trigger.path.at(-1)}` : `trigger ${name}`,
        query: trigger.get("metadata", "query"),
        threshold: trigger.get("metadata", "threshold"),
        metricType: trigger.get("metricType").text ?? MetricType.AverageValue,
        metricTypeField: trigger.get("metricType"),
        ...read(trigger.get("metadata", "query")),
      };
    });
}

/** KServe's own External metrics: it never passes a metric type on, so KEDA's default holds (kserve/kserve issue 6169). */
function ofInferenceService(object: LintedObject): ScalingMetric[] {
  return ["predictor", "transformer"].flatMap((component) =>
    object
      .get("spec", component, "autoScaling", "metrics")
      .items()
      .filter((metric) => metric.get("type").text === "External")
      .map((metric) => {
        const query = metric.get("external", "metric", "query");
        return {
          field: metric,
          title: `metric ${metric.path.at(-1)} of the ${component}`,
          query,
          threshold: metric.get("external", "target", "value"),
          metricType: MetricType.AverageValue,
          ...read(query),
        };
      }),
  );
}

/** What an adapter answers: for one object or none, which the HPA takes as a whole, or for each pod. */
function ofHorizontalPodAutoscaler(object: LintedObject): ScalingMetric[] {
  return object
    .get("spec", "metrics")
    .items()
    .flatMap((metric) => {
      const source = ["external", "object", "pods"].map((type) => metric.get(type)).find(({ exists }) => exists);
      if (source === undefined) return [];
      const name = source.get("metric", "name");
      const type = source.get("target", "type");
      const threshold = source.get("target", type.text === MetricType.Value ? "value" : "averageValue");
      const perPod = source.path.at(-1) === "pods";
      return [
        {
          field: metric,
          title: `metric ${metric.path.at(-1)} (${name.scalarText})`,
          query: name,
          threshold,
          metricType: type.text ?? "",
          metricTypeField: type,
          isNameOnly: true,
          ...readName(name.scalarText ?? "", quantityValue(threshold.scalarText ?? ""), perPod),
        },
      ];
    });
}

function readName(
  name: string,
  target: number | undefined,
  perPod: boolean,
): Pick<ScalingMetric, "parsed" | "signal" | "expression"> {
  const parsed = parsePromql(seriesOf(name));
  // The HPA takes the mean over the pods: right for whatever is of one pod.
  const signal = perPod ? undefined : classifyName(name, target);
  return { parsed, ...(parsed.ok && { expression: parsed.expression }), ...(signal && { signal }) };
}

function read(query: Field): Pick<ScalingMetric, "parsed" | "signal" | "expression"> {
  const parsed = parsePromql(query.scalarText ?? "");
  return parsed.ok ? { parsed, expression: parsed.expression, signal: classify(parsed.expression) } : { parsed };
}

/** The threshold as KEDA reads it; an HPA's is a quantity. */
export function thresholdOf({ threshold, isNameOnly }: ScalingMetric): number | undefined {
  return isNameOnly ? quantityValue(threshold.scalarText ?? "") : numberOf(threshold);
}

/** A number as KEDA reads it: Go's ParseFloat, which takes no quantities such as `70m`. */
export function numberOf(field: Field): number | undefined {
  const text = field.scalarText;
  if (text === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  return Number(text);
}

/** Replicas that an `AverageValue` metric asks for at a value, without the HPA's tolerance. */
export function averageValueReplicas(value: number, threshold: number): number {
  return Math.max(0, Math.ceil(Number((value / threshold).toPrecision(12))));
}

/** Of its triggers then only the values are read, neither types nor thresholds: the HPA gets one number, with a type of its own. */
export function hasFormula(object: LintedObject): boolean {
  const policies =
    object.kind === "LLMInferenceService"
      ? llmWorkloads(object).map(({ part }) => part.get("scaling", "keda"))
      : [object.get("spec")];
  return policies.some((policy) => policy.get("advanced", "scalingModifiers", "formula").exists);
}
