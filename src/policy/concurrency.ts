import type { CapacityProfile, TokenLengths } from "./capacity-profile";
import { allowedShare } from "./signals";
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
 * - `itl`: one decode step. Gaps that hold another request's prefill are longer: `keepsObjective` counts them.
 * - `tpot`: a decode step, and its share of the others' prefills.
 * - `ttft`: the wait for prefills that came before, its own prefill and the step of the batch it joins.
 * - `e2e`: all prefills and all its decode steps. The prefills it waits for at its beginning are among them.
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
      return prefillWaitMs(profile, concurrency, tokens) + prefill + step;
    case LatencyKind.E2e:
      return concurrency * prefill + tokens.outputTokens * step;
    case LatencyKind.QueueTime:
      return 0;
  }
}

/**
 * Mean wait of a prompt for the prefills that came before it, in milliseconds: prefills are one queue with one server and one
 * service time (M/D/1), so `rho / (2 * (1 - rho)) * prefill`. The load is `rho = concurrency * prefill / e2e`, the share of the time
 * in which prompts are prefilled (Little's law), and `1 - rho` that of the decode steps. Never more than the prefills of all others:
 * with one request in flight nothing is waited for.
 */
function prefillWaitMs(profile: CapacityProfile, concurrency: number, tokens: TokenLengths): number {
  const prefill = prefillMs(profile, tokens);
  const load = (concurrency * prefill) / latencyMs(profile, LatencyKind.E2e, concurrency, tokens);
  return Math.min((load / (2 * (1 - load))) * prefill, (concurrency - 1) * prefill);
}

/**
 * What prefills of other requests do to the gaps between tokens. vLLM prefills a long prompt in chunks of its batched tokens, one a
 * step, and a step that holds one is a gap of every running request. Taken as prompts that come one at a time: several short ones
 * in one step make fewer gaps longer.
 */
export function stalls(profile: CapacityProfile, concurrency: number, tokens: TokenLengths) {
  const { perTokenMs, batchedTokens = tokens.promptTokens } = profile.prefill;
  const chunkMs = perTokenMs * Math.min(tokens.promptTokens, batchedTokens);
  const chunks = Math.ceil(tokens.promptTokens / batchedTokens);
  return {
    /** A chunk: what a stalled gap is longer by. */
    chunkMs,
    /** Such gaps, of all: each other request comes once in the life of a request, which has a gap for each token. */
    share: ((concurrency - 1) * chunks) / tokens.outputTokens,
    /** A gap with a chunk in it. */
    gapMs: decodeStepMs(profile, concurrency, tokens) + chunkMs,
  };
}

/** A bound on a latency, and the share of observations that must keep it. */
interface LatencyBound {
  kind: LatencyKind;
  atMostMs: number;
  quantile: number;
}

/** Whether a latency keeps a bound. A sum of binary fractions is off in its last digits, so twelve count: 62.0442 is within 62.0442. */
export function isWithin(latency: number, atMostMs: number): boolean {
  return Number(latency.toPrecision(12)) <= atMostMs;
}

/** Whether a replica keeps a bound: for `itl` also in the gaps that hold a prefill, unless few enough do. */
function keepsObjective(
  profile: CapacityProfile,
  concurrency: number,
  tokens: TokenLengths,
  { kind, atMostMs, quantile }: LatencyBound,
): boolean {
  if (!isWithin(latencyMs(profile, kind, concurrency, tokens), atMostMs)) return false;
  if (kind !== LatencyKind.Itl) return true;
  const { gapMs, share } = stalls(profile, concurrency, tokens);
  return isWithin(gapMs, atMostMs) || share <= allowedShare(quantile);
}

/**
 * Requests whose prompt and whole output the KV cache of one replica holds: more would wait, or be preempted. A request has whole
 * blocks, the last of them for whatever is left.
 */
export function kvCacheConcurrency({ kvCache }: CapacityProfile, tokens: TokenLengths): number {
  const { capacityTokens, blockTokens } = kvCache;
  const blocks = Math.floor(capacityTokens / blockTokens);
  return Math.floor(blocks / Math.ceil((tokens.promptTokens + tokens.outputTokens) / blockTokens));
}

/**
 * The most requests in flight on one replica that keep a latency at or below a bound and fit into the KV cache; 0 when
 * not even one does.
 */
export function inFlightConcurrencyAt(profile: CapacityProfile, tokens: TokenLengths, objective: LatencyBound): number {
  const keeps = (concurrency: number) => keepsObjective(profile, concurrency, tokens, objective);
  // Latencies and the share of stalled gaps grow with the concurrency.
  return lastThat(keeps, 0, kvCacheConcurrency(profile, tokens));
}

/** The last whole number up to `most` that keeps a bound, which all up to it keep; `known` is one that does, or below all. */
export function lastThat(keeps: (value: number) => boolean, known: number, most: number): number {
  let kept = known;
  let missed = most + 1;
  while (missed - kept > 1) {
    const middle = Math.floor((kept + missed) / 2);
    if (keeps(middle)) kept = middle;
    else missed = middle;
  }
  return kept;
}
