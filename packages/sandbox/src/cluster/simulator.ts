import type { V1Pod } from "@kubernetes/client-node";
import { annotations } from "vllm-serving/manifests";
import {
  type CapacityProfile,
  capacityProfile,
  capacityProfileIds,
  decodeStepMs,
  type TokenLengths,
} from "vllm-serving/policy";
import { parseVllmFlags } from "./vllm-flags";
import { vllmContainer } from "./vllm-pod";

/** How to start llm-d-inference-sim in place of a pod's vLLM. */
export interface SimulatorCommand {
  args: string[];
  env: Record<string, string>;
  /** The port vLLM itself would listen on in the pod. */
  vllmPort: number;
  /** What was assumed because the pod does not say it, one sentence each. */
  assumptions: string[];
}

/** The published homogeneous workload: what a pod without annotations is taken to serve. */
const defaultLengths: TokenLengths = { promptTokens: 3072, outputTokens: 1200 };

/**
 * Flags with which llm-d-inference-sim 0.10 has the latencies of the pod's capacity profile. Undefined for a pod that does
 * not run vLLM.
 *
 * The simulator's gap between tokens with `b` running requests is
 * `inter-token-latency * (1 + (time-factor-under-load - 1) * (b - 1) / (max-num-seqs - 1))`, a line in `b`, as is the
 * profile's decode step for requests of mean length; so two points make them equal at every `b`. The prefill is scaled by
 * the same factor.
 */
export function simulatorCommand(pod: V1Pod, port: number): SimulatorCommand | undefined {
  const container = vllmContainer(pod);
  if (container === undefined) {
    return undefined;
  }
  const assumptions: string[] = [];
  const profile = profileOf(pod, assumptions);
  const lengths = lengthsOf(pod, assumptions);
  const flags = parseVllmFlags([...(container.command ?? []), ...(container.args ?? [])]);
  const maxNumSeqs = mostRunning(profile, lengths, flags.maxNumSeqs);
  const aloneMs = decodeStepMs(profile, 1, lengths);
  const factor = decodeStepMs(profile, maxNumSeqs, lengths) / aloneMs;
  return {
    args: [
      `--port=${port}`,
      `--model=${flags.model}`,
      "--served-model-name",
      ...flags.servedModelNames,
      `--max-model-len=${flags.maxModelLen ?? profile.kvCache.capacityTokens}`,
      `--max-num-seqs=${maxNumSeqs}`,
      "--latency-calculator=per-token",
      `--prefill-time-per-token=${duration(profile.prefill.perTokenMs)}`,
      `--inter-token-latency=${duration(aloneMs)}`,
      `--time-factor-under-load=${Number(factor.toFixed(6))}`,
      "--force-dummy-tokenizer",
    ],
    env: {
      // Otherwise it opens two more ports, on all addresses.
      OTEL_PROM_EXPORTER_ENABLED: "false",
      // Answers then name the pod in the header `x-inference-pod`.
      POD_NAME: pod.metadata?.name ?? "",
      POD_NAMESPACE: pod.metadata?.namespace ?? "",
    },
    vllmPort: flags.port,
    assumptions,
  };
}

/**
 * Requests one replica runs at once; the others wait. vLLM admits by prompt and fills the KV cache with requests of mean
 * age, half of whose output is written, so a few more run than would fit at their full length.
 */
function mostRunning(profile: CapacityProfile, lengths: TokenLengths, maxNumSeqs = Number.POSITIVE_INFINITY): number {
  const meanContextTokens = lengths.promptTokens + lengths.outputTokens / 2;
  const fitting = Math.floor(profile.kvCache.capacityTokens / meanContextTokens);
  return Math.max(1, Math.min(fitting, maxNumSeqs));
}

function profileOf(pod: V1Pod, assumptions: string[]): CapacityProfile {
  const id = pod.metadata?.annotations?.[annotations.capacityProfile];
  const named = id === undefined ? undefined : capacityProfile(id);
  if (named !== undefined) {
    return named;
  }
  const [defaultId = ""] = capacityProfileIds;
  const fallback = capacityProfile(defaultId);
  if (fallback === undefined) {
    throw new Error("No capacity profile is shipped.");
  }
  const reason = id === undefined ? "names no capacity profile" : `names the unknown capacity profile "${id}"`;
  assumptions.push(`The annotation ${annotations.capacityProfile} ${reason}: simulating ${fallback.id}.`);
  return fallback;
}

function lengthsOf(pod: V1Pod, assumptions: string[]): TokenLengths {
  const promptTokens = positive(pod.metadata?.annotations?.[annotations.meanPromptTokens]);
  const outputTokens = positive(pod.metadata?.annotations?.[annotations.meanOutputTokens]);
  if (promptTokens !== undefined && outputTokens !== undefined) {
    return { promptTokens, outputTokens };
  }
  assumptions.push(
    `The annotations ${annotations.meanPromptTokens} and ${annotations.meanOutputTokens} do not both hold a number above 0: ` +
      `simulating ${defaultLengths.promptTokens} and ${defaultLengths.outputTokens} tokens.`,
  );
  return defaultLengths;
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** A Go duration in whole microseconds. */
function duration(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}us`;
}
