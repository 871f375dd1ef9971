import {
  type Aggregation,
  type BinaryExpression,
  type Expression,
  type FunctionCall,
  parsePromql,
  type VectorSelector,
} from "../../promql";
import { type MetricReference, type MetricUnit, vllmMetric } from "../vllm-metric-catalogue";
import { defaultMetricPrefix } from "../vllm-metrics";
import { anything, combine, exactly, type Interval, oneOrMore, share, union, within, zeroOrMore } from "./interval";

/**
 * How the value of an expression behaves when replicas are added at the same load:
 * - `extensive`: a sum over replicas; it stays.
 * - `intensive`: a mean, share, ratio or quantile; it falls as each replica gets less.
 * - `replicas`: counts replicas; it grows with them, whatever the load.
 * - `constant`: numbers only.
 * - `unknown`: made of metrics whose meaning is not known here, or put together in a way that has none.
 */
export type Extent = "extensive" | "intensive" | "replicas" | "constant" | "unknown";

export interface Classification {
  extent: Extent;
  /** Why, as the end of a sentence: "it is an average over replicas". */
  because: string;
  /** The values it can take, as far as vLLM's metrics bound them. */
  range: Interval;
  /** Whether it gives at most one series, whatever is scraped. */
  single: boolean;
  /** Unit of the metric that decides; absent for constants and unknown ones. */
  unit?: MetricUnit;
  /** Whether it can be NaN without load: a ratio or a quantile of rates, not guarded by a comparison. */
  canBeNaN: boolean;
}

/** vLLM's prefix and the one that OpenShift AI's monitors of LLMInferenceServices write. */
const prefixes = [defaultMetricPrefix, "kserve_vllm:"];

/** A metric of vLLM that a selector names; `undefined` for other metrics. */
export function vllmNameOf({ metric }: VectorSelector): string | undefined {
  const prefix = prefixes.find((candidate) => metric?.startsWith(candidate));
  return prefix === undefined ? undefined : metric?.slice(prefix.length);
}

/** How the value of a query behaves; `unknown` also where it is no PromQL. */
export function extentOf(query: string): Extent {
  const parsed = parsePromql(query);
  return parsed.ok ? classify(parsed.expression).extent : "unknown";
}

export function classify(expression: Expression): Classification {
  switch (expression.type) {
    case "number":
      return constant(expression.value);
    case "string":
      return { ...constant(0), range: anything };
    case "vectorSelector":
      return ofSelector(expression);
    case "matrixSelector":
      return ofSelector(expression.selector);
    case "subquery":
      return classify(expression.expression);
    case "unary": {
      const inner = classify(expression.expression);
      return expression.operator === "-" ? { ...inner, range: combine("-", exactly(0), inner.range) } : inner;
    }
    case "call":
      return ofCall(expression);
    case "aggregation":
      return ofAggregation(expression);
    case "binary":
      return ofBinary(expression);
  }
}

function constant(value: number): Classification {
  return {
    extent: "constant",
    because: "it is a number",
    range: exactly(value),
    single: true,
    canBeNaN: Number.isNaN(value),
  };
}

function ofSelector(selector: VectorSelector): Classification {
  const name = vllmNameOf(selector);
  const reference = name === undefined ? undefined : vllmMetric(name);
  if (reference === undefined) return ofOtherMetric(selector);
  return { ...ofReference(reference), single: false, canBeNaN: false, unit: reference.metric.unit };
}

function ofReference({ metric, part }: MetricReference): Pick<Classification, "extent" | "because" | "range"> {
  if (metric.unit === "share")
    return { extent: "intensive", because: `${metric.name} is a share of each replica, 0 to 1`, range: share };
  if (metric.unit === "info")
    return { extent: "unknown", because: `${metric.name} is information, not a quantity`, range: anything };
  if (part !== undefined)
    return { extent: "extensive", because: `${metric.name}_${part} counts what each replica did`, range: zeroOrMore };
  return { extent: "extensive", because: `${metric.name} is a part of the load on each replica`, range: zeroOrMore };
}

/** Shares of a device: a mean says nothing about how much load there is. */
const knownShares = [/^DCGM_FI_DEV_(GPU|MEM_COPY|ENC|DEC)_UTIL$/, /^DCGM_FI_PROF_\w+_(ACTIVE|OCCUPANCY)$/];

/** One series for each workload, whose value is a number of replicas: what kube-state-metrics says. */
const replicasOfWorkload = /^kube_(deployment|statefulset|replicaset)_(spec_|status_)?replicas(_|$)/;

function ofOtherMetric({ metric }: VectorSelector): Classification {
  // Where there is no replica, nothing is scaled by it.
  if (metric !== undefined && replicasOfWorkload.test(metric))
    return {
      extent: "replicas",
      because: `${metric} counts replicas`,
      range: oneOrMore,
      single: false,
      canBeNaN: false,
    };
  const isShare = metric !== undefined && knownShares.some((name) => name.test(metric));
  const range = isShare ? { min: 0, max: metric.startsWith("DCGM_FI_PROF") ? 1 : 100 } : anything;
  return isShare
    ? { extent: "intensive", because: `${metric} is a share of each GPU`, range, single: false, canBeNaN: false }
    : {
        extent: "unknown",
        because: `${metric ?? "the metric"} is not one of vLLM's`,
        range,
        single: false,
        canBeNaN: false,
      };
}

const sameAsArgument = new Set([
  ...["rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear", "sum_over_time", "avg_over_time"],
  ...["max_over_time", "min_over_time", "last_over_time", "quantile_over_time", "sort", "sort_desc", "label_replace"],
  ...["label_join", "abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max", "scalar"],
]);

function ofCall(call: FunctionCall): Classification {
  const [first, second] = call.arguments;
  if (call.function === "vector" && first) return classify(first);
  if (call.function === "histogram_quantile" && second) return ofQuantile(second);
  if (call.function === "absent" || call.function === "absent_over_time") {
    return {
      extent: "unknown",
      because: `${call.function} tells whether there are series`,
      range: exactly(1),
      single: true,
      canBeNaN: false,
    };
  }
  const argument = call.function === "quantile_over_time" ? second : first;
  if (!sameAsArgument.has(call.function) || argument === undefined) {
    return {
      extent: "unknown",
      because: `of ${call.function}`,
      range: anything,
      single: argument === undefined || classify(argument).single,
      canBeNaN: true,
    };
  }
  const inner = classify(argument);
  return { ...inner, range: rangeOfCall(call, inner.range), single: inner.single || call.function === "scalar" };
}

function rangeOfCall(call: FunctionCall, range: Interval): Interval {
  const bound = (i: number): number | undefined => {
    const argument = call.arguments[i];
    const given = argument === undefined ? undefined : classify(argument);
    return given?.extent === "constant" && given.range.min === given.range.max ? given.range.min : undefined;
  };
  switch (call.function) {
    case "clamp_max":
      return within(range, { min: Number.NEGATIVE_INFINITY, max: bound(1) ?? Number.POSITIVE_INFINITY });
    case "clamp_min":
      return within(range, { min: bound(1) ?? Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY });
    case "clamp":
      return within(range, { min: bound(1) ?? Number.NEGATIVE_INFINITY, max: bound(2) ?? Number.POSITIVE_INFINITY });
    case "rate":
    case "irate":
    case "increase":
      return zeroOrMore;
    case "delta":
    case "idelta":
    case "deriv":
    case "predict_linear":
      return anything;
    case "sum_over_time":
      return range.min >= 0 ? zeroOrMore : anything;
    default:
      return range;
  }
}

/** A quantile says what one request or token met: no sum over replicas whatever is put in. */
function ofQuantile(buckets: Expression): Classification {
  const inner = classify(buckets);
  return {
    extent: "intensive",
    because: "it is a quantile of what requests met",
    range: zeroOrMore,
    single: withoutLabel(buckets, "le"),
    canBeNaN: true,
    ...(inner.unit ? { unit: inner.unit } : {}),
  };
}

/** Whether an expression that is grouped has one series once a label is gone. */
function withoutLabel(expression: Expression, label: string): boolean {
  if (expression.type === "aggregation") {
    const { grouping } = expression;
    return grouping === undefined || (grouping.kind === "by" && grouping.labels.every((name) => name === label));
  }
  return (
    expression.type === "call" &&
    expression.arguments.length > 0 &&
    expression.arguments.some((inner) => withoutLabel(inner, label))
  );
}

function ofAggregation({ operator, grouping, expression }: Aggregation): Classification {
  const inner = classify(expression);
  const single =
    grouping === undefined
      ? operator !== "topk" && operator !== "bottomk" && operator !== "count_values"
      : grouping.kind === "by" && grouping.labels.length === 0;
  switch (operator) {
    case "sum":
      if (countsReplicas(expression))
        return { ...inner, extent: "replicas", because: "it counts targets that answer", range: oneOrMore, single };
      // Shares of all replicas together are as many replicas as are busy.
      return {
        ...inner,
        single,
        extent:
          inner.extent === "intensive" && inner.single
            ? "intensive"
            : inner.extent === "intensive"
              ? "extensive"
              : inner.extent,
        because: inner.single || inner.extent === "replicas" ? inner.because : "it is a sum over replicas",
        range: inner.single ? inner.range : summed(inner.range),
      };
    case "count":
    case "group":
    case "count_values":
      return {
        ...countOf(expression, inner),
        // Where there is none, there is no value either.
        range: operator === "group" ? exactly(1) : oneOrMore,
        single,
        canBeNaN: false,
      };
    case "avg":
    case "min":
    case "max":
    case "quantile":
      // Of one series, none of these changes anything.
      if (inner.single) return { ...inner, single };
      return {
        ...inner,
        single,
        extent: inner.extent === "unknown" || inner.extent === "replicas" ? inner.extent : "intensive",
        because: inner.extent === "replicas" ? inner.because : `${nameOf[operator] ?? "it is one value"} over replicas`,
      };
    default:
      return {
        ...inner,
        single,
        extent: inner.extent === "constant" ? "constant" : "intensive",
        because: `of ${operator} over replicas`,
      };
  }
}

/** What a number of series says. It is the same for any number of replicas where each series is a workload. */
function countOf(expression: Expression, { extent }: Classification): Pick<Classification, "extent" | "because"> {
  const isOfWorkloads = countsReplicas(expression) && extent === "replicas";
  if (isOfWorkloads) return { extent: "constant", because: "it counts workloads, not their replicas" };
  return { extent: extent === "constant" ? "constant" : "replicas", because: "it counts series, one for each replica" };
}

/** Whether a sum of it is a number of replicas. `up` is 1 for each target that answers. */
export function countsReplicas(expression: Expression): boolean {
  if (expression.type !== "vectorSelector") return false;
  return expression.metric === "up" || replicasOfWorkload.test(expression.metric ?? "");
}

const nameOf: Record<string, string> = {
  avg: "it is an average",
  min: "it is the smallest value",
  max: "it is the largest value",
  quantile: "it is a quantile",
};

function summed(range: Interval): Interval {
  return range.min >= 0 ? { min: range.min, max: Number.POSITIVE_INFINITY } : anything;
}

const comparisons = new Set(["==", "!=", ">", "<", ">=", "<="]);

function ofBinary(binary: BinaryExpression): Classification {
  const left = classify(binary.left);
  const right = classify(binary.right);
  const { operator } = binary;
  if (operator === "or") return ofOr(left, right);
  if (operator === "and" || operator === "unless") return left;
  if (comparisons.has(operator)) {
    if (binary.bool) return { ...left, extent: "unknown", because: "it is 0 or 1", range: share, canBeNaN: false };
    // A comparison drops NaN.
    return {
      ...left,
      range: compared(operator, left.range, right),
      single: left.single || right.single,
      canBeNaN: false,
    };
  }
  const single = left.single && right.single;
  const range = combine(operator, left.range, right.range);
  const divides = operator === "/" || operator === "%";
  const canBeNaN = left.canBeNaN || right.canBeNaN || (divides && right.range.min <= 0 && right.range.max >= 0);
  return { ...arithmetic(operator, left, right), single, range, canBeNaN };
}

/** `or` fills gaps, most often with 0: the side that has a meaning decides. */
function ofOr(left: Classification, right: Classification): Classification {
  const fills = right.extent === "constant" || isZero(right);
  const main =
    fills || left.extent === right.extent ? left : isZero(left) || left.extent === "constant" ? right : undefined;
  const common = {
    range: union(left.range, right.range),
    single: left.single && right.single,
    canBeNaN: left.canBeNaN || right.canBeNaN,
  };
  if (main !== undefined) return { ...main, ...common };
  return { ...left, ...common, extent: "unknown", because: "its two sides behave differently" };
}

function isZero({ range }: Classification): boolean {
  return range.min === 0 && range.max === 0;
}

function compared(operator: string, range: Interval, { extent, range: bound }: Classification): Interval {
  if (extent !== "constant") return range;
  if (operator === ">" || operator === ">=") return within(range, { min: bound.min, max: Number.POSITIVE_INFINITY });
  if (operator === "<" || operator === "<=") return within(range, { min: Number.NEGATIVE_INFINITY, max: bound.max });
  return operator === "==" ? within(range, bound) : range;
}

type Meaning = Pick<Classification, "extent" | "because"> & { unit?: MetricUnit };

function arithmetic(operator: string, left: Classification, right: Classification): Meaning {
  if (left.extent === "constant")
    return operator === "/" && right.extent !== "constant" ? reciprocal(right) : meaning(right);
  if (right.extent === "constant") return meaning(left);
  if (left.extent === "unknown" || right.extent === "unknown")
    return { extent: "unknown", because: left.extent === "unknown" ? left.because : right.because };
  const sums = new Set(["+", "-"]);
  const bothSums = left.extent === "extensive" && right.extent === "extensive";
  if (operator === "/") {
    const dividesByReplicas = left.extent === "extensive" && right.extent === "replicas";
    if (bothSums) return { extent: "intensive", because: "it is a ratio of two sums" };
    if (dividesByReplicas)
      return { extent: "intensive", because: "it is a sum divided by the replicas", ...unitOf(left) };
    if (left.extent === right.extent) return { extent: "intensive", because: "it is a ratio" };
    return { extent: "unknown", because: "it divides what has different meanings" };
  }
  if (sums.has(operator)) {
    if (left.extent === right.extent) return meaning(left);
    return { extent: "unknown", because: "it adds what behaves differently when replicas are added" };
  }
  if (operator === "*") {
    if (left.extent === "intensive" && right.extent === "intensive") return meaning(left);
    const other = left.extent === "intensive" ? right : right.extent === "intensive" ? left : undefined;
    if (other !== undefined) return { extent: "extensive", because: "it is a mean times a sum", ...unitOf(other) };
  }
  return { extent: "unknown", because: `of what ${operator} makes of it` };
}

function reciprocal({ extent }: Classification): Meaning {
  return extent === "intensive"
    ? { extent, because: "it is a ratio" }
    : { extent: "unknown", because: "it is the reciprocal of a sum" };
}

function meaning(of: Classification): Meaning {
  return { extent: of.extent, because: of.because, ...unitOf(of) };
}

function unitOf({ unit }: Classification): { unit?: MetricUnit } {
  return unit ? { unit } : {};
}
