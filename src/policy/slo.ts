/** Latencies an objective can bound. The values are the field's names; see docs/concepts.md. */
export const LatencyKind = {
  /** Inter-token latency: the gap between two engine outputs of one request (`vllm:inter_token_latency_seconds`). */
  Itl: "itl",
  /** Time per output token, one mean a request (`vllm:request_time_per_output_token_seconds`). */
  Tpot: "tpot",
  /** Time to first token, queueing included (`vllm:time_to_first_token_seconds`). */
  Ttft: "ttft",
  /** End-to-end latency of a request (`vllm:e2e_request_latency_seconds`). */
  E2e: "e2e",
  /** Time a request waits before it is scheduled (`vllm:request_queue_time_seconds`). */
  QueueTime: "queueTime",
} as const;
export type LatencyKind = (typeof LatencyKind)[keyof typeof LatencyKind];

/**
 * A bound, and how often it must be kept. That is said in one of two ways, which are the same condition:
 * - `quantile`: "the p99 is at most 75 ms".
 * - `goodRatio`: "at least 99 % of all observations are at most 75 ms", as service-level indicators are written.
 *
 * With the same number the same policy follows. Either is counted as good observations at a histogram's bucket edge, which is exact; a
 * quantile read from a histogram is interpolated. `itl` observes the gaps between outputs, one a token unless vLLM guesses several at
 * once (speculative decoding), so long generations count for more; all else is observed once a request.
 */
export interface LatencyObjective {
  /**
   * Bound in milliseconds, greater than 0. Best an edge of vLLM's histogram (75 for `itl`, 2500 for `ttft`): between two edges
   * the guard can only count at the upper one.
   */
  atMostMs: number;
  /**
   * Share of observations that must keep the bound, between 0 and 1 exclusive: 0.5 is the median, 0.99 the p99.
   * @default 0.5 for `itl` and `tpot`, 0.9 for the others: what the published objectives use.
   */
  quantile?: number;
  /**
   * The same share, said as a ratio of good to all observations: of tokens with `itl`, of requests with the others. Instead of `quantile`.
   * @default `quantile`
   */
  goodRatio?: number;
}

/** A service-level objective: at least one latency. All given ones must hold. */
export interface Slo {
  itl?: LatencyObjective;
  tpot?: LatencyObjective;
  ttft?: LatencyObjective;
  e2e?: LatencyObjective;
  queueTime?: LatencyObjective;
}

/** Quantile of an objective that names none: what the published objectives use. */
const defaultQuantile: Record<LatencyKind, number> = {
  [LatencyKind.Itl]: 0.5,
  [LatencyKind.Tpot]: 0.5,
  [LatencyKind.Ttft]: 0.9,
  [LatencyKind.E2e]: 0.9,
  [LatencyKind.QueueTime]: 0.9,
};

/** Share of observations that must keep the bound, however it is said. */
export function requiredShare(kind: LatencyKind, { quantile, goodRatio }: LatencyObjective): number {
  return quantile ?? goodRatio ?? defaultQuantile[kind];
}
