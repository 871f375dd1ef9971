import { closestMatch } from "leven";
import { vllmNameOf } from "../../policy/query-signal/classify";
import { missingMetrics, type NamedMetric, vllmMetricsIn } from "../../policy/query-signal/missing-metrics";
import { MetricType } from "../../policy/scaled-object";
import { formatVersion, type Version } from "../../policy/version";
import { vllmMetric, vllmMetrics } from "../../policy/vllm-metric-catalogue";
import { allExpressions, type Expression, selectorsOf, type VectorSelector } from "../../promql";
import { type Report, Severity } from "../finding";
import type { LintContext, Rule } from "../rule";
import { type ScalingMetric, scalingMetricsOf } from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import { inFlightQuery, itlQuery, queryExample, selector } from "./examples";

const kinds = ["ScaledObject", "InferenceService", "LLMInferenceService"];
const metricSources = ["vllm-project/vllm vllm/v1/metrics/loggers.py", "vllm-project/vllm docs/usage/metrics.md"];

const promqlSyntax: Rule = {
  id: "promql-syntax",
  title: "The query is not PromQL",
  severity: Severity.Error,
  kinds,
  happens:
    "Prometheus answers every request with 400, so the metric is never there: nothing scales up, and nothing scales down.",
  why: "Nothing checks the query before KEDA sends it: for the API server it is a string.",
  sources: [
    "prometheus/prometheus promql/parser",
    "prometheus/prometheus web/ui/module/lezer-promql, the grammar used here",
  ],
  fix: "Correct the query at the place that the finding names. Try it with `promtool promql format`.",
  bad: queryExample(`sum(vllm:num_requests_running${selector}`),
  good: queryExample(inFlightQuery),
  *check(object: LintedObject): Generator<Report> {
    for (const { parsed, query, title } of scalingMetricsOf(object)) {
      if (parsed.ok || !query.exists) continue;
      const [first] = parsed.errors;
      if (first === undefined) continue;
      yield {
        at: query,
        message: `Prometheus refuses the query of ${title} at character ${first.from + 1}: ${first.message}`,
        fix: "Correct the query.",
      };
    }
  },
};

const unknownMetric: Rule = {
  id: "unknown-vllm-metric",
  title: "No release of vLLM has this metric",
  severity: Severity.Error,
  kinds,
  happens:
    'The query gives nothing, which KEDA reads as 0 unless `ignoreNullValues` is `"false"`: the trigger is there and never asks for a replica.',
  why: "A name that does not exist is no error in PromQL, only an empty result.",
  sources: metricSources,
  fix: "Use the name that vLLM exposes; `curl <pod>:8000/metrics` shows all of them.",
  bad: queryExample(`sum(vllm:gpu_cache_utilization_percent${selector})`),
  good: queryExample(`sum(vllm:kv_cache_usage_perc${selector})`, "0.6"),
  *check(object: LintedObject, { versions: { vllm } }: LintContext): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      for (const { name, reference } of missingIn(metric, vllm)) {
        if (reference !== undefined) continue;
        const near = nearestName(name);
        yield {
          at: metric.query,
          message: `vllm:${name} is in no release of vLLM from 0.6.6 to 0.33.0, so ${metric.title} reads nothing, and scales nothing.`,
          fix: near === undefined ? "Use a metric that vLLM exposes." : `Did you mean vllm:${near}?`,
        };
      }
      for (const name of underscoredIn(metric)) {
        yield {
          at: metric.query,
          isAssumed: true,
          message: `vLLM writes vllm:${name}. Unless something before Prometheus renames it to vllm_${name}, ${metric.title} reads nothing, and scales nothing.`,
          fix: `Write vllm:${name}: in PromQL a colon is a letter.`,
        };
      }
    }
  },
};

const missingMetric: Rule = {
  id: "metric-not-in-release",
  title: "This release of vLLM does not expose the metric",
  severity: Severity.Error,
  kinds,
  happens:
    "After an update of vLLM, or before one, the query gives nothing and the trigger never asks for a replica. No object shows an error.",
  why: "vLLM renames metrics: deprecated in one release, hidden in the next, then gone. `vllm:gpu_cache_usage_perc` is hidden since 0.11, `vllm:time_per_output_token_seconds` since 0.12.",
  sources: metricSources,
  fix: "Use the name of the release that serves. Say which one it is with `--vllm`.",
  bad: queryExample(`sum(vllm:gpu_cache_usage_perc${selector})`, "0.6"),
  good: queryExample(`sum(vllm:kv_cache_usage_perc${selector})`, "0.6"),
  *check(object: LintedObject, { versions: { vllm } }: LintContext): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      for (const { name, prefix, reference } of missingIn(metric, vllm)) {
        if (reference === undefined) continue;
        const { part } = reference;
        const { until, since, replacedBy } = reference.metric;
        const when =
          until && !isBefore(until, since)
            ? `hidden or gone since ${formatVersion(until)}`
            : `new in ${formatVersion(since ?? [0, 0, 0])}`;
        const renamed =
          replacedBy === undefined ? undefined : `${prefix}${replacedBy}${part === undefined ? "" : `_${part}`}`;
        const old = `${prefix}${name}`;
        const text = metric.query.text;
        yield {
          at: metric.query,
          message: `vLLM ${formatVersion(vllm)} does not expose ${old} (${when}), so ${metric.title} reads nothing, and scales nothing.`,
          fix:
            renamed === undefined
              ? "Use a metric that this release exposes, or name the release that serves."
              : `Write ${renamed}.`,
          // Only where the new name means the same and no other name contains the old one.
          ...(renamed !== undefined &&
          text !== undefined &&
          text.split(old).length === 2 &&
          reference.metric.type !== "counter"
            ? { edits: [{ kind: "set", path: metric.query.path, value: text.replace(old, renamed) }] }
            : {}),
        };
      }
    }
  },
};

function isBefore(a: readonly number[], b: readonly number[] | undefined): boolean {
  if (b === undefined) return false;
  return a.some((part, i) => part < (b[i] ?? 0) && a.slice(0, i).every((earlier, j) => earlier === b[j]));
}

const histogramWithoutPart: Rule = {
  id: "histogram-without-suffix",
  title: "A histogram has no series of its own name",
  severity: Severity.Error,
  kinds,
  happens: "The query gives nothing, so the trigger never asks for a replica.",
  why: "Prometheus keeps a histogram as three families: `_bucket`, `_sum` and `_count`.",
  sources: ["prometheus/docs docs/concepts/metric_types.md"],
  fix: "Take a quantile with `histogram_quantile(0.9, sum by (le) (rate(<name>_bucket[2m])))`, or a mean with `_sum / _count`.",
  bad: queryExample(`1000 * max(vllm:inter_token_latency_seconds${selector})`, "68", "Value"),
  good: queryExample(itlQuery, "68", "Value"),
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      for (const { name, reference } of namesIn(metric)) {
        if (reference?.metric.type !== "histogram" || reference.part !== undefined) continue;
        yield {
          at: metric.query,
          message: `vllm:${name} is a histogram, so only vllm:${name}_bucket, _sum and _count have series: ${metric.title} reads nothing.`,
          fix: `Write histogram_quantile(0.9, sum by (le) (rate(vllm:${name}_bucket[2m]))).`,
        };
      }
    }
  },
};

const severalSeries: Rule = {
  id: "several-series",
  title: "The query gives one value for each replica",
  severity: Severity.Error,
  kinds,
  happens:
    "It works with one replica. With the second one KEDA fails with `returned multiple elements`, and nothing is scaled any more.",
  why: "KEDA's Prometheus scaler takes a result of exactly one element. A query without an aggregation has one for each pod, and for each engine of a pod.",
  sources: ["kedacore/keda pkg/scalers/prometheus_scaler.go, ExecutePromQuery"],
  fix: "Aggregate over everything: `sum(...)`, or `sum by (le) (...)` inside of `histogram_quantile`.",
  bad: queryExample(`vllm:num_requests_running${selector} + vllm:num_requests_waiting${selector}`),
  good: queryExample(inFlightQuery),
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const { signal, expression, query, title } = metric;
      if (signal === undefined || signal.single || signal.extent === "constant") continue;
      // How many series other metrics have, only who exposes them knows.
      if (signal.extent === "unknown" && namesIn(metric).length === 0) continue;
      yield {
        at: query,
        message: `The query of ${title} gives a value for each series it finds. With two replicas KEDA refuses both ("multiple elements") and the HPA stays where it is.`,
        fix:
          expression !== undefined && hasQuantile(expression)
            ? quantileFix
            : `Put ${aggregationFor(metric)}(...) around it.`,
      };
    }
  },
};

const quantileFix = "Write sum by (le) (...) around the rate, inside of histogram_quantile.";

function hasQuantile(expression: Expression): boolean {
  return [...allExpressions(expression)].some((part) => part.type === "call" && part.function === "histogram_quantile");
}

/** A sum of shares multiplies the replicas by itself where the type is `Value`. */
function aggregationFor({ signal, metricType }: ScalingMetric): string {
  return signal?.extent === "intensive" && metricType === MetricType.Value ? "avg" : "sum";
}

const namespaceMatcher: Rule = {
  id: "no-namespace-matcher",
  title: "The query also reads the same model in other namespaces",
  severity: Severity.Warning,
  kinds,
  happens: "A second deployment of the model, such as staging, adds its load to this one: both scale by the sum.",
  why: "`model_name` is the served name, the same wherever the model is served. A Prometheus that sees several namespaces adds them up.",
  sources: ["vllm-project/vllm vllm/v1/metrics/loggers.py, labelnames"],
  fix: 'Add `namespace="<namespace of the pods>"` to every selector, or ask a tenancy proxy with `metadata.namespace`.',
  bad: queryExample(
    `sum(vllm:num_requests_running{model_name="llama"}) + sum(vllm:num_requests_waiting{model_name="llama"})`,
  ),
  good: queryExample(inFlightQuery),
  *check(object: LintedObject): Generator<Report> {
    for (const metric of scalingMetricsOf(object)) {
      const tenancy = [metric.field.get("metadata", "namespace"), metric.field.get("external", "metric", "namespace")];
      if (tenancy.some(({ exists }) => exists) || metric.expression === undefined) continue;
      const loose = selectorsOf(metric.expression).filter(
        (found) => vllmNameOf(found) !== undefined && !namespaceLabels.some((label) => hasMatcher(found, label)),
      );
      const [first] = loose;
      if (first === undefined) continue;
      yield {
        at: metric.query,
        message: `${loose.length} of the selectors of ${metric.title} name${loose.length === 1 ? "s" : ""} no namespace, so a model of the same name in another namespace is added to this one.`,
        fix: `Add namespace="${object.namespace === "" ? "<namespace>" : object.namespace}" to ${first.metric ?? "the selector"}.`,
      };
    }
  },
};

/** The first, and what it is called where a target has a label of that name, or by older scrape configurations. */
const namespaceLabels = ["namespace", "exported_namespace", "kubernetes_namespace"];

function hasMatcher({ matchers }: VectorSelector, label: string): boolean {
  return matchers.some(
    (matcher) =>
      matcher.label === label && (matcher.operator === "=" || matcher.operator === "=~") && matcher.value !== ".*",
  );
}

const podPrefix: Rule = {
  id: "pod-regex-prefix",
  title: "A regular expression for pods also matches other models",
  severity: Severity.Warning,
  kinds,
  happens:
    "`llama-predictor.*` also matches the pods of `llama-predictor-canary`: their load is added to this model's.",
  why: "Prometheus anchors a regular expression at both ends, and `.*` takes every rest. A Deployment's pods end in the hash of its ReplicaSet and five characters.",
  sources: ["prometheus/docs docs/querying/basics.md"],
  fix: "End it with `-[a-z0-9]+-[a-z0-9]+`, or select by a label of the InferenceService.",
  bad: queryExample(
    `sum(vllm:num_requests_waiting{namespace="models",pod=~"llama-predictor.*"}) + sum(vllm:num_requests_running{namespace="models",pod=~"llama-predictor.*"})`,
  ),
  good: queryExample(
    `sum(vllm:num_requests_waiting{namespace="models",pod=~"llama-predictor-[a-z0-9]+-[a-z0-9]+"}) + sum(vllm:num_requests_running{namespace="models",pod=~"llama-predictor-[a-z0-9]+-[a-z0-9]+"})`,
  ),
  *check(object: LintedObject): Generator<Report> {
    for (const { expression, query, title } of scalingMetricsOf(object)) {
      const open =
        expression === undefined
          ? undefined
          : selectorsOf(expression)
              .flatMap(({ matchers }) => matchers)
              .find(matchesAnyRest);
      if (open === undefined) continue;
      const name = open.value.replace(/[.][*+]$/, "").replace(/-$/, "");
      yield {
        at: query,
        message: `pod=~"${open.value}" in ${title} also matches the pods of ${name}-canary and every other workload whose name begins so.`,
        fix: `Write pod=~"${name}-[a-z0-9]+-[a-z0-9]+".`,
      };
    }
  },
};

function matchesAnyRest({ label, operator, value }: VectorSelector["matchers"][number]): boolean {
  return (label === "pod" || label === "exported_pod") && operator === "=~" && /[\w-][.][*+]$/.test(value);
}

/** Names of vLLM with an underscore for its colon, as adapters for the HPA rename them; without prefix. */
function underscoredIn({ expression }: ScalingMetric): string[] {
  const names = expression === undefined ? [] : selectorsOf(expression).map(({ metric }) => metric ?? "");
  const found = names.filter((name) => name.startsWith("vllm_")).map((name) => name.slice("vllm_".length));
  return [...new Set(found)].filter((name) => vllmMetric(name) !== undefined);
}

/** Names of vLLM that a release does not expose. */
function missingIn({ expression }: ScalingMetric, vllm: Version): NamedMetric[] {
  return expression === undefined ? [] : missingMetrics(expression, vllm);
}

function namesIn({ expression }: ScalingMetric): NamedMetric[] {
  return expression === undefined ? [] : vllmMetricsIn(expression);
}

/** The name that is meant, if one is near enough. */
function nearestName(name: string): string | undefined {
  if (/cache_(util|usage)/.test(name)) return "kv_cache_usage_perc";
  const names = vllmMetrics.map((metric) => metric.name);
  return closestMatch(name, names, { maxDistance: Math.max(3, Math.floor(name.length / 4)) });
}

export const queryRules: readonly Rule[] = [
  promqlSyntax,
  unknownMetric,
  missingMetric,
  histogramWithoutPart,
  severalSeries,
  namespaceMatcher,
  podPrefix,
];
