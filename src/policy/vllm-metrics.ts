import { LatencyKind } from "./slo";
import { inForce, type Since, type Version } from "./version";

/** Oldest vLLM release whose metrics are known here; its V0 engine already had every family but TPOT. */
export const earliestVllm: Version = [0, 6, 6];

/** vLLM's own prefix of every metric name. RHOAI's LLMInferenceService monitors rename it to `kserve_vllm:`. */
export const defaultMetricPrefix = "vllm:";

/** Gauges of the scheduler, without prefix. The same in all releases. */
export const schedulerGauges = {
  /** Requests in the running batch. */
  running: "num_requests_running",
  /** Requests that wait for it, for KV blocks, or deferred. */
  waiting: "num_requests_waiting",
} as const;

/** Counter of all generated tokens, without prefix. The same in all releases. */
export const generatedTokensCounter = "generation_tokens_total";

/** A latency histogram as one vLLM release exposes it. */
export interface LatencyHistogram {
  /** Name without prefix and without `_bucket`, `_sum` or `_count`. */
  name: string;
  /** Upper bounds of the finite buckets in seconds, ascending. */
  edgesSeconds: readonly number[];
}

const tokenEdges = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const widerTokenEdges = [...tokenEdges, 5, 7.5, 10, 20, 40, 80];
const firstTokenEdges = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const widerFirstTokenEdges = [...firstTokenEdges, 20, 40, 80, 160, 640, 2560];
/** Some releases of this generation have more; these are in all of them, and an edge that is missing has no series. */
const requestEdges = [1, 2.5, 5, 10, 15, 20, 30, 40, 50, 60];
const widerRequestEdges = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];

/**
 * Which histogram measures a latency, by vLLM release. Where two names exist side by side (ITL in 0.10.2 to 0.11) the
 * newer one is taken: it is the one that stays.
 * Source: vllm-project/vllm `vllm/engine/metrics.py` (V0) and `vllm/v1/metrics/loggers.py`; pull requests 15202 (wider
 * buckets), 24110 (ITL renamed) and 24015 (TPOT).
 */
const latencyHistograms: Record<LatencyKind, readonly Since<LatencyHistogram>[]> = {
  [LatencyKind.Itl]: [
    { since: earliestVllm, value: { name: "time_per_output_token_seconds", edgesSeconds: tokenEdges } },
    { since: [0, 9, 0], value: { name: "time_per_output_token_seconds", edgesSeconds: widerTokenEdges } },
    { since: [0, 10, 2], value: { name: "inter_token_latency_seconds", edgesSeconds: widerTokenEdges } },
  ],
  [LatencyKind.Tpot]: [
    { since: [0, 11, 0], value: { name: "request_time_per_output_token_seconds", edgesSeconds: widerTokenEdges } },
  ],
  [LatencyKind.Ttft]: [
    { since: earliestVllm, value: { name: "time_to_first_token_seconds", edgesSeconds: firstTokenEdges } },
    { since: [0, 9, 0], value: { name: "time_to_first_token_seconds", edgesSeconds: widerFirstTokenEdges } },
  ],
  [LatencyKind.E2e]: [
    { since: earliestVllm, value: { name: "e2e_request_latency_seconds", edgesSeconds: requestEdges } },
    { since: [0, 9, 0], value: { name: "e2e_request_latency_seconds", edgesSeconds: widerRequestEdges } },
  ],
  [LatencyKind.QueueTime]: [
    { since: earliestVllm, value: { name: "request_queue_time_seconds", edgesSeconds: requestEdges } },
    { since: [0, 9, 0], value: { name: "request_queue_time_seconds", edgesSeconds: widerRequestEdges } },
  ],
};

/** The histogram of a latency in a vLLM release; `undefined` where the release has none. Newer releases get the newest. */
export function latencyHistogram(kind: LatencyKind, vllm: Version): LatencyHistogram | undefined {
  return inForce(latencyHistograms[kind], vllm);
}

/** First vLLM release that measures a latency. */
export function measuredSince(kind: LatencyKind): Version {
  return latencyHistograms[kind][0]?.since ?? earliestVllm;
}

/**
 * First vLLM release whose `vllm serve` takes `--custom-histogram-buckets`. Before, the edges are those above, and the flag ends the start.
 * Source: `vllm/config/observability.py` of the released sources: 0.32.0 has it, 0.30.0 and 0.31.0 do not.
 */
export const customBucketsSince: Version = [0, 32, 0];

/** Family of a latency in vLLM's `--custom-histogram-buckets`. */
export const customBucketFamily: Record<LatencyKind, string> = {
  [LatencyKind.Itl]: "inter_token_latency",
  [LatencyKind.Tpot]: "inter_token_latency",
  [LatencyKind.Ttft]: "time_to_first_token",
  [LatencyKind.E2e]: "request_latency",
  [LatencyKind.QueueTime]: "request_latency",
};
