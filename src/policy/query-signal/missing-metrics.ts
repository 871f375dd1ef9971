import { type Expression, parsePromql, selectorsOf } from "../../promql";
import { isAtLeast, type Version } from "../version";
import { isExposedBy, isOfOthers, type MetricReference, vllmMetric } from "../vllm-metric-catalogue";
import { vllmNameOf } from "./classify";

/** A metric of vLLM that a query names. */
export interface NamedMetric {
  /** Without prefix. */
  name: string;
  prefix: string;
  /** Absent where no release known here has it. */
  reference?: MetricReference;
}

/** Each metric of vLLM in an expression, once. */
export function vllmMetricsIn(expression: Expression): NamedMetric[] {
  const found = new Map<string, NamedMetric>();
  for (const selector of selectorsOf(expression)) {
    const name = vllmNameOf(selector);
    if (name === undefined || selector.metric === undefined) continue;
    const reference = vllmMetric(name);
    found.set(name, { name, prefix: selector.metric.slice(0, -name.length), ...(reference && { reference }) });
  }
  return [...found.values()];
}

/** Those that a release does not expose, so that they read nothing. Features, and routers before the engines, have metrics of their own. */
export function missingMetrics(expression: Expression, release: Version): NamedMetric[] {
  return vllmMetricsIn(expression).filter(({ name, reference }) =>
    reference === undefined ? !isOfOthers(name) : !isExposedBy(reference.metric, release),
  );
}

/** A metric that published queries ask for and a release does not show. */
export interface RetiredMetric {
  /** Without prefix, and without the part of a histogram. */
  name: string;
  instead: string;
}

/** Names of articles that no release ever had. */
const neverThere = new Map([["gpu_cache_utilization_percent", "kv_cache_usage_perc"]]);

/** The first metric in a query that a release does not show under this name, but under another. */
export function retiredMetric(query: string, release: Version): RetiredMetric | undefined {
  const parsed = parsePromql(query);
  if (!parsed.ok) return undefined;
  const [first] = missingMetrics(parsed.expression, release).flatMap(({ name, reference }) => {
    const { until, replacedBy } = reference?.metric ?? {};
    const isGone = until !== undefined && isAtLeast(release, until);
    const instead = isGone ? replacedBy : neverThere.get(name);
    return instead === undefined ? [] : [{ name: reference?.metric.name ?? name, instead }];
  });
  return first;
}
