import { describe, expect, test } from "vitest";
import { type ExtraTrigger, platformReference, servedModelManifests } from "../../../src/manifests";

const platform = platformReference({ distribution: "kubernetes", prometheus: { url: "http://prometheus:9090" } });

function problemsOf(trigger: Partial<ExtraTrigger>, vllmVersion?: string) {
  const model = {
    namespace: "models",
    weights: { existingClaim: "weights" },
    slo: { itl: { atMostMs: 75 } },
    capacity: { concurrencyPerReplica: 10 },
    replicas: { max: 2 },
    vllmVersion,
    extraTriggers: [{ type: "prometheus", metadata: {}, ...trigger }],
  };
  const result = servedModelManifests("llama", model, platform);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const ofQuery = (query: string, metricType?: string): Partial<ExtraTrigger> => ({ metadata: { query }, metricType });

describe("a trigger of one's own", () => {
  test("says its metric type where KEDA reads it (trap 28)", () => {
    expect(problemsOf({ metadata: { query: "sum(up)", metricType: "Value" } })).toEqual([
      "extraTriggers[0].metadata.metricType: is not read there by KEDA. Write it beside metadata.",
    ]);
    expect(problemsOf({ metadata: { query: "sum(up)" }, metricType: "AverageValue" })).toEqual([]);
  });

  test.each([
    "avg(vllm:kv_cache_usage_perc)",
    "max(vllm:kv_cache_usage_perc)",
    "sum(rate(vllm:inter_token_latency_seconds_sum[2m])) / sum(rate(vllm:inter_token_latency_seconds_count[2m]))",
    "1000 * histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket[2m])))",
  ])("%s is not divided by the replicas (traps 1, 3)", (query) => {
    for (const [metricType, told] of [
      [undefined, "KEDA's default, AverageValue"],
      ["AverageValue", "AverageValue"],
    ] as const) {
      expect(problemsOf(ofQuery(query, metricType))).toEqual([
        `extraTriggers[0].metricType: is ${told}, but the query is a latency or an average: divided by the replicas it would ask for the same few at any size. Write Value, or ask for a sum.`,
      ]);
    }
    expect(problemsOf(ofQuery(query, "Value"))).toEqual([]);
  });

  test("a sum that is averaged over time stays a sum", () => {
    expect(problemsOf(ofQuery("avg_over_time(sum(vllm:num_requests_waiting)[1m:15s])"))).toEqual([]);
  });

  test.each([
    ["sum(vllm:gpu_cache_utilization_percent)", "0.6.6", "gpu_cache_utilization_percent", "kv_cache_usage_perc"],
    ["sum(vllm:gpu_cache_usage_perc)", "0.11.0", "gpu_cache_usage_perc", "kv_cache_usage_perc"],
    ['sum({"kserve_vllm:gpu_cache_usage_perc"})', "0.11.0", "gpu_cache_usage_perc", "kv_cache_usage_perc"],
    [
      "sum(vllm:time_per_output_token_seconds_count)",
      "0.12.0",
      "time_per_output_token_seconds",
      "inter_token_latency_seconds",
    ],
  ])("%s is not asked of vLLM %s (traps 15, 16, 17)", (query, vllm, name, instead) => {
    expect(problemsOf(ofQuery(query), vllm)).toEqual([
      `extraTriggers[0].metadata.query: asks for ${name}, which vLLM ${vllm} does not show: KEDA would read 0. Take ${instead}.`,
    ]);
  });

  test.each([
    ["sum(vllm:gpu_cache_usage_perc)", "0.10.2"],
    ["sum(vllm:time_per_output_token_seconds_count)", "0.11.0"],
    ["sum(vllm:request_time_per_output_token_seconds_count)", "0.12.0"],
    ["sum(vllm:kv_cache_usage_perc)", "0.30.0"],
    ['sum(vllm:num_requests_waiting{job=":gpu_cache_usage_perc"}) # instead of vllm:gpu_cache_usage_perc', "0.30.0"],
  ])("%s is there in vLLM %s", (query, vllm) => {
    expect(problemsOf(ofQuery(query), vllm)).toEqual([]);
  });
});
