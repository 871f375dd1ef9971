import { isAtLeast, type Version } from "./version";

/**
 * What a metric tells, which decides how its series may be put together:
 * - `requests`, `tokens`, `blocks`: parts of a whole that is spread over replicas; their sum is the load.
 * - `share`: 0 to 1, of each replica.
 * - `seconds`: how long something took.
 * - `length`: tokens or other sizes of one request.
 * - `info`: a constant with labels.
 */
export type MetricUnit = "requests" | "tokens" | "blocks" | "share" | "seconds" | "length" | "info";

export interface VllmMetric {
  /** Without prefix; for histograms without `_bucket`, `_sum` and `_count`. Counters end in `_total`. */
  name: string;
  type: "gauge" | "counter" | "histogram";
  unit: MetricUnit;
  /** @default the oldest release known here, 0.6.6 */
  since?: Version;
  /** First release that exposes it only with `--show-hidden-metrics-for-version`, or not at all. */
  until?: Version;
  /** What took its place, as an expression over names of the same release. */
  replacedBy?: string;
}

/**
 * vLLM's own metrics that a policy could scale by, as exposed by the releases 0.6.6 to 0.33.0.
 * Source: `vllm/engine/metrics.py` (V0) and `vllm/v1/metrics/loggers.py` in the source distributions of these releases.
 */
export const vllmMetrics: readonly VllmMetric[] = [
  { name: "num_requests_running", type: "gauge", unit: "requests" },
  { name: "num_requests_waiting", type: "gauge", unit: "requests" },
  { name: "num_requests_waiting_by_reason", type: "gauge", unit: "requests", since: [0, 20, 0] },
  { name: "num_requests_swapped", type: "gauge", unit: "requests", until: [0, 9, 0] },
  { name: "kv_cache_usage_perc", type: "gauge", unit: "share", since: [0, 9, 2] },
  { name: "gpu_cache_usage_perc", type: "gauge", unit: "share", until: [0, 11, 0], replacedBy: "kv_cache_usage_perc" },
  { name: "cpu_cache_usage_perc", type: "gauge", unit: "share", until: [0, 9, 0] },
  {
    name: "gpu_prefix_cache_hit_rate",
    type: "gauge",
    unit: "share",
    until: [0, 9, 0],
    replacedBy: "prefix_cache_hits_total",
  },
  { name: "cpu_prefix_cache_hit_rate", type: "gauge", unit: "share", until: [0, 9, 0] },
  { name: "spec_decode_draft_acceptance_rate", type: "gauge", unit: "share", until: [0, 10, 0] },
  { name: "spec_decode_efficiency", type: "gauge", unit: "share", until: [0, 10, 0] },
  {
    name: "avg_prompt_throughput_toks_per_s",
    type: "gauge",
    unit: "tokens",
    until: [0, 8, 5],
    replacedBy: "prompt_tokens_total",
  },
  {
    name: "avg_generation_throughput_toks_per_s",
    type: "gauge",
    unit: "tokens",
    until: [0, 8, 5],
    replacedBy: "generation_tokens_total",
  },
  { name: "lora_requests_info", type: "gauge", unit: "info" },
  { name: "cache_config_info", type: "gauge", unit: "info" },
  { name: "engine_sleep_state", type: "gauge", unit: "info", since: [0, 11, 1] },

  { name: "prompt_tokens_total", type: "counter", unit: "tokens" },
  { name: "generation_tokens_total", type: "counter", unit: "tokens" },
  { name: "tokens_total", type: "counter", unit: "tokens", until: [0, 8, 5] },
  { name: "prompt_tokens_cached_total", type: "counter", unit: "tokens", since: [0, 16, 0] },
  { name: "prompt_tokens_by_source_total", type: "counter", unit: "tokens", since: [0, 16, 0] },
  { name: "num_preemptions_total", type: "counter", unit: "requests" },
  { name: "request_success_total", type: "counter", unit: "requests" },
  { name: "corrupted_requests_total", type: "counter", unit: "requests", since: [0, 11, 1] },
  { name: "admission_rejections_total", type: "counter", unit: "requests", since: [0, 33, 0] },
  { name: "prefix_cache_queries_total", type: "counter", unit: "tokens", since: [0, 9, 2] },
  { name: "prefix_cache_hits_total", type: "counter", unit: "tokens", since: [0, 9, 2] },
  {
    name: "gpu_prefix_cache_queries_total",
    type: "counter",
    unit: "tokens",
    since: [0, 8, 5],
    until: [0, 11, 0],
    replacedBy: "prefix_cache_queries_total",
  },
  {
    name: "gpu_prefix_cache_hits_total",
    type: "counter",
    unit: "tokens",
    since: [0, 8, 5],
    until: [0, 11, 0],
    replacedBy: "prefix_cache_hits_total",
  },
  { name: "external_prefix_cache_queries_total", type: "counter", unit: "tokens", since: [0, 11, 1] },
  { name: "external_prefix_cache_hits_total", type: "counter", unit: "tokens", since: [0, 11, 1] },

  { name: "time_to_first_token_seconds", type: "histogram", unit: "seconds" },
  { name: "inter_token_latency_seconds", type: "histogram", unit: "seconds", since: [0, 10, 2] },
  {
    name: "time_per_output_token_seconds",
    type: "histogram",
    unit: "seconds",
    until: [0, 12, 0],
    replacedBy: "inter_token_latency_seconds",
  },
  { name: "request_time_per_output_token_seconds", type: "histogram", unit: "seconds", since: [0, 11, 0] },
  { name: "e2e_request_latency_seconds", type: "histogram", unit: "seconds" },
  { name: "request_queue_time_seconds", type: "histogram", unit: "seconds" },
  { name: "request_prefill_time_seconds", type: "histogram", unit: "seconds" },
  { name: "request_decode_time_seconds", type: "histogram", unit: "seconds" },
  { name: "request_inference_time_seconds", type: "histogram", unit: "seconds" },
  {
    name: "time_in_queue_requests",
    type: "histogram",
    unit: "seconds",
    until: [0, 9, 0],
    replacedBy: "request_queue_time_seconds",
  },
  { name: "model_forward_time_milliseconds", type: "histogram", unit: "seconds", until: [0, 9, 0] },
  { name: "model_execute_time_milliseconds", type: "histogram", unit: "seconds", until: [0, 9, 0] },
  { name: "request_prompt_tokens", type: "histogram", unit: "length" },
  { name: "request_generation_tokens", type: "histogram", unit: "length" },
  { name: "iteration_tokens_total", type: "histogram", unit: "length" },
  { name: "request_max_num_generation_tokens", type: "histogram", unit: "length" },
  { name: "request_params_n", type: "histogram", unit: "length" },
  { name: "request_params_max_tokens", type: "histogram", unit: "length" },
  { name: "request_prefill_kv_computed_tokens", type: "histogram", unit: "length", since: [0, 13, 0] },
  { name: "request_num_preemptions", type: "histogram", unit: "length", since: [0, 30, 0] },
];

/** Families of features that bring metrics of their own, not listed here one by one. */
const featureFamilies = [
  ...["spec_decode_", "nixl_", "mooncake_", "kv_offload_", "simple_kv_offload_", "hisparse_", "umbp_", "mm_cache_"],
  ...["kv_block_", "kv_pool_", "estimated_", "websocket_", "diffusion_", "tool_call_", "rl_", "sleep_mode_"],
];

/**
 * What the router of vLLM's production stack exposes with the prefix of the engine, and no engine has.
 * Source: vllm-project/production-stack `src/vllm_router/services/metrics_service/__init__.py`
 */
const routerMetrics = new Set([
  ...["num_incoming_requests_total", "routing_decisions_total", "current_qps", "healthy_pods_total"],
  ...["num_prefill_requests", "num_decoding_requests", "avg_decoding_length", "avg_latency", "avg_itl"],
  ...["input_tokens_total", "output_tokens_total", "request_errors_total"],
  ...["bucket", "sum", "count"].map((part) => `request_latency_seconds_${part}`),
]);

const byName = new Map(vllmMetrics.map((metric) => [metric.name, metric]));
const histogramSuffix = /_(bucket|sum|count|created)$/;

/** A name in a query, without prefix, and what it belongs to. */
export interface MetricReference {
  metric: VllmMetric;
  /** Part of a histogram; absent for other metrics, and for a histogram's bare name, which has no series. */
  part?: "bucket" | "sum" | "count" | "created";
}

/** The metric that a name without prefix belongs to; `undefined` where there is none. */
export function vllmMetric(name: string): MetricReference | undefined {
  const exact = byName.get(name);
  if (exact) return { metric: exact };
  const match = histogramSuffix.exec(name);
  const histogram = match === null ? undefined : byName.get(name.slice(0, match.index));
  if (histogram?.type !== "histogram") return undefined;
  const part = match?.[1];
  return part === "bucket" || part === "sum" || part === "count" || part === "created"
    ? { metric: histogram, part }
    : undefined;
}

/** Whether it is of a router before the engines, which is there when they are not. */
export function isOfRouter(name: string): boolean {
  return routerMetrics.has(name);
}

/** Whether it is known not to be one of those above: of a feature, or of a router. */
export function isOfOthers(name: string): boolean {
  return isOfRouter(name) || featureFamilies.some((family) => name.startsWith(family));
}

/** Whether a release exposes it without being asked to show what is hidden. */
export function isExposedBy({ since, until }: VllmMetric, release: Version): boolean {
  return (since === undefined || isAtLeast(release, since)) && (until === undefined || !isAtLeast(release, until));
}
