import { describe, expect, it } from "vitest";
import { classify } from "../../../src/policy/query-signal/classify";
import { parsePromql } from "../../../src/promql";

function classified(query: string) {
  const parsed = parsePromql(query);
  if (!parsed.ok) throw new Error(query);
  return classify(parsed.expression);
}

const p50 = "histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket[2m])))";

describe("extensive or intensive", () => {
  it.each([
    ["sum(vllm:num_requests_waiting)", "extensive"],
    ["sum(vllm:num_requests_running) + sum(vllm:num_requests_waiting)", "extensive"],
    ["sum(rate(vllm:generation_tokens_total[1m]))", "extensive"],
    ["sum(vllm:kv_cache_usage_perc)", "extensive"],
    ["100 * sum(vllm:kv_cache_usage_perc)", "extensive"],
    ["sum(avg_over_time(vllm:num_requests_running[1m]))", "extensive"],
    ["sum(vllm:num_requests_waiting) or vector(0)", "extensive"],
    ["ceil(sum(vllm:num_requests_waiting) / 5)", "extensive"],
    ["avg(vllm:kv_cache_usage_perc) * count(vllm:kv_cache_usage_perc)", "extensive"],
    ["sum(kserve_vllm:num_requests_waiting)", "extensive"],
    ["sum by (pod) (vllm:num_requests_running)", "extensive"],
    ["avg(vllm:kv_cache_usage_perc)", "intensive"],
    ["max(vllm:kv_cache_usage_perc)", "intensive"],
    ["avg(vllm:num_requests_running)", "intensive"],
    ["vllm:kv_cache_usage_perc", "intensive"],
    [p50, "intensive"],
    [`(1000 * ${p50} > 0) or (0 * sum(vllm:num_requests_running))`, "intensive"],
    ["sum(vllm:num_requests_waiting) / count(vllm:num_requests_waiting)", "intensive"],
    [
      'sum(rate(vllm:inter_token_latency_seconds_bucket{le="0.075"}[1m])) / sum(rate(vllm:inter_token_latency_seconds_count[1m]))',
      "intensive",
    ],
    [
      "sum(rate(vllm:e2e_request_latency_seconds_sum[1m])) / sum(rate(vllm:e2e_request_latency_seconds_count[1m]))",
      "intensive",
    ],
    ["avg(DCGM_FI_DEV_GPU_UTIL)", "intensive"],
    ["avg(sum(vllm:num_requests_waiting))", "extensive"],
    ["max(sum(vllm:num_requests_waiting))", "extensive"],
    ["count(vllm:num_requests_running)", "replicas"],
    ['sum(kube_deployment_status_replicas{deployment="llama"})', "replicas"],
    ["max(kube_statefulset_replicas)", "replicas"],
    ['sum(vllm:num_requests_waiting) / sum(kube_deployment_status_replicas{deployment="llama"})', "intensive"],
    // One series for a Deployment, however many replicas it has.
    ['count(kube_deployment_status_replicas_ready{deployment="llama"})', "constant"],
    ['sum(vllm:num_requests_waiting) / count(kube_deployment_status_replicas_ready{deployment="llama"})', "extensive"],
    ["42", "constant"],
    ["sum(some_other_metric)", "unknown"],
    ["sum(vllm:num_requests_waiting) + avg(vllm:kv_cache_usage_perc)", "unknown"],
  ])("%s is %s", (query, extent) => {
    expect(classified(query).extent).toBe(extent);
  });
});

describe("the values it can take", () => {
  const infinity = Number.POSITIVE_INFINITY;
  it.each([
    ["avg(vllm:kv_cache_usage_perc)", 0, 1],
    ["100 * avg(vllm:kv_cache_usage_perc)", 0, 100],
    ["1 - avg(vllm:kv_cache_usage_perc)", 0, 1],
    ["clamp_max(sum(vllm:num_requests_waiting), 20)", 0, 20],
    ["clamp(sum(vllm:num_requests_waiting), 2, 20)", 2, 20],
    ["avg(vllm:kv_cache_usage_perc) > 0.5", 0.5, 1],
    ["avg(vllm:kv_cache_usage_perc) / 4", 0, 0.25],
    ["avg(vllm:kv_cache_usage_perc) or vector(3)", 0, 3],
    ["0 * sum(vllm:num_requests_running)", 0, 0],
    ["sum(vllm:kv_cache_usage_perc)", 0, infinity],
    [p50, 0, infinity],
    ["deriv(vllm:kv_cache_usage_perc[5m])", -infinity, infinity],
  ])("%s: %d to %d", (query, min, max) => {
    expect(classified(query).range).toEqual({ min, max });
  });
});

describe("whether it gives one series, and a number when idle", () => {
  it.each([
    ["sum(vllm:num_requests_waiting)", true, false],
    ["vllm:num_requests_waiting", false, false],
    ["sum by (pod) (vllm:num_requests_waiting)", false, false],
    ["sum by () (vllm:num_requests_waiting)", true, false],
    ["sum without (pod) (vllm:num_requests_waiting)", false, false],
    ["topk(1, vllm:num_requests_waiting)", false, false],
    [p50, true, true],
    ["histogram_quantile(0.5, rate(vllm:inter_token_latency_seconds_bucket[2m]))", false, true],
    ["histogram_quantile(0.5, sum by (le, pod) (rate(vllm:inter_token_latency_seconds_bucket[2m])))", false, true],
    [`${p50} > 0`, true, false],
    ["sum(rate(vllm:request_success_total[1m])) / sum(rate(vllm:request_success_total[1m]))", true, true],
    ["sum(vllm:num_requests_waiting) / 5", true, false],
  ])("%s", (query, single, canBeNaN) => {
    expect(classified(query)).toMatchObject({ single, canBeNaN });
  });
});
