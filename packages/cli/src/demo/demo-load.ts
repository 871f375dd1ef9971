import type { LoadPhase } from "@vllm-serving/sandbox";
import { type CapacityProfile, decodeStepMs, prefillMs, type TokenLengths } from "vllm-serving/policy";

/** What the load is derived from: what the model declares, and the policy compiled from it. */
export interface DemoLoadInput {
  /** In-flight requests a replica is asked to carry: the threshold of the compiled in-flight trigger. */
  targetConcurrency: number;
  maxReplicas: number;
  profile: CapacityProfile;
  /** Mean lengths the policy was compiled for. */
  tokens: TokenLengths;
  /** Longest generation that a removed replica may finish. */
  longestGenerationSeconds: number;
  /** From a pod being scheduled to it being ready. */
  startupSeconds: number;
}

export interface DemoLoad {
  phases: LoadPhase[];
  /** Seed of the arrivals: every run sends its requests at the same times. */
  seed: number;
  promptTokens: number;
  outputTokens: number;
  /** Replicas the peak is meant to need. */
  replicas: number;
  /** Mean requests in flight at the peak, once enough replicas are there. */
  inFlight: number;
  /** Time of one request then. */
  requestSeconds: number;
  peakRequestsPerSecond: number;
}

/** Names of the phases in the report. */
export const LoadPhaseName = { Quiet: "quiet", Ramp: "ramp", Peak: "peak", ScaleDown: "scale-down" } as const;

/** Replicas the peak asks for; one less than the sandbox has GPUs, so that the load decides and not the limit. */
const wantedReplicas = 6;
/** Part of one replica's target that the quiet phases use: one replica is enough, and tokens still come. */
const quietShare = 0.4;
/** Part of the drain that a request lasts, so that it also ends in time after it had to wait. */
const shareOfDrain = 0.5;
/** Longer requests would hide a change of the rate for longer than the HPA takes to act on it, 15 s. */
const longestRequestSeconds = 7.5;

const quietSeconds = 10;
/** Slower than a replica starts after the HPA asked for it, so that queues stay short. */
const rampSeconds = 40;
/** The HPA decides every 15 s: two decisions reach the replicas, a third shows that they are kept. */
const hpaDecisionsSeconds = 3 * 15;
/** To see the latency with all replicas there. */
const settledSeconds = 15;
/** One whose arrivals are near the expected number in every phase, the quiet ones included. */
const arrivalSeed = 5;
/** Longest wait for one replica; the load ends as soon as it is reached. */
const scaleDownSeconds = 240;

/**
 * A load that needs `wantedReplicas` replicas, or as many as there may be.
 *
 * The in-flight trigger asks for `ceil(inFlight / target)` replicas, so `(replicas - 0.5) * target` in flight leaves the
 * most room on both sides for arrivals at random. By Little's law the rate for that is `inFlight / requestSeconds`.
 * Prompts are as long as declared; outputs are shorter, since a removed replica must be able to finish them.
 */
export function demoLoad(input: DemoLoadInput): DemoLoad {
  const { targetConcurrency, profile, tokens } = input;
  const replicas = Math.min(wantedReplicas, input.maxReplicas);
  const inFlight = (replicas - 0.5) * targetConcurrency;
  const stepMs = decodeStepMs(profile, inFlight / replicas, tokens);
  const firstMs = prefillMs(profile, tokens);
  const wantedMs = 1000 * Math.min(shareOfDrain * input.longestGenerationSeconds, longestRequestSeconds);
  const outputTokens = Math.min(tokens.outputTokens, Math.max(1, Math.floor((wantedMs - firstMs) / stepMs)));
  const requestSeconds = (firstMs + outputTokens * stepMs) / 1000;

  const peak = inFlight / requestSeconds;
  const quiet = (quietShare * targetConcurrency) / requestSeconds;
  const peakSeconds = hpaDecisionsSeconds + Math.ceil(input.startupSeconds) + settledSeconds;
  return {
    phases: [
      { name: LoadPhaseName.Quiet, seconds: quietSeconds, requestsPerSecond: quiet },
      { name: LoadPhaseName.Ramp, seconds: rampSeconds, requestsPerSecond: { from: quiet, to: peak } },
      { name: LoadPhaseName.Peak, seconds: peakSeconds, requestsPerSecond: peak },
      { name: LoadPhaseName.ScaleDown, seconds: scaleDownSeconds, requestsPerSecond: quiet },
    ],
    seed: arrivalSeed,
    promptTokens: tokens.promptTokens,
    outputTokens,
    replicas,
    inFlight,
    requestSeconds,
    peakRequestsPerSecond: peak,
  };
}
