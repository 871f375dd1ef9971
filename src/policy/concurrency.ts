import type { CapacityProfile, TokenLengths } from "./capacity-profile";
import { LatencyKind } from "./slo";

/**
 * Time of one decode step with `concurrency` requests in the batch, in milliseconds:
 * `base + concurrency * (perSequence + perContextToken * (prompt + output / 2))`. Half of the output, because at any time
 * a request has on average generated half of it.
 */
export function decodeStepMs(profile: CapacityProfile, concurrency: number, tokens: TokenLengths): number {
  const { baseStepMs, perSequenceMs, perContextTokenMs } = profile.decode;
  const meanContextTokens = tokens.promptTokens + tokens.outputTokens / 2;
  return baseStepMs + concurrency * (perSequenceMs + perContextTokenMs * meanContextTokens);
}

/** Time to prefill one prompt, in milliseconds. */
export function prefillMs(profile: CapacityProfile, tokens: TokenLengths): number {
  return profile.prefill.perTokenMs * tokens.promptTokens;
}

/**
 * A latency a replica gives to requests of these lengths while `concurrency` of them are in flight, in milliseconds. For
 * `itl` the typical gap; for the others the mean. Each request sees every other one come and go about once, so it waits
 * for the prefills of `concurrency - 1` others during its life:
 * - `itl`: one decode step. Gaps that hold another request's prefill are longer, and few.
 * - `tpot`: a decode step, and its share of the others' prefills.
 * - `ttft`: its own prefill and the step of the batch it joins.
 * - `e2e`: all prefills and all its decode steps.
 * - `queueTime`: 0, because requests wait only when the KV cache is full, which `inFlightConcurrencyAt` keeps out.
 */
export function latencyMs(
  profile: CapacityProfile,
  kind: LatencyKind,
  concurrency: number,
  tokens: TokenLengths,
): number {
  const step = decodeStepMs(profile, concurrency, tokens);
  const prefill = prefillMs(profile, tokens);
  switch (kind) {
    case LatencyKind.Itl:
      return step;
    case LatencyKind.Tpot:
      return step + ((concurrency - 1) * prefill) / tokens.outputTokens;
    case LatencyKind.Ttft:
      return prefill + step;
    case LatencyKind.E2e:
      return concurrency * prefill + tokens.outputTokens * step;
    case LatencyKind.QueueTime:
      return 0;
  }
}

/** Requests whose prompt and whole output the KV cache of one replica holds: more would wait, or be preempted. */
export function kvCacheConcurrency(profile: CapacityProfile, tokens: TokenLengths): number {
  return Math.floor(profile.kvCache.capacityTokens / (tokens.promptTokens + tokens.outputTokens));
}

/**
 * The most requests in flight on one replica that keep a latency at or below a bound and fit into the KV cache; 0 when
 * not even one does.
 */
export function inFlightConcurrencyAt(
  profile: CapacityProfile,
  tokens: TokenLengths,
  objective: { kind: LatencyKind; atMostMs: number },
): number {
  const keeps = (concurrency: number) => latencyMs(profile, objective.kind, concurrency, tokens) <= objective.atMostMs;
  // The latency grows with the concurrency, so bisection finds the last that keeps the bound, in whole requests.
  let kept = 0;
  let missed = kvCacheConcurrency(profile, tokens) + 1;
  while (missed - kept > 1) {
    const middle = Math.floor((kept + missed) / 2);
    if (keeps(middle)) kept = middle;
    else missed = middle;
  }
  return kept;
}
