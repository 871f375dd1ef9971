import { vllmMetricsIn } from "../../policy/query-signal/missing-metrics";
import { allExpressions } from "../../promql";
import { type Report, Severity } from "../finding";
import { scrapeIntervalOf } from "../related";
import type { LintContext, Rule } from "../rule";
import { type ScalingMetric, scalingMetricsOf } from "../signals/scaling-metric";
import type { LintedObject } from "../source/linted-object";
import { itlQuery, queryExample } from "./examples";

const kinds = ["ScaledObject", "InferenceService", "LLMInferenceService"];

/** Scrapes in a window that is long enough: a rate needs two, and one may be late or lost. */
const scrapesPerWindow = 4;
/** A window that still counts what was five minutes ago decides about a load that is gone. */
const longestWindowSeconds = 300;

const shortWindow: Rule = {
  id: "rate-window-too-short",
  modelsOnly: true,
  title: "A rate sees too few scrapes",
  severity: Severity.Warning,
  kinds,
  happens: "One late or lost scrape leaves the rate without a value: the metric is gone for a moment, or reads 0.",
  why: "`rate` needs two samples in its window. UWM on OpenShift and most others scrape every 30 s.",
  sources: ["prometheus/prometheus promql/functions.go, extrapolatedRate"],
  fix: "Take a window of at least four scrapes: 2m at 30 s.",
  bad: queryExample(itlQuery.replace("[2m]", "[45s]"), "68", "Value"),
  good: queryExample(itlQuery, "68", "Value"),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const scrapeIntervalSeconds = scrapeIntervalOf(object, context);
    for (const metric of scalingMetricsOf(object)) {
      const shortest = Math.min(...windowsOf(metric));
      if (!(shortest < scrapesPerWindow * scrapeIntervalSeconds)) continue;
      yield {
        at: metric.query,
        message: `The window of ${shortest} s in ${metric.title} holds ${Math.floor(shortest / scrapeIntervalSeconds)} scrapes at ${scrapeIntervalSeconds} s: a late one leaves it without a rate.`,
        fix: `Take at least ${scrapesPerWindow * scrapeIntervalSeconds} s, or say how often is scraped with --scrape-interval.`,
      };
    }
  },
};

const longWindow: Rule = {
  id: "rate-window-too-long",
  modelsOnly: true,
  title: "A rate remembers minutes",
  severity: Severity.Warning,
  kinds,
  happens:
    "The signal rises minutes after the load and falls minutes after it is gone: replicas come too late and more of them than needed.",
  why: "A rate over five minutes is the mean of five minutes. Half a minute after a burst it has seen a tenth of it.",
  sources: ["prometheus/prometheus promql/functions.go, extrapolatedRate"],
  fix: "Take one or two minutes, and not less than four scrapes.",
  bad: queryExample(itlQuery.replace("[2m]", "[5m]"), "68", "Value"),
  good: queryExample(itlQuery, "68", "Value"),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    // What the rule against short windows asks for is not too long.
    const needed = Math.ceil((scrapesPerWindow * scrapeIntervalOf(object, context)) / 5) * 5;
    for (const metric of scalingMetricsOf(object)) {
      const longest = Math.max(...windowsOf(metric));
      const names = metric.expression === undefined ? [] : vllmMetricsIn(metric.expression).map(({ name }) => name);
      // What is counted once a request needs a longer window than what is counted for every token.
      const everyToken = names.some(countsTokens) && !names.some(countsRequests);
      const allowed = Math.max(longestWindowSeconds - (everyToken ? 1 : 0), needed);
      if (!(longest > allowed) || !Number.isFinite(longest)) continue;
      yield {
        at: metric.query,
        message: `${metric.title} averages over ${longest} s: 30 s after a jump of the load it shows ${Math.round((30 / longest) * 100)} % of it, and keeps asking for replicas ${longest} s after it is gone.`,
        fix: "Take a window of 1 to 2 minutes.",
      };
    }
  },
};

const tokenMetrics = /^(inter_token_latency|time_per_output_token)_seconds|^(prompt|generation)_tokens_total$/;

function countsTokens(name: string): boolean {
  return tokenMetrics.test(name);
}

const requestMetrics = /^(time_to_first_token|e2e_request_latency|request_\w+)_seconds/;

function countsRequests(name: string): boolean {
  return requestMetrics.test(name);
}

/** Windows of rates over counters; those of gauges smooth on purpose. */
function windowsOf({ expression }: ScalingMetric): number[] {
  if (expression === undefined) return [];
  return [...allExpressions(expression)].flatMap((part) => {
    if (part.type !== "call" || !["rate", "irate", "increase"].includes(part.function)) return [];
    const [range] = part.arguments;
    return range?.type === "matrixSelector" || range?.type === "subquery" ? [range.rangeSeconds] : [];
  });
}

export const rateWindowRules: readonly Rule[] = [shortWindow, longWindow];
