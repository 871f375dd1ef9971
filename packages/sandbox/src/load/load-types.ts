/** A stretch of the load. Its rate is constant, or goes in a straight line from one rate to another. */
export interface LoadPhase {
  /** Unique in a run, e.g. `peak`. */
  name: string;
  seconds: number;
  requestsPerSecond: number | RateRamp;
}

export interface RateRamp {
  from: number;
  to: number;
}

/** The request every arrival sends. Lengths are forced, as GuideLLM does: `max_tokens`, `ignore_eos`. */
export interface LoadRequest {
  /** Served model name. */
  model: string;
  /** Prompt length in words; a word is about one token for the simulator. */
  promptTokens: number;
  outputTokens: number;
}

/** Objective on the inter-token gaps: at least a share `quantile` of them is at most `atMostMs`. */
export interface GapObjective {
  /** Milliseconds. */
  atMostMs: number;
  /** Between 0 and 1; 0.5 is the median. */
  quantile: number;
}

/**
 * How a request ended. Every request that was sent has exactly one outcome.
 * - `ok`: the whole stream came, and the gaps within this request kept the objective.
 * - `late`: the whole stream came, but less than the share `quantile` of this request's gaps was within the bound.
 * - `failed`: an HTTP status other than 200, no connection, an error or a missing end in the stream, or no end in time.
 * - `incomplete`: still running when the load was aborted.
 */
export const RequestOutcome = { Ok: "ok", Late: "late", Failed: "failed", Incomplete: "incomplete" } as const;
export type RequestOutcome = (typeof RequestOutcome)[keyof typeof RequestOutcome];

/** One request as its client saw it. Times in milliseconds. */
export interface RequestRecord {
  id: number;
  /** Name of the phase it was sent in. */
  phase: string;
  /** Since the load began. */
  sentAtMs: number;
  /** From sending to the end, however it ended. */
  durationMs: number;
  /** From sending to the first piece of text; absent if none came. */
  timeToFirstTokenMs?: number;
  /** From each piece of text to the next: vLLM sends one for every engine output. */
  gapsMs: number[];
  outcome: RequestOutcome;
  /** HTTP status, when there was an answer. */
  status?: number;
  /** Why it failed. */
  error?: string;
}

/** What happens while the load runs. Times in milliseconds since the load began. */
export type LoadEvent =
  | { type: "phase"; name: string; atMs: number }
  | { type: "sent"; id: number; atMs: number }
  /** `gapMs` is absent for the first piece of text of a request. */
  | { type: "token"; id: number; atMs: number; gapMs?: number }
  | { type: "finished"; record: RequestRecord; atMs: number };

export interface LoadResult {
  records: RequestRecord[];
  counts: Record<RequestOutcome, number>;
}
