import { describe, expect, it } from "vitest";
import { compilePolicy, type PolicyInput } from "../../../src/policy";
import { llamaOnL4, standardInput } from "./policy-inputs";

function problemsOf(change: Partial<PolicyInput>) {
  const result = compilePolicy({ ...standardInput, ...change });
  return result.ok ? [] : result.problems;
}

const { capacity, metrics, prometheus, timing, versions } = standardInput;

interface Case {
  what: string;
  change: Partial<PolicyInput>;
  path: string;
  says: string;
}

const cases: Case[] = [
  {
    what: "a name too long for KEDA's HPA",
    change: { name: "a".repeat(55) },
    path: "name",
    says: "has 55 characters; at most 54",
  },
  { what: "a name with capitals", change: { name: "Llama" }, path: "name", says: '"Llama" is not a valid name' },
  {
    what: "a name with dots",
    change: { name: "llama-3.1" },
    path: "name",
    says: "lower case letters, digits and dashes",
  },
  { what: "an empty namespace", change: { namespace: "" }, path: "namespace", says: '"" is not a valid name' },
  {
    what: "a target that is no name",
    change: { scaleTargetRef: { name: "a_b" } },
    path: "scaleTargetRef.name",
    says: '"a_b" is not a valid name',
  },
  {
    what: "a namespace of the pods that is no name",
    change: { metrics: { ...metrics, namespace: "-x" } },
    path: "metrics.namespace",
    says: "not a valid name",
  },
  {
    what: "a selector of the namespace alone",
    change: { metrics: { namespace: "models", labels: {} } },
    path: "metrics",
    says: 'every model in "models" would be added up. Give at least one of modelName, labels, podRegex.',
  },
  {
    what: "an empty model name",
    change: { metrics: { ...metrics, modelName: "" } },
    path: "metrics.modelName",
    says: "no series matches",
  },
  {
    what: "a regular expression with a look-ahead",
    change: { metrics: { ...metrics, podRegex: "(?!llama-canary).*" } },
    path: "metrics.podRegex",
    says: "refused by Prometheus: it has look-around or other syntax of Perl, which RE2 does not know",
  },
  {
    what: "an empty pod expression",
    change: { metrics: { ...metrics, podRegex: "" } },
    path: "metrics.podRegex",
    says: "no series matches",
  },
  {
    what: "a prefix that begins no metric name",
    change: { metrics: { ...metrics, metricPrefix: "vllm-" } },
    path: "metrics.metricPrefix",
    says: '"vllm-" cannot begin a metric name',
  },
  {
    what: "a label that is ours",
    change: { metrics: { ...metrics, labels: { le: "0.1" } } },
    path: "metrics.labels.le",
    says: "set by the compiler",
  },
  {
    what: "a label that is no label",
    change: { metrics: { ...metrics, labels: { "a-b": "" } } },
    path: "metrics.labels.a-b",
    says: "not a Prometheus label name",
  },
  {
    what: "edges that do not ascend",
    change: { metrics: { ...metrics, bucketEdgesSeconds: { itl: [0.1, 0.05] } } },
    path: "metrics.bucketEdgesSeconds.itl",
    says: "[0.1, 0.05] are not bucket edges",
  },
  {
    what: "no edges",
    change: { metrics: { ...metrics, bucketEdgesSeconds: { itl: [] } } },
    path: "metrics.bucketEdgesSeconds.itl",
    says: "at least one",
  },
  { what: "no objective", change: { slo: {} }, path: "slo", says: "at least one of itl, tpot, ttft, e2e, queueTime" },
  {
    what: "a bound of 0",
    change: { slo: { itl: { atMostMs: 0 } } },
    path: "slo.itl.atMostMs",
    says: "0 is not a bound",
  },
  {
    what: "a bound that is no number",
    change: { slo: { e2e: { atMostMs: Number.NaN } } },
    path: "slo.e2e.atMostMs",
    says: "NaN is not a bound",
  },
  {
    what: "a quantile of 1",
    change: { slo: { itl: { atMostMs: 75, quantile: 1 } } },
    path: "slo.itl.quantile",
    says: "1 is not a quantile",
  },
  {
    what: "a quantile in percent",
    change: { slo: { ttft: { atMostMs: 2500, quantile: 99 } } },
    path: "slo.ttft.quantile",
    says: "99 is not a quantile",
  },
  {
    what: "a ratio of good tokens in percent",
    change: { slo: { itl: { atMostMs: 75, goodRatio: 99 } } },
    path: "slo.itl.goodRatio",
    says: "99 is not a ratio",
  },
  {
    what: "an objective said twice",
    change: { slo: { itl: { atMostMs: 75, quantile: 0.5, goodRatio: 0.9 } } },
    path: "slo.itl",
    says: "has quantile 0.5 and goodRatio 0.9, which both say what share",
  },
  {
    what: "a trend that looks back",
    change: { trend: { horizonSeconds: -5 } },
    path: "trend.horizonSeconds",
    says: "-5 is not a horizon",
  },
  {
    what: "a trend further ahead than an hour",
    change: { trend: { horizonSeconds: 3601 } },
    path: "trend.horizonSeconds",
    says: "3601 is not a horizon",
  },
  {
    what: "a trend over a start that takes no time",
    change: { trend: {}, timing: { ...timing, startupSeconds: 0 } },
    path: "trend.horizonSeconds",
    says: "Missing, and the start of 0 s cannot take its place",
  },
  {
    what: "a trigger with the name of the trend",
    change: { trend: {}, extraTriggers: [{ type: "cron", name: "in-flight-trend", metadata: {} }] },
    path: "extraTriggers[0].name",
    says: "is already the name of a trigger compiled from the SLO",
  },
  {
    what: "a bound below the unloaded replica (trap 13)",
    change: { slo: { itl: { atMostMs: 62 } } },
    path: "slo.itl.atMostMs",
    says: "62 ms cannot be kept: a replica with one request of 3072 prompt + 1200 output tokens and nothing else to do takes 62.04 ms",
  },
  {
    what: "a bound just below the unloaded replica, with the digits that show it",
    change: { slo: { itl: { atMostMs: 62.044 } } },
    path: "slo.itl.atMostMs",
    says: "62.044 ms cannot be kept: a replica with one request of 3072 prompt + 1200 output tokens and nothing else to do takes 62.0442 ms",
  },
  {
    what: "a first token faster than the prefill",
    change: { slo: { ttft: { atMostMs: 700 } } },
    path: "slo.ttft.atMostMs",
    says: "takes 783.96 ms",
  },
  {
    what: "a bound above the last bucket",
    change: { slo: { itl: { atMostMs: 80_001 } } },
    path: "slo.itl.atMostMs",
    says: "80001 ms is above 80 s, the last bucket edge of inter_token_latency_seconds in vLLM 0.30.0",
  },
  {
    what: "a latency this vLLM does not measure",
    change: { slo: { tpot: { atMostMs: 100 } }, versions: { ...versions, vllm: "0.10.2" } },
    path: "slo.tpot",
    says: "vLLM 0.10.2 does not measure it; 0.11.0 is the first release known to",
  },
  {
    what: "a minimum of 0",
    change: { replicas: { min: 0, max: 7 } },
    path: "replicas.min",
    says: "0 must be a whole number of at least 1",
  },
  {
    what: "half a replica",
    change: { replicas: { min: 1, max: 1.5 } },
    path: "replicas.max",
    says: "1.5 must be a whole number",
  },
  {
    what: "a maximum below the minimum",
    change: { replicas: { min: 3, max: 2 } },
    path: "replicas.max",
    says: "2 is below replicas.min, 3",
  },
  {
    what: "more GPUs than the budget",
    change: { capacity: { ...capacity, gpuBudget: 6 } },
    path: "replicas.max",
    says: "7 replicas of 1 GPU are 7 GPUs, above the budget of 6",
  },
  {
    what: "a budget that does not reach for one replica",
    change: { replicas: { min: 1, max: 1 }, capacity: { concurrencyPerReplica: 7, gpusPerReplica: 4, gpuBudget: 2 } },
    path: "capacity.gpuBudget",
    says: "2 does not reach for one replica, which alone needs 4 GPUs: it would stay pending. Raise it to at least that",
  },
  {
    what: "a budget of no GPU",
    change: { capacity: { ...capacity, gpuBudget: 0 } },
    path: "capacity.gpuBudget",
    says: "0 must be a whole number",
  },
  {
    what: "half a GPU",
    change: { capacity: { concurrencyPerReplica: 5, gpusPerReplica: 0.5 } },
    path: "capacity.gpusPerReplica",
    says: "0.5 must be a whole number",
  },
  {
    what: "a profile for another number of GPUs",
    change: { capacity: { ...capacity, gpusPerReplica: 2 } },
    path: "capacity.gpusPerReplica",
    says: "2 GPUs a replica, but the figures of profile llama-3.1-8b-l4 are for 1",
  },
  {
    what: "neither profile nor concurrency",
    change: { capacity: {} },
    path: "capacity",
    says: "Give a capacity profile (such as llama-3.1-8b-l4; docs/capacity-profiles.md lists all)",
  },
  {
    what: "a profile without lengths",
    change: { capacity: { profile: llamaOnL4 } },
    path: "capacity.tokens",
    says: "mean prompt and output length",
  },
  {
    what: "a concurrency below one",
    change: { capacity: { concurrencyPerReplica: 0.5 } },
    path: "capacity.concurrencyPerReplica",
    says: "0.5 is not a number of requests",
  },
  ...[1_000_001, Number.POSITIVE_INFINITY].map((concurrencyPerReplica) => ({
    what: `a concurrency of ${concurrencyPerReplica}`,
    change: { capacity: { concurrencyPerReplica } },
    path: "capacity.concurrencyPerReplica",
    says: `${concurrencyPerReplica} is more than any replica runs: it must be at most 1000000.`,
  })),
  {
    what: "a concurrency that is no number",
    change: { capacity: { concurrencyPerReplica: Number.NaN } },
    path: "capacity.concurrencyPerReplica",
    says: "NaN is not a number of requests",
  },
  {
    what: "more replicas than Kubernetes counts",
    change: { replicas: { min: 1, max: 2 ** 31 } },
    path: "replicas.max",
    says: "2147483648 is more than Kubernetes counts: it must be at most 2147483647.",
  },
  {
    what: "no sequences",
    change: { capacity: { ...capacity, maxSequences: 0 } },
    path: "capacity.maxSequences",
    says: "0 is not a number of sequences",
  },
  {
    what: "prompts longer than the profile knows",
    change: { capacity: { profile: llamaOnL4, tokens: { promptTokens: 8193, outputTokens: 100 } } },
    path: "capacity.tokens.promptTokens",
    says: "8193 is outside 1 to 8192",
  },
  ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((promptTokens) => ({
    what: `prompts of ${promptTokens} tokens`,
    change: { capacity: { profile: llamaOnL4, tokens: { promptTokens, outputTokens: 100 } } },
    path: "capacity.tokens.promptTokens",
    says: `${promptTokens} is outside 1 to 8192, the lengths profile llama-3.1-8b-l4 is valid for.`,
  })),
  {
    what: "outputs that are no number",
    change: { capacity: { profile: llamaOnL4, tokens: { promptTokens: 100, outputTokens: Number.NaN } } },
    path: "capacity.tokens.outputTokens",
    says: "NaN is outside 1 to 4096",
  },
  {
    what: "a request larger than the KV cache",
    change: {
      capacity: {
        ...capacity,
        profile: { ...llamaOnL4, kvCache: { capacityTokens: 4096, blockTokens: 16 } },
      },
    },
    path: "capacity.tokens",
    says: "One request of 3072 prompt + 1200 output tokens does not fit into the KV cache of 4096 tokens in blocks of 16 (profile",
  },
  {
    what: "a profile with an impossible figure",
    change: { capacity: { ...capacity, profile: { ...llamaOnL4, decode: { ...llamaOnL4.decode, baseStepMs: -1 } } } },
    path: "capacity.profile.decode.baseStepMs",
    says: "Too small",
  },
  {
    what: "a negative start",
    change: { timing: { ...timing, startupSeconds: -1 } },
    path: "timing.startupSeconds",
    says: "-1 must be a number of seconds of at least 0",
  },
  {
    what: "an endless generation",
    change: { timing: { ...timing, longestGenerationSeconds: Number.POSITIVE_INFINITY } },
    path: "timing.longestGenerationSeconds",
    says: "Infinity must be a number of seconds above 0",
  },
  {
    what: "no scrape interval",
    change: { timing: { ...timing, scrapeIntervalSeconds: 0 } },
    path: "timing.scrapeIntervalSeconds",
    says: "0 must be a number of seconds above 0",
  },
  {
    what: "an address without scheme",
    change: { prometheus: { url: "prometheus" } },
    path: "prometheus.url",
    says: "Not a URL",
  },
  {
    what: "an address of another protocol",
    change: { prometheus: { url: "ftp://prometheus" } },
    path: "prometheus.url",
    says: "http:// or https://",
  },
  {
    what: "an address with a query",
    change: { prometheus: { url: "http://prometheus:9090/?a=b" } },
    path: "prometheus.url",
    says: "KEDA appends /api/v1/query",
  },
  {
    what: "credentials missing",
    change: { prometheus: { ...prometheus, authMode: "bearer" } },
    path: "prometheus.authenticationName",
    says: "authMode bearer needs the name of the TriggerAuthentication",
  },
  {
    what: "credentials nobody would use",
    change: { prometheus: { ...prometheus, authenticationName: "token" } },
    path: "prometheus.authenticationName",
    says: "set prometheus.authMode",
  },
  {
    what: "another tenant than the pods'",
    change: { prometheus: { ...prometheus, tenancyNamespace: "other" } },
    path: "prometheus.tenancyNamespace",
    says: '"other" is not metrics.namespace, "models"',
  },
  {
    what: "a version that is none",
    change: { versions: { ...versions, vllm: "latest" } },
    path: "versions.vllm",
    says: '"latest" is not a version: write major.minor.patch',
  },
  {
    what: "a version with a suffix that is none",
    change: { versions: { ...versions, keda: "2.19.0-" } },
    path: "versions.keda",
    says: '"2.19.0-" is not a version',
  },
  {
    what: "a vLLM too old",
    change: { versions: { ...versions, vllm: "0.6.5" } },
    path: "versions.vllm",
    says: "0.6.5 is too old: 0.6.6 is the first",
  },
  {
    what: "a KEDA too old",
    change: { versions: { ...versions, keda: "2.16.1" } },
    path: "versions.keda",
    says: "2.16.1 is too old: 2.17.0 is the first",
  },
  {
    what: "a Kubernetes too old",
    change: { versions: { ...versions, kubernetes: "1.29.14" } },
    path: "versions.kubernetes",
    says: "1.29.14 is too old: 1.30.0 is the first that works, because older ones refuse the preStop sleep",
  },
  {
    what: "a trigger named as one of ours",
    change: { extraTriggers: [{ type: "cron", name: "itl", metadata: {} }] },
    path: "extraTriggers[0].name",
    says: '"itl" is already the name of a trigger compiled from the SLO',
  },
  {
    what: "two triggers of one name",
    change: {
      extraTriggers: [
        { type: "cron", name: "day", metadata: {} },
        { type: "cron", name: "day", metadata: {} },
      ],
    },
    path: "extraTriggers[1].name",
    says: '"day" is already the name of extraTriggers[0]',
  },
];

describe("what cannot work", () => {
  it.each(cases)("$what is the one problem found", ({ change, path, says }) => {
    const problems = problemsOf(change);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]?.message).toContain(says);
  });

  it("is told all at once", () => {
    const paths = problemsOf({
      name: "Llama",
      slo: { itl: { atMostMs: 10 }, ttft: { atMostMs: -1 } },
      replicas: { min: 0, max: 7 },
      timing: { ...timing, scrapeIntervalSeconds: 0 },
      prometheus: { url: "prometheus" },
      versions: { ...versions, keda: "2.10.0" },
      extraTriggers: [{ type: "cron", name: "in-flight", metadata: {} }],
    }).map((problem) => problem.path);
    expect(paths).toEqual([
      "name",
      "slo.ttft.atMostMs",
      "replicas.min",
      "slo.itl.atMostMs",
      "timing.scrapeIntervalSeconds",
      "prometheus.url",
      "versions.keda",
      "extraTriggers[0].name",
    ]);
  });

  it("is never told with a password in it", () => {
    const problems = problemsOf({ prometheus: { url: "http://user:hunter2@prometheus:9090" } });
    expect(problems.map((problem) => problem.path)).toEqual(["prometheus.url"]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});
