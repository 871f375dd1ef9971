import { describe, expect, it } from "vitest";
import { compilePolicy, type PolicyInput, PrometheusAuthMode, type ScaledObject } from "../../../src/policy";
import { compiled, llamaOnL4, metadataOf, queryOf, standardInput } from "./policy-inputs";

const selector = 'namespace="models",model_name="llama-3.1-8b"';

describe("the standard policy", () => {
  it("is exactly this ScaledObject (traps 1, 8, 10, 20, 26, 27, 28, 29, 30, 32, 34)", () => {
    const expected: ScaledObject = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "llama", namespace: "models" },
      spec: {
        scaleTargetRef: { name: "llama" },
        minReplicaCount: 1,
        maxReplicaCount: 7,
        fallback: { failureThreshold: 3, replicas: 1, behavior: "currentReplicasIfHigher" },
        advanced: {
          horizontalPodAutoscalerConfig: {
            behavior: {
              scaleUp: {
                stabilizationWindowSeconds: 0,
                selectPolicy: "Max",
                policies: [
                  { type: "Percent", value: 100, periodSeconds: 15 },
                  { type: "Pods", value: 4, periodSeconds: 15 },
                ],
              },
              scaleDown: {
                stabilizationWindowSeconds: 300,
                policies: [{ type: "Percent", value: 25, periodSeconds: 120 }],
              },
            },
          },
        },
        triggers: [
          {
            type: "prometheus",
            name: "in-flight",
            metricType: "AverageValue",
            metadata: {
              serverAddress: "http://prometheus-operated.monitoring.svc.cluster.local:9090",
              query: `sum(vllm:num_requests_running{${selector}}) + sum(vllm:num_requests_waiting{${selector}})`,
              threshold: "5",
              ignoreNullValues: "false",
            },
          },
          {
            type: "prometheus",
            name: "itl",
            metricType: "Value",
            metadata: {
              serverAddress: "http://prometheus-operated.monitoring.svc.cluster.local:9090",
              query:
                `(clamp_max(100 * (1 - sum(rate(vllm:inter_token_latency_seconds_bucket{${selector},le="0.075"}[1m]))` +
                ` / sum(rate(vllm:inter_token_latency_seconds_count{${selector}}[1m]))) / 0.5, 180) >= 0)` +
                ` or (0 * sum(vllm:num_requests_running{${selector}})` +
                ` unless (sum(rate(vllm:generation_tokens_total{${selector}}[1m])) > 0` +
                ` unless sum(rate(vllm:inter_token_latency_seconds_bucket{${selector},le="0.075"}[1m]))))`,
              threshold: "90",
              ignoreNullValues: "false",
            },
          },
        ],
      },
    };
    const policy = compiled(standardInput);
    expect(policy.scaledObject).toStrictEqual(expected);
    expect(policy.concurrencyAtSlo).toBe(7);
    expect(policy.targetConcurrency).toBe(5);
    expect(policy.warnings).toEqual([]);
  });

  it("explains every trigger, threshold and behaviour field with the value it has", () => {
    const { explanation } = compiled(standardInput);
    expect(explanation.map(({ path, value }) => [path, value])).toEqual([
      ["spec.minReplicaCount", "1"],
      ["spec.maxReplicaCount", "7"],
      ["spec.fallback", "at least 1, or as many as run if that is more"],
      ["spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.stabilizationWindowSeconds", "0"],
      [
        "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.policies",
        "100 % or 4 pods per 15 s, whichever is more",
      ],
      ["spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds", "300"],
      ["spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.policies", "25 % per 120 s"],
      ["spec.triggers[0].metadata.threshold", "5"],
      ["spec.triggers[0].metadata.query", queryOf(compiled(standardInput), "in-flight")],
      ["spec.triggers[0].metricType", "AverageValue"],
      ["spec.triggers[0].metadata.ignoreNullValues", "false"],
      ["spec.triggers[1].metadata.threshold", "90"],
      ["spec.triggers[1].metadata.query", queryOf(compiled(standardInput), "itl")],
      ["spec.triggers[1].metricType", "Value"],
      ["spec.triggers[1].metadata.ignoreNullValues", "false"],
    ]);
  });

  it("says a latency that keeps its bound as one that does", () => {
    // 68.1768 + 3 x 721.92 / 1200 = 69.9816: with one decimal it would be 70.
    const { explanation } = compiled({ ...standardInput, slo: { tpot: { atMostMs: 69.99 } } });
    expect(explanation.map(({ because }) => because)).toContainEqual(
      expect.stringContaining("4 requests at once keep tpot 69.98 of 69.99 ms"),
    );
  });

  it("shows measured figures as they are given, so that what is made of them can be checked", () => {
    const capacity = { concurrencyPerReplica: 12.49 };
    expect(compiled({ ...standardInput, capacity }).explanation.map(({ because }) => because)).toContainEqual(
      expect.stringContaining("max(1, floor(80 % x 12.49)) = 9."),
    );
  });

  it("puts the numbers into the formula of the in-flight threshold", () => {
    const threshold = compiled(standardInput).explanation.find(
      ({ path }) => path === "spec.triggers[0].metadata.threshold",
    );
    expect(threshold?.because).toBe(
      "Profile llama-3.1-8b-l4 at 3072 prompt + 1200 output tokens: 7 requests at once keep itl 74.3 of 75 ms, with a " +
        "decode step of 60 + 7 x (0.3 + 0.000475 x (3072 + 1200 / 2)) = 74.3 ms, and fit into the KV cache, which holds 7. " +
        "With loose headroom a replica is loaded to 80 % of that: max(1, floor(80 % x 7)) = 5.",
    );
  });
});

describe("windows and steps", () => {
  const behaviorOf = (timing: PolicyInput["timing"]) =>
    compiled({ ...standardInput, timing }).scaledObject.spec.advanced?.horizontalPodAutoscalerConfig?.behavior;

  it.each([
    { startup: 165, generation: 120, scrape: 15, window: 300, period: 120 },
    // A model declared short, as in the sandbox: 15 + 10 + max(15, 30).
    { startup: 10, generation: 15, scrape: 5, window: 55, period: 15 },
    { startup: 0, generation: 1, scrape: 1, window: 45, period: 15 },
    { startup: 0, generation: 1, scrape: 30, window: 135, period: 15 },
    { startup: 60.4, generation: 90.5, scrape: 15, window: 170, period: 91 },
    { startup: 300, generation: 600, scrape: 30, window: 915, period: 600 },
  ])("start $startup s, generation $generation s, scrape $scrape s: $window s window, $period s steps", (row) => {
    const behavior = behaviorOf({
      startupSeconds: row.startup,
      longestGenerationSeconds: row.generation,
      scrapeIntervalSeconds: row.scrape,
    });
    expect(behavior?.scaleDown).toEqual({
      stabilizationWindowSeconds: row.window,
      policies: [{ type: "Percent", value: 25, periodSeconds: row.period }],
    });
  });

  it("say what a step removes", () => {
    const line = compiled(standardInput).explanation.find(({ path }) => path.endsWith(".scaleDown.policies"));
    expect(line?.because).toContain("At most a quarter of the replicas, rounded up to a whole replica, in the 120 s");
  });

  it("stay within what Kubernetes allows, with a warning for each that had to be cut", () => {
    const policy = compiled({
      ...standardInput,
      timing: { startupSeconds: 3000, longestGenerationSeconds: 2000, scrapeIntervalSeconds: 15 },
    });
    expect(policy.scaledObject.spec.advanced?.horizontalPodAutoscalerConfig?.behavior?.scaleDown).toEqual({
      stabilizationWindowSeconds: 3600,
      policies: [{ type: "Percent", value: 25, periodSeconds: 1800 }],
    });
    expect(policy.warnings).toEqual([
      expect.stringContaining("should be 5015 s, but Kubernetes allows at most 3600 s"),
      expect.stringContaining("should take 2000 s, the longest generation, but Kubernetes allows at most 1800 s"),
    ]);
  });

  it.each([
    { scrape: 1, itl: "30s", ttft: "2m" },
    { scrape: 5, itl: "30s", ttft: "2m" },
    { scrape: 9, itl: "40s", ttft: "2m" },
    { scrape: 15, itl: "1m", ttft: "2m" },
    { scrape: 30, itl: "2m", ttft: "2m" },
    { scrape: 60, itl: "4m", ttft: "4m" },
  ])("a scrape every $scrape s: rates over $itl for tokens, $ttft for requests (trap 14)", ({ scrape, itl, ttft }) => {
    const policy = compiled({
      ...standardInput,
      slo: { itl: { atMostMs: 75 }, ttft: { atMostMs: 2500 } },
      timing: { startupSeconds: 165, longestGenerationSeconds: 120, scrapeIntervalSeconds: scrape },
    });
    expect(queryOf(policy, "itl").match(/\[\w+\]/g)).toEqual(Array(4).fill(`[${itl}]`));
    expect(queryOf(policy, "ttft").match(/\[\w+\]/g)).toEqual(Array(4).fill(`[${ttft}]`));
  });

  it("rates over requests look back five minutes at most", () => {
    const timing = { startupSeconds: 165, longestGenerationSeconds: 900, scrapeIntervalSeconds: 15 };
    const policy = compiled({ ...standardInput, slo: { ttft: { atMostMs: 2500 } }, timing });
    expect(queryOf(policy, "ttft")).toContain("[5m]");
  });
});

const withBuckets = { ...standardInput.versions, vllm: "0.32.0" };

describe("objectives", () => {
  it("each get a guard, after the in-flight trigger and in a fixed order", () => {
    const policy = compiled({
      ...standardInput,
      slo: {
        queueTime: { atMostMs: 1000 },
        e2e: { atMostMs: 120_000 },
        ttft: { atMostMs: 2500, quantile: 0.99 },
        tpot: { atMostMs: 100 },
        itl: { atMostMs: 75, quantile: 0.9 },
      },
    });
    expect(policy.scaledObject.spec.triggers.map(({ name, metricType }) => [name, metricType])).toEqual([
      ["in-flight", "AverageValue"],
      ["itl", "Value"],
      ["tpot", "Value"],
      ["ttft", "Value"],
      ["e2e", "Value"],
      ["queue-time", "Value"],
    ]);
    const guard = (name: string) => /_seconds_bucket{[^}]*(le=[^}]*)}.*\/ ([\d.]+), 180\)/.exec(queryOf(policy, name));
    expect(guard("itl")?.slice(1)).toEqual(['le="0.075"', "0.1"]);
    expect(guard("tpot")?.slice(1)).toEqual(['le="0.1"', "0.5"]);
    expect(guard("ttft")?.slice(1)).toEqual(['le="2.5"', "0.01"]);
    expect(guard("e2e")?.slice(1)).toEqual(['le=~"120(\\\\.0)?"', "0.1"]);
    expect(guard("queue-time")?.slice(1)).toEqual(['le=~"1(\\\\.0)?"', "0.1"]);
    expect(policy.warnings).toEqual([
      "slo.ttft (p99), slo.e2e (p90), slo.queueTime (p90): the concurrency is derived from the mean latency at the mean " +
        "token lengths, and a quantile above the median may need fewer requests on a replica. Measure it under your load " +
        "and set capacity.concurrencyPerReplica.",
      "slo.e2e: an output of more than 1917 tokens misses 120000 ms on a replica that does nothing else (profile llama-3.1-8b-l4). " +
        "If more than 10 % of the requests are longer, no number of replicas keeps the objective, and its guard holds them at replicas.max.",
    ]);
  });

  it("say which lengths miss them alone on a replica", () => {
    const said = (slo: PolicyInput["slo"]) =>
      compiled({ ...standardInput, slo }).warnings.filter((text) => text.includes("does nothing else"));
    // 721.92 + o x (60.3 + 0.000475 x (3072 + o / 2)) is 119,987 ms with 1917 and 120,050 ms with 1918.
    expect(said({ e2e: { atMostMs: 120_000 } })).toEqual([
      expect.stringMatching(/^slo\.e2e: an output of more than 1917 /),
    ]);
    // 0.235 p + 60.3 + 0.000475 x (p + 600) is 999.89 ms with 3989 and 1000.13 ms with 3990.
    expect(said({ ttft: { atMostMs: 1000, quantile: 0.95 } })).toEqual([
      expect.stringMatching(
        /^slo\.ttft: a prompt of more than 3989 tokens misses 1000 ms .* more than 5 % of the requests/,
      ),
    ]);
    expect(said({ ttft: { atMostMs: 1990 }, e2e: { atMostMs: 400_000 }, itl: { atMostMs: 75 } })).toEqual([]);
  });

  it("said as a ratio of good tokens or requests give the policy of the quantile, in the words of the ratio", () => {
    const slo = { itl: { atMostMs: 75, goodRatio: 0.99 }, ttft: { atMostMs: 2500, goodRatio: 0.999 } };
    const policy = compiled({ ...standardInput, slo });
    const quantiles = { itl: { atMostMs: 75, quantile: 0.99 }, ttft: { atMostMs: 2500, quantile: 0.999 } };
    const said = compiled({ ...standardInput, slo: quantiles });
    expect(policy.scaledObject).toEqual(said.scaledObject);
    expect(policy.targetConcurrency).toBe(said.targetConcurrency);
    const reasons = ({ explanation }: typeof policy) =>
      [1, 2].map((i) => explanation.find(({ path }) => path === `spec.triggers[${i}].metadata.threshold`)?.because);
    const acts =
      "The HPA tolerates 10 %, so it acts above 99 with floor(100 / 1.1) = 90, before the objective is missed.";
    expect(reasons(policy)).toEqual([
      `100 is "the objective is exactly missed": 99 % of the tokens of the last 60 s within 75 ms, 1 % above it. ${acts}`,
      `100 is "the objective is exactly missed": 99.9 % of the requests of the last 120 s within 2500 ms, 0.1 % above it. ${acts}`,
    ]);
    expect(reasons(said)).toEqual([
      `100 is "the objective is exactly missed": 1 % of the itl observations of the last 60 s above 75 ms. ${acts}`,
      `100 is "the objective is exactly missed": 0.1 % of the ttft observations of the last 120 s above 2500 ms. ${acts}`,
    ]);
  });

  it("say what they allow to the tenth of a percent", () => {
    const policy = compiled({ ...standardInput, slo: { itl: { atMostMs: 75, quantile: 0.875 } } });
    expect(policy.explanation.find(({ path }) => path === "spec.triggers[1].metadata.threshold")?.because).toContain(
      "12.5 % of the itl observations of the last 60 s above 75 ms",
    );
  });

  it("between two bucket edges are guarded at the upper one, with a warning that says how to make it exact (trap 5)", () => {
    const policy = compiled({ ...standardInput, versions: withBuckets, slo: { itl: { atMostMs: 70 } } });
    expect(queryOf(policy, "itl")).toContain('le="0.075"');
    expect(policy.concurrencyAtSlo).toBe(4);
    expect(policy.warnings).toEqual([
      "slo.itl: 70 ms is not a bucket edge of inter_token_latency_seconds. The guard counts what is above the next edge, " +
        "0.075 s, and so acts later than the objective says; the in-flight target is derived from 70 ms. To make it exact " +
        'add 0.07 to "inter_token_latency" of vLLM\'s --custom-histogram-buckets. A ServedModel reads the edges ' +
        "from that flag in its extraArgs; an SloAutoscaler is given them as metrics.bucketEdgesSeconds.itl.",
    ]);
  });

  it("between two edges of a vLLM without the flag are told what is exact there, and from when on the flag is", () => {
    const policy = compiled({ ...standardInput, slo: { itl: { atMostMs: 70 } } });
    expect(policy.warnings).toEqual([
      expect.stringMatching(
        /To make it exact take 75 ms, or, from vLLM 0\.32\.0 on, add 0\.07 to "inter_token_latency" of vLLM's --custom-histogram-buckets\.$/,
      ),
    ]);
    const above = compilePolicy({ ...standardInput, slo: { itl: { atMostMs: 100_000 } } });
    expect(above).toMatchObject({
      problems: [{ message: expect.stringContaining("--custom-histogram-buckets, which came with vLLM 0.32.0.") }],
    });
  });

  it("are exact at an edge of the user's own buckets", () => {
    const input = {
      ...standardInput,
      slo: { itl: { atMostMs: 70 } },
      metrics: { ...standardInput.metrics, bucketEdgesSeconds: { itl: [0.05, 0.06, 0.07, 0.08] } },
    };
    const policy = compiled({ ...input, versions: withBuckets });
    expect(queryOf(policy, "itl")).toContain('le="0.07"');
    expect(policy.warnings).toEqual([]);
    // A build of one's own may have them before.
    expect(compiled(input).warnings).toEqual([
      "metrics.bucketEdgesSeconds.itl: vLLM 0.30.0 has no --custom-histogram-buckets, which came with vLLM 0.32.0, so these are its edges only if it was built with them. Where the guard's edge is missing, its query is an error while tokens are generated.",
    ]);
  });

  it.each([
    // 4.2 / 1000 is 0.0042000000000000006.
    [4.2, 0.0042],
    [5.9, 0.0059],
    [4.25, 0.00425],
  ])("of %d ms is exact at the edge of %d s", (atMostMs, edge) => {
    const policy = compiled({
      ...standardInput,
      versions: withBuckets,
      capacity: { concurrencyPerReplica: 10 },
      slo: { itl: { atMostMs } },
      metrics: { ...standardInput.metrics, bucketEdgesSeconds: { itl: [0.001, edge, 0.01] } },
    });
    expect(queryOf(policy, "itl")).toContain(`le="${edge}"`);
    expect(policy.warnings).toEqual([]);
    expect(policy.explanation.find(({ path }) => path === "spec.triggers[1].metadata.threshold")?.because).toContain(
      `above ${atMostMs} ms`,
    );
  });

  it("that a profile nearly fails unloaded are warned about (trap 13)", () => {
    const policy = compiled({ ...standardInput, slo: { itl: { atMostMs: 65 } } });
    expect(policy.warnings[1]).toBe(
      "slo.itl: 65 ms is within the error of 10 % of what profile llama-3.1-8b-l4 gives for an unloaded replica, 62 ms: it " +
        "may turn out that no number of replicas keeps it.",
    );
  });

  it("on a high quantile of the gaps allow as many requests as their prefills leave gaps, and say so", () => {
    const input = {
      ...standardInput,
      slo: { itl: { atMostMs: 75, quantile: 0.95 } },
      capacity: { profile: llamaOnL4, tokens: { promptTokens: 3000, outputTokens: 200 } },
    };
    // A prompt of 3000 tokens is prefilled in two chunks of at most 2048, so each other request stalls 2 gaps of 200.
    const policy = compiled(input);
    expect(policy.concurrencyAtSlo).toBe(6);
    expect(policy.warnings).toEqual([]);
    const because = "spec.triggers[0].metadata.threshold";
    const reason = (candidate: typeof input & { capacity: { maxSequences?: number } }) =>
      compiled(candidate).explanation.find(({ path }) => path === because)?.because;
    expect(reason(input)).toContain(
      "6 requests at once keep itl 70.6 of 75 ms (with 7, 6 % of the gaps would hold 481.3 ms of another request's prefill, where 5 % may miss the bound), with a decode step",
    );
    // 8 keep the step below 75 ms, the ninth does not, and 50 % of the gaps are enough for all their prefills.
    expect(compiled({ ...input, slo: { itl: { atMostMs: 75 } } }).concurrencyAtSlo).toBe(8);
    expect(reason({ ...input, slo: { itl: { atMostMs: 75, quantile: 0.5 } } })).not.toContain("prefill");
    // Fewer that run at once are what ends it.
    const capped = { ...input, capacity: { ...input.capacity, maxSequences: 4 } };
    expect(compiled(capped).concurrencyAtSlo).toBe(4);
  });
});

describe("capacity", () => {
  it("contractual headroom loads a replica to half", () => {
    const policy = compiled({ ...standardInput, capacity: { ...standardInput.capacity, headroom: "contractual" } });
    expect(metadataOf(policy, "in-flight").threshold).toBe("3");
  });

  it("a measured concurrency takes the place of the profile, also of one that does not fit", () => {
    const policy = compiled({
      ...standardInput,
      slo: { itl: { atMostMs: 10 } },
      capacity: { profile: llamaOnL4, concurrencyPerReplica: 12.5 },
    });
    expect(policy.concurrencyAtSlo).toBe(12.5);
    expect(policy.targetConcurrency).toBe(10);
  });

  it("that was measured is not warned about as derived from means", () => {
    const capacity = { concurrencyPerReplica: 5 };
    expect(compiled({ ...standardInput, slo: { ttft: { atMostMs: 2500 } }, capacity }).warnings).toEqual([]);
  });

  it.each([
    { concurrencyPerReplica: 1, headroom: "loose" as const, carries: "1" },
    { concurrencyPerReplica: 1.9, headroom: "contractual" as const, carries: "1.9" },
  ])("of $concurrencyPerReplica leaves no $headroom headroom, and says so", ({ carries, ...capacity }) => {
    const policy = compiled({ ...standardInput, capacity });
    expect(policy.targetConcurrency).toBe(1);
    expect(policy.warnings).toEqual([
      expect.stringContaining(
        `a replica carries ${carries} requests within the SLO and is asked to carry 1, the least there is, so ${capacity.headroom} headroom has no effect`,
      ),
    ]);
  });

  it("that leaves room for headroom is not warned about", () => {
    const capacity = { concurrencyPerReplica: 2, headroom: "contractual" as const };
    expect(compiled({ ...standardInput, capacity }).warnings).toEqual([]);
  });

  it("is never more than the sequences vLLM runs at once", () => {
    const policy = compiled({ ...standardInput, capacity: { ...standardInput.capacity, maxSequences: 4 } });
    expect([policy.concurrencyAtSlo, policy.targetConcurrency]).toEqual([4, 3]);
  });

  it("an estimated profile is warned about", () => {
    const estimated = { ...llamaOnL4, provenance: { ...llamaOnL4.provenance, kind: "estimated" as const } };
    const policy = compiled({ ...standardInput, capacity: { ...standardInput.capacity, profile: estimated } });
    expect(policy.warnings).toEqual([
      "Profile llama-3.1-8b-l4 is estimated, not measured: calibrate before you rely on the figures.",
    ]);
  });

  it("the same number as minimum and maximum is warned about", () => {
    expect(compiled({ ...standardInput, replicas: { min: 2, max: 2 } }).warnings).toEqual([
      "replicas.min and replicas.max are both 2: nothing will be scaled.",
    ]);
  });

  it("the fallback keeps one replica where the minimum is none, and says so", () => {
    const { scaledObject, explanation } = compiled({ ...standardInput, replicas: { min: 0, max: 3 }, zero: {} });
    expect(scaledObject.spec.fallback?.replicas).toBe(1);
    expect(explanation.find(({ path }) => path === "spec.fallback")?.because).toContain("never below 1. No more");
  });

  it("the fallback keeps the minimum", () => {
    const policy = compiled({ ...standardInput, replicas: { min: 3, max: 7 } });
    expect(policy.scaledObject.spec.fallback?.replicas).toBe(3);
  });
});

describe("Prometheus", () => {
  it("behind a tenancy proxy gets namespace, mode and credentials; the namespace stays in the query", () => {
    const policy = compiled({
      ...standardInput,
      prometheus: {
        url: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092/",
        tenancyNamespace: "models",
        authMode: PrometheusAuthMode.Bearer,
        authenticationName: "llama-prometheus",
      },
    });
    for (const trigger of policy.scaledObject.spec.triggers) {
      expect(trigger.metadata).toMatchObject({
        serverAddress: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092",
        namespace: "models",
        authModes: "bearer",
        query: expect.stringContaining('namespace="models"'),
      });
      expect(trigger.authenticationRef).toEqual({ name: "llama-prometheus" });
    }
  });

  it("keeps a path prefix", () => {
    const policy = compiled({ ...standardInput, prometheus: { url: "https://monitoring.example/prometheus/" } });
    expect(metadataOf(policy, "itl").serverAddress).toBe("https://monitoring.example/prometheus");
  });
});

describe("the user's own", () => {
  it("triggers follow ours unchanged", () => {
    const extraTriggers = [
      { type: "cron", name: "office-hours", metadata: { timezone: "Europe/Berlin", desiredReplicas: "3" } },
      { type: "kafka", metadata: { topic: "jobs" }, metricType: "AverageValue" as const, useCachedMetrics: true },
    ];
    const { triggers } = compiled({ ...standardInput, extraTriggers }).scaledObject.spec;
    expect(triggers.slice(2)).toStrictEqual(extraTriggers);
  });

  it("labels and target go through", () => {
    const scaleTargetRef = { name: "llama-predictor", apiVersion: "apps/v1", kind: "Deployment" };
    const { metadata, spec } = compiled({ ...standardInput, labels: { team: "a" }, scaleTargetRef }).scaledObject;
    expect(metadata).toEqual({ name: "llama", namespace: "models", labels: { team: "a" } });
    expect(spec.scaleTargetRef).toEqual(scaleTargetRef);
  });
});

describe("versions", () => {
  it.each([
    { vllm: "0.6.6", metric: "vllm:time_per_output_token_seconds_bucket" },
    { vllm: "0.10.1", metric: "vllm:time_per_output_token_seconds_bucket" },
    { vllm: "v0.10.2", metric: "vllm:inter_token_latency_seconds_bucket" },
    { vllm: "0.11.0", metric: "vllm:inter_token_latency_seconds_bucket" },
    { vllm: "1.0.0", metric: "vllm:inter_token_latency_seconds_bucket" },
  ])("vLLM $vllm measures ITL as $metric (traps 17, 19)", ({ vllm, metric }) => {
    const policy = compiled({ ...standardInput, versions: { ...standardInput.versions, vllm } });
    expect(queryOf(policy, "itl")).toContain(`rate(${metric}{`);
  });

  it.each([
    { vllm: "0.6.6", itl: "time_per_output_token_seconds" },
    { vllm: "0.9.2", itl: "time_per_output_token_seconds" },
    { vllm: "0.12.0", itl: "inter_token_latency_seconds" },
    { vllm: "0.30.0", itl: "inter_token_latency_seconds" },
  ])(
    "vLLM $vllm is asked for nothing but series it has, and never how full its KV cache is (traps 3, 15, 16, 21)",
    ({ vllm, itl }) => {
      const policy = compiled({
        ...standardInput,
        slo: { itl: { atMostMs: 75 }, ttft: { atMostMs: 5000 } },
        versions: { ...standardInput.versions, vllm },
      });
      const queries = policy.scaledObject.spec.triggers.map(({ metadata }) => metadata.query ?? "");
      expect(new Set(queries.flatMap((query) => query.match(/vllm:\w+/g) ?? []))).toEqual(
        new Set([
          "vllm:num_requests_running",
          "vllm:num_requests_waiting",
          "vllm:generation_tokens_total",
          `vllm:${itl}_bucket`,
          `vllm:${itl}_count`,
          "vllm:time_to_first_token_seconds_bucket",
          "vllm:time_to_first_token_seconds_count",
        ]),
      );
    },
  );

  it("KEDA 2.17 has no fallback for the guards, and says so", () => {
    const policy = compiled({ ...standardInput, versions: { ...standardInput.versions, keda: "2.17.2" } });
    expect(policy.warnings).toEqual([
      expect.stringContaining("KEDA before 2.18 has no fallback for the latency guards"),
    ]);
    expect(policy.scaledObject).toEqual(compiled(standardInput).scaledObject);
    expect(policy.explanation.find(({ path }) => path === "spec.fallback")?.because).toMatch(
      / This KEDA applies it to triggers of type AverageValue only\.$/,
    );
  });

  it("may have a leading v and a build suffix", () => {
    const versions = { vllm: "0.30.0+rhai5", keda: "2.20.2-4", kubernetes: "v1.33.5-gke.1201000" };
    expect(compilePolicy({ ...standardInput, versions })).toEqual(compilePolicy(standardInput));
  });

  it("newer than known are as the newest known", () => {
    const versions = { vllm: "9.0.0", keda: "3.1.0", kubernetes: "v2.0.0" };
    const measured = { ...standardInput, capacity: { concurrencyPerReplica: 7 } };
    expect(compilePolicy({ ...measured, versions })).toEqual(compilePolicy(measured));
  });
});
