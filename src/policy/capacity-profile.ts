import type { StorageKind } from "./weights-loading";

/**
 * What one replica of a model on one kind of GPU can do, and how sure that is. The components choose a shipped one by its
 * id; `compilePolicy` takes any value of this form. A concurrency that was measured goes without a profile.
 * Formula: facts of vLLM's engine step, a roofline with fitted constants:
 * `step = baseStepMs + perSequenceMs * b + perContextTokenMs * K`, b = running sequences, K = sum of their context tokens.
 */
export interface CapacityProfile {
  /** Identifier, lower case with dashes, e.g. `llama-3.1-8b-l4`. */
  id: string;
  /** Model repository the figures are for. */
  model: string;
  /** GPU product as NVIDIA's GPU feature discovery labels it, e.g. `NVIDIA-L4`. */
  gpuProduct: string;
  /** GPUs one replica uses (tensor parallelism). */
  gpusPerReplica: number;
  /** vLLM release the figures are for. */
  vllmVersion: string;
  /** Minor releases of vLLM that they are said to hold for as well, e.g. `0.19` to `0.32`. @default that of `vllmVersion` alone */
  vllmReleases?: ReleaseRange | undefined;
  decode: DecodeProfile;
  prefill: PrefillProfile;
  kvCache: KvCacheProfile;
  /** vLLM's default `--max-num-seqs` on this GPU: requests beyond it wait. Without it, no limit but the KV cache. */
  maxSequences?: number | undefined;
  /** How long a replica takes to get its weights, by where they are. Without it, assumed rates and a size that is given apply. */
  loading?: LoadingProfile | undefined;
  /** Token lengths of a request the figures may be used for; outside of them the compiler refuses to extrapolate. */
  validFor: TokenRange;
  provenance: Provenance;
}

export interface DecodeProfile {
  /** Time of a decode step with no sequence in it: weights read once, plus engine overhead. Milliseconds. */
  baseStepMs: number;
  /** Added by each running sequence. Milliseconds. */
  perSequenceMs: number;
  /** Added by each context token of a running sequence (KV cache read). Milliseconds. */
  perContextTokenMs: number;
}

export interface PrefillProfile {
  /** Milliseconds a prompt token. */
  perTokenMs: number;
  /** vLLM's default `--max-num-batched-tokens` on this GPU: a longer prompt is prefilled in chunks of so many, one a step. Without it, in one. */
  batchedTokens?: number | undefined;
}

export interface KvCacheProfile {
  /** Tokens the KV cache of one replica holds. */
  capacityTokens: number;
  /** Block size in tokens. */
  blockTokens: number;
}

export interface LoadingProfile {
  /** Size of the model's files in gigabytes. */
  weightsGigabytes: number;
  /** Megabytes a second from the storage into the GPU, for one replica alone, by kind of storage. */
  megabytesPerSecond: Partial<Record<StorageKind, number>>;
}

/** Minor releases, `major.minor`, both included. */
export interface ReleaseRange {
  first: string;
  last: string;
}

export interface TokenRange {
  minPromptTokens: number;
  maxPromptTokens: number;
  minOutputTokens: number;
  maxOutputTokens: number;
}

export const ProvenanceKind = { Measured: "measured", Fitted: "fitted", Estimated: "estimated" } as const;
export type ProvenanceKind = (typeof ProvenanceKind)[keyof typeof ProvenanceKind];

export interface Provenance {
  kind: ProvenanceKind;
  /** Where the figures come from, for a reader who wants to check. */
  source: string;
  /** Stated relative error of the step time, 0.05 is 5 %. */
  relativeError: number;
}

/** Token lengths of the requests a model serves: their means. */
export interface TokenLengths {
  promptTokens: number;
  outputTokens: number;
}
