import { type CapacityProfile, decodeStepMs, gpus, models, prefillMs, rooflineProfile } from "../../../src/policy";

/** GPUs that runs were published for, but no profile is shipped for. */
const rtx4090 = {
  product: "NVIDIA-GeForce-RTX-4090",
  memoryGib: 23.52,
  memoryGigabytesPerSecond: 1008,
  bf16Teraflops: 165,
  prefillEfficiency: 0.7,
};
const a100With40Gb = {
  ...gpus["a100-80gb"],
  product: "NVIDIA-A100-SXM4-40GB",
  memoryGib: 39.4,
  memoryGigabytesPerSecond: 1555,
};

const estimate = (
  model: keyof typeof models,
  gpu: Parameters<typeof rooflineProfile>[0]["gpu"],
  tensorParallel = 1,
) => {
  const result = rooflineProfile({ id: "estimate", model: models[model], gpu, tensorParallel });
  if (!result.ok) throw new Error(result.problem.message);
  return result.profile;
};
const l8 = "llama-3.1-8b";
const promptMs = (profile: CapacityProfile) => prefillMs(profile, { promptTokens: 1000, outputTokens: 1 });

export interface Published {
  what: string;
  /** As published. */
  figure: number;
  unit: "ms" | "ms for 1,000 tokens" | "tokens";
  /** By the formula. */
  estimated: number;
  kind:
    | "vLLM, measured"
    | "vLLM, measured: constants are fitted to it"
    | "vLLM, regression over runs"
    | "llama.cpp, measured";
  source: string;
}

const bench = "yobitelcomm.github.io/bench, concurrency sweep, vLLM 0.21";
const sweep = "johnmusgrave.com, throughput-latency sweep, vLLM 0.23";
const simulator = "casys-kaist/LLMServingSim, bench/examples/RTX4090, vLLM 0.19";
const regression = (release: string) => `inference-sim/inference-sim, defaults.yaml, ${release}`;

/** What is published of latencies and memory of these models, beside what the formula says. */
export const publishedFigures: readonly Published[] = [
  {
    what: "Llama-3.1-8B, H100, decode step with 1 short request",
    figure: 6.48,
    unit: "ms",
    estimated: decodeStepMs(estimate(l8, gpus.h100), 1, { promptTokens: 200, outputTokens: 200 }),
    kind: "vLLM, measured: constants are fitted to it",
    source: bench,
  },
  {
    what: "Llama-3.1-8B, H100, decode step with 4 short requests",
    figure: 6.59,
    unit: "ms",
    estimated: decodeStepMs(estimate(l8, gpus.h100), 4, { promptTokens: 200, outputTokens: 200 }),
    kind: "vLLM, measured",
    source: bench,
  },
  {
    what: "Llama-3.1-8B, A100 of 40 GB, decode step with 1 request of 1024 + 128 tokens",
    figure: 13.3,
    unit: "ms",
    estimated: decodeStepMs(estimate(l8, a100With40Gb), 1, { promptTokens: 1024, outputTokens: 128 }),
    kind: "vLLM, measured",
    source: sweep,
  },
  {
    what: "Llama-3.1-8B, RTX 4090, decode step with 30 requests of 1280 tokens",
    figure: 24.5,
    unit: "ms",
    estimated: decodeStepMs(estimate(l8, rtx4090), 30, { promptTokens: 1280, outputTokens: 0 }),
    kind: "vLLM, measured",
    source: simulator,
  },
  {
    what: "Llama-3.1-8B, RTX 4090, KV cache",
    figure: 41_408,
    unit: "tokens",
    estimated: estimate(l8, rtx4090).kvCache.capacityTokens,
    kind: "vLLM, measured: constants are fitted to it",
    source: simulator,
  },
  {
    what: "Llama-3.1-8B, L40S, decode step",
    figure: 23,
    unit: "ms",
    estimated: estimate(l8, gpus.l40s).decode.baseStepMs,
    kind: "llama.cpp, measured",
    source: "43.4 tokens a second in F16",
  },
  {
    what: "Llama-3.1-8B, H100, base of the decode step",
    figure: 6.47,
    unit: "ms",
    estimated: estimate(l8, gpus.h100).decode.baseStepMs,
    kind: "vLLM, regression over runs",
    source: regression("vLLM 0.11"),
  },
  {
    what: "Llama-3.1-8B, H100, prefill",
    figure: 19.8,
    unit: "ms for 1,000 tokens",
    estimated: promptMs(estimate(l8, gpus.h100)),
    kind: "vLLM, regression over runs",
    source: regression("vLLM 0.11"),
  },
  {
    what: "Llama-3.1-8B, A100 of 80 GB, base of the decode step",
    figure: 16.44,
    unit: "ms",
    estimated: estimate(l8, gpus["a100-80gb"]).decode.baseStepMs,
    kind: "vLLM, regression over runs",
    source: regression("vLLM 0.8"),
  },
  {
    what: "Llama-3.1-8B, A100 of 80 GB, prefill",
    figure: 47.8,
    unit: "ms for 1,000 tokens",
    estimated: promptMs(estimate(l8, gpus["a100-80gb"])),
    kind: "vLLM, regression over runs",
    source: regression("vLLM 0.8"),
  },
  {
    what: "Llama-3.3-70B, 4 H100, base of the decode step",
    figure: 12.6,
    unit: "ms",
    estimated: estimate("llama-3.1-70b", gpus.h100, 4).decode.baseStepMs,
    kind: "vLLM, regression over runs",
    source: regression("vLLM 0.8"),
  },
  {
    what: "Llama-3.1-Nemotron-70B (the same architecture), 4 H100, base of the decode step",
    figure: 22.2,
    unit: "ms",
    estimated: estimate("llama-3.1-70b", gpus.h100, 4).decode.baseStepMs,
    kind: "vLLM, regression over runs",
    source: regression("vLLM 0.8"),
  },
  {
    what: "Llama-3.3-70B, 4 H100, prefill",
    figure: 76.4,
    unit: "ms for 1,000 tokens",
    estimated: promptMs(estimate("llama-3.1-70b", gpus.h100, 4)),
    kind: "vLLM, regression over runs",
    source: regression("vLLM 0.8"),
  },
  {
    what: "Llama-3.3-70B, 8 H100, base of the decode step",
    figure: 14.1,
    unit: "ms",
    estimated: estimate("llama-3.1-70b", gpus.h100, 8).decode.baseStepMs,
    kind: "vLLM, regression over runs",
    source: regression("vLLM 0.8"),
  },
];

/** By how many percent the estimate is above (or below) what is published. */
export function deviationPercent({ figure, estimated }: Published): number {
  // 0 is added because -0 rounds to -0.
  return Math.round((100 * (estimated - figure)) / figure) + 0;
}
