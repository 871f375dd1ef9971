import { ProvenanceKind, type TokenLengths } from "./capacity-profile";
import { capacityProfileSchema } from "./capacity-profile-schema";
import {
  decodeStepMs,
  inFlightConcurrencyAt,
  isWithin,
  kvCacheConcurrency,
  lastThat,
  latencyMs,
  stalls,
} from "./concurrency";
import type { Objective } from "./objectives";
import { type CapacityInput, Headroom, type Problem, type SecondsPerRequest } from "./policy-input";
import { profileIdsHint } from "./profiles";
import { allowedShare } from "./signals";
import { LatencyKind } from "./slo";
import { figure, figureThat, isWhole, percent } from "./text";

/** What a replica carries, and how that was found. */
export interface ReplicaCapacity {
  /** In-flight requests within all objectives. */
  concurrencyAtSlo: number;
  /** What it is asked to carry: less by the headroom. */
  targetConcurrency: number;
  /** Mean seconds of a request, arrival to last token, with the one and with the other in flight; unknown of a measured concurrency. */
  secondsPerRequest: SecondsPerRequest | undefined;
  /** The formula with the numbers put in. */
  because: string;
  warnings: string[];
}

/** Share of the concurrency at the SLO that a replica is asked to carry, in percent. */
const loadedPercent: Record<Headroom, number> = { [Headroom.Loose]: 80, [Headroom.Contractual]: 50 };

/** So that thousandths of a threshold, in which KEDA computes, stay exact. */
const mostConcurrency = 1_000_000;

/** Finds what a replica carries; `undefined` after adding to `problems` why it cannot be found. */
export function replicaCapacity(
  input: CapacityInput,
  objectives: readonly Objective[],
  problems: Problem[],
): ReplicaCapacity | undefined {
  const found = concurrencyAtSlo(input, objectives, problems);
  if (found === undefined) return undefined;

  const concurrency = Math.min(found.concurrency, input.maxSequences ?? found.maxSequences);
  const headroom = input.headroom ?? Headroom.Loose;
  // In whole percent: 0.8 as a binary fraction is not exactly 4/5.
  const loaded = Math.floor((loadedPercent[headroom] * concurrency) / 100);
  const target = Math.max(1, loaded);
  const capped = concurrency < found.concurrency ? `, of which ${concurrency} run at once (--max-num-seqs)` : "";
  return {
    concurrencyAtSlo: concurrency,
    targetConcurrency: target,
    secondsPerRequest: found.seconds && { target: found.seconds(target), slo: found.seconds(concurrency) },
    because:
      `${found.because}${capped}. With ${headroom} headroom a replica is loaded to ${loadedPercent[headroom]} % of that: ` +
      `max(1, floor(${loadedPercent[headroom]} % x ${concurrency})) = ${target}.`,
    warnings: loaded >= 1 ? found.warnings : [...found.warnings, headroomWarning(concurrency, headroom)],
  };
}

function headroomWarning(concurrency: number, headroom: Headroom): string {
  return `capacity.headroom: a replica carries ${concurrency} requests within the SLO and is asked to carry 1, the least there is, so ${headroom} headroom has no effect and the SLO is missed as soon as a replica is above its target. Raise the bound, or use a faster GPU or shorter requests.`;
}

interface Concurrency {
  concurrency: number;
  /** As many as vLLM runs at once, where nothing else is said. */
  maxSequences: number;
  /** Mean seconds of a request with so many in flight. */
  seconds: ((concurrency: number) => number) | undefined;
  because: string;
  warnings: string[];
}

function concurrencyAtSlo(
  input: CapacityInput,
  objectives: readonly Objective[],
  problems: Problem[],
): Concurrency | undefined {
  const before = problems.length;
  checkNumbers(input, problems);
  const { profile, tokens, concurrencyPerReplica } = input;
  if (concurrencyPerReplica !== undefined) {
    if (problems.length > before) return undefined;
    return {
      concurrency: concurrencyPerReplica,
      maxSequences: Number.POSITIVE_INFINITY,
      seconds: undefined,
      because: `${concurrencyPerReplica} requests at the SLO were measured (capacity.concurrencyPerReplica)`,
      warnings: [],
    };
  }
  if (profile === undefined) {
    problems.push({
      path: "capacity",
      message: `Neither profile nor concurrencyPerReplica is given, so nothing says how many requests a replica carries within the SLO. Give a capacity profile (${profileIdsHint}) with the token lengths of the load, or the concurrency you measured.`,
    });
    return undefined;
  }
  if (tokens === undefined) {
    problems.push({
      path: "capacity.tokens",
      message: "Missing: a capacity profile needs the mean prompt and output length of the load in tokens.",
    });
  }
  if (tokens === undefined || problems.length > before) return undefined;
  return profiledConcurrency({ ...input, profile, tokens }, objectives, problems);
}

function checkNumbers(input: CapacityInput, problems: Problem[]): void {
  const { profile, tokens, concurrencyPerReplica, maxSequences } = input;
  if (concurrencyPerReplica !== undefined && !(concurrencyPerReplica >= 1)) {
    problems.push({
      path: "capacity.concurrencyPerReplica",
      message: `${concurrencyPerReplica} is not a number of requests. It must be at least 1: a replica that carries less than one request within the SLO cannot be fixed by adding replicas.`,
    });
  }
  if (concurrencyPerReplica !== undefined && concurrencyPerReplica > mostConcurrency) {
    problems.push({
      path: "capacity.concurrencyPerReplica",
      message: `${concurrencyPerReplica} is more than any replica runs: it must be at most ${mostConcurrency}.`,
    });
  }
  if (maxSequences !== undefined && !isWhole(maxSequences, 1)) {
    problems.push({
      path: "capacity.maxSequences",
      message: `${maxSequences} is not a number of sequences: it must be a whole number of at least 1, as given to --max-num-seqs.`,
    });
  }
  if (input.headroom !== undefined && loadedPercent[input.headroom] === undefined) {
    problems.push({
      path: "capacity.headroom",
      message: `${JSON.stringify(input.headroom)} is no headroom: it must be one of ${Object.keys(loadedPercent).join(", ")}.`,
    });
  }
  // What is not used is not checked: a measured concurrency takes the place of profile and token lengths.
  if (profile === undefined || concurrencyPerReplica !== undefined) return;

  const checked = capacityProfileSchema.safeParse(profile, { reportInput: true });
  for (const issue of checked.error?.issues ?? []) {
    const path = ["capacity.profile", ...issue.path].join(".");
    problems.push({ path, message: `${JSON.stringify(issue.input)} cannot be used. ${issue.message}.` });
  }
  if (checked.success && input.gpusPerReplica !== undefined && input.gpusPerReplica !== profile.gpusPerReplica) {
    problems.push({
      path: "capacity.gpusPerReplica",
      message: `${input.gpusPerReplica} GPUs a replica, but the figures of profile ${profile.id} are for ${profile.gpusPerReplica}. Use ${profile.gpusPerReplica}, a profile made for ${input.gpusPerReplica}, or capacity.concurrencyPerReplica.`,
    });
  }
  if (!checked.success || tokens === undefined) return;
  const { minPromptTokens, maxPromptTokens, minOutputTokens, maxOutputTokens } = profile.validFor;
  const checkTokens = (field: keyof TokenLengths, min: number, max: number) => {
    if (tokens[field] >= min && tokens[field] <= max) return;
    problems.push({
      path: `capacity.tokens.${field}`,
      message: `${tokens[field]} is outside ${min} to ${max}, the lengths profile ${profile.id} is valid for. Use lengths within, another profile, or capacity.concurrencyPerReplica.`,
    });
  };
  checkTokens("promptTokens", minPromptTokens, maxPromptTokens);
  checkTokens("outputTokens", minOutputTokens, maxOutputTokens);
}

/** The smallest concurrency that the objectives and the KV cache allow. */
function profiledConcurrency(
  { profile, tokens }: Required<Pick<CapacityInput, "profile" | "tokens">>,
  objectives: readonly Objective[],
  problems: Problem[],
): Concurrency | undefined {
  const load = `${tokens.promptTokens} prompt + ${tokens.outputTokens} output tokens`;
  const fitting = kvCacheConcurrency(profile, tokens);
  if (fitting < 1) {
    problems.push({
      path: "capacity.tokens",
      message: `One request of ${load} does not fit into the KV cache of ${profile.kvCache.capacityTokens} tokens in blocks of ${profile.kvCache.blockTokens} (profile ${profile.id}). Use shorter requests, or a GPU or tensor parallelism with more memory.`,
    });
    return undefined;
  }
  for (const { kind, atMostMs } of objectives) {
    const unloaded = latencyMs(profile, kind, 1, tokens);
    if (isWithin(unloaded, atMostMs)) continue;
    problems.push({
      path: `slo.${kind}.atMostMs`,
      message: `${atMostMs} ms cannot be kept: a replica with one request of ${load} and nothing else to do takes ${figureThat(unloaded, (rounded) => rounded > atMostMs, 2)} ms (profile ${profile.id}), and more replicas do not change that. Raise the bound above that with room for load, or use a faster GPU or shorter requests.`,
    });
  }
  const limits = objectives.map((objective) => ({
    objective,
    concurrency: inFlightConcurrencyAt(profile, tokens, objective),
  }));
  const concurrency = Math.min(fitting, ...limits.map((limit) => limit.concurrency));
  if (concurrency < 1) return undefined;

  const latencies = objectives.map((objective) => {
    const { kind, atMostMs } = objective;
    const latency = latencyMs(profile, kind, concurrency, tokens);
    return (
      `${kind} ${figureThat(latency, (rounded) => rounded <= atMostMs)} of ${atMostMs} ms` +
      (concurrency < fitting ? stallLimit(profile, tokens, objective, concurrency) : "")
    );
  });
  const { baseStepMs, perSequenceMs, perContextTokenMs } = profile.decode;
  return {
    concurrency,
    maxSequences: profile.maxSequences ?? Number.POSITIVE_INFINITY,
    seconds: (inFlight) => latencyMs(profile, LatencyKind.E2e, inFlight, tokens) / 1000,
    because:
      `Profile ${profile.id} at ${load}: ${concurrency} requests at once keep ${latencies.join(", ")}, with a decode step of ` +
      `${baseStepMs} + ${concurrency} x (${perSequenceMs} + ${perContextTokenMs} x (${tokens.promptTokens} + ${tokens.outputTokens} / 2)) = ` +
      `${figure(decodeStepMs(profile, concurrency, tokens))} ms, and fit into the KV cache, which holds ${fitting}`,
    warnings: [
      ...profileWarnings(profile, tokens, objectives),
      ...meanWarnings(objectives),
      ...objectives.flatMap((objective) => lengthWarnings(profile, tokens, objective)),
    ],
  };
}

type Profile = NonNullable<CapacityInput["profile"]>;

function profileWarnings(profile: Profile, tokens: TokenLengths, objectives: readonly Objective[]): string[] {
  const { kind: provenance, relativeError } = profile.provenance;
  const estimated =
    provenance === ProvenanceKind.Estimated
      ? [`Profile ${profile.id} is estimated, not measured: calibrate before you rely on the figures.`]
      : [];
  const near = objectives.flatMap(({ kind, atMostMs }) => {
    const unloaded = latencyMs(profile, kind, 1, tokens);
    return unloaded * (1 + relativeError) <= atMostMs
      ? []
      : [
          `slo.${kind}: ${atMostMs} ms is within the error of ${percent(relativeError)} of what profile ${profile.id} gives for an unloaded replica, ${figure(unloaded)} ms: it may turn out that no number of replicas keeps it.`,
        ];
  });
  return [...estimated, ...near];
}

/** The gaps of all requests are alike; what is observed once a request differs by their lengths. */
function meanWarnings(objectives: readonly Objective[]): string[] {
  const high = objectives.filter(({ kind, quantile }) => kind !== LatencyKind.Itl && quantile > 0.5);
  if (high.length === 0) return [];
  const named = high.map(({ kind, quantile }) => `slo.${kind} (p${figure(quantile * 100, 3)})`).join(", ");
  return [
    `${named}: the concurrency is derived from the mean latency at the mean token lengths, and a quantile above the median may need fewer requests on a replica. Measure it under your load and set capacity.concurrencyPerReplica.`,
  ];
}

/** The length that decides over a latency, and what it is called. */
const decidingLength: Partial<
  Record<LatencyKind, { field: keyof TokenLengths; what: string; last: keyof Profile["validFor"] }>
> = {
  [LatencyKind.Ttft]: { field: "promptTokens", what: "a prompt", last: "maxPromptTokens" },
  [LatencyKind.E2e]: { field: "outputTokens", what: "an output", last: "maxOutputTokens" },
};

/** That requests above some length miss the bound wherever they run, where the profile knows such lengths. */
function lengthWarnings(profile: Profile, tokens: TokenLengths, { kind, atMostMs, quantile }: Objective): string[] {
  const deciding = decidingLength[kind];
  if (deciding === undefined) return [];
  const { field, what, last } = deciding;
  const keeps = (length: number) => isWithin(latencyMs(profile, kind, 1, { ...tokens, [field]: length }), atMostMs);
  const longest = lastThat(keeps, Math.floor(tokens[field]), profile.validFor[last]);
  if (longest >= profile.validFor[last]) return [];
  return [
    `slo.${kind}: ${what} of more than ${longest} tokens misses ${atMostMs} ms on a replica that does nothing else (profile ${profile.id}). If more than ${percent(allowedShare(quantile))} of the requests are longer, no number of replicas keeps the objective, and its guard holds them at replicas.max.`,
  ];
}

/** That one request more would stall too many gaps, where nothing else keeps it out by `slo.itl`. */
function stallLimit(
  profile: Profile,
  tokens: TokenLengths,
  { kind, atMostMs, quantile }: Objective,
  concurrency: number,
): string {
  const more = concurrency + 1;
  const { chunkMs, gapMs, share } = stalls(profile, more, tokens);
  const allowed = allowedShare(quantile);
  const stalled = share > allowed && !isWithin(gapMs, atMostMs);
  if (kind !== LatencyKind.Itl || !stalled || !isWithin(latencyMs(profile, kind, more, tokens), atMostMs)) return "";
  return ` (with ${more}, ${percent(share)} of the gaps would hold ${figure(chunkMs)} ms of another request's prefill, where ${percent(allowed)} may miss the bound)`;
}
