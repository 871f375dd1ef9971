import { type CapacityProfile, ProvenanceKind } from "../capacity-profile";
import type { Problem } from "../policy-input";
import { figure } from "../text";
import { comparedReleases } from "./compared-releases";
import type { GpuSpecification } from "./gpus";
import { type ModelArchitecture, parametersOf } from "./models";

/** bf16. */
const bytesPerParameter = 2;
const gib = 2 ** 30;

/**
 * Constants of vLLM's engine step, the same for all GPUs and models. Fitted to runs of Llama-3.1-8B: vLLM 0.19 on an RTX 4090
 * (casys-kaist/LLMServingSim, bench/examples/RTX4090), vLLM 0.21 on an H100, memory of vLLM 0.6 on an RTX 3090 (vllm-project/vllm
 * issue 10517), and the time of a layer from inference-sim/inference-sim's `defaults.yaml`.
 */
export const rooflineConstants = {
  /** Share of the memory bandwidth with which weights are read. */
  weightsEfficiency: 0.91,
  /** Share of the memory bandwidth with which the KV cache is read. */
  keyValueEfficiency: 0.92,
  /** A step without any work: scheduler, sampling, sending. */
  stepOverheadMs: 0.5,
  /** What each layer adds to that: its kernels. */
  layerOverheadMs: 0.032,
  /** What each sequence adds to a step, as a share of the time that the weights take: matrices of more rows. */
  sequenceShareOfWeights: 0.0055,
  /** An all-reduce of one token, of which tensor parallelism has two in each layer. */
  allReduceMs: 0.01,
  /** Share of NVLink's bandwidth that the all-reduces of a prefill reach. */
  nvlinkEfficiency: 0.75,
  /** vLLM's `--gpu-memory-utilization`. */
  memoryUtilization: 0.9,
  /** Memory of CUDA, PyTorch and CUDA graphs on each GPU. */
  overheadGib: 0.94,
  /** Memory of activations on each GPU for 1,000 batched tokens and a hidden size of 4,096. */
  activationGib: 0.1035,
  /** vLLM's defaults for an API server: `--max-num-batched-tokens` and `--max-num-seqs`. */
  batchedTokens: { usual: 2048, large: 8192 },
  sequences: { usual: 256, large: 1024 },
  blockTokens: 16,
} as const;

/**
 * Stated for every estimate: the formula is within 8 % of what was measured with vLLM, and within 28 % of regressions over runs
 * with tensor parallelism, which for one architecture differ by more themselves. docs/capacity-profiles.md has the figures.
 */
const relativeError = 0.3;

export interface RooflineInput {
  /** Id the profile shall have. */
  id: string;
  model: ModelArchitecture;
  gpu: GpuSpecification;
  /** GPUs one replica uses, vLLM's `--tensor-parallel-size`. @default 1 */
  tensorParallel?: number | undefined;
}

export type RooflineResult = { ok: true; profile: CapacityProfile } | { ok: false; problem: Problem };

/**
 * Estimates a capacity profile from what a GPU can do and what a model needs: a decode step reads the weights and the KV cache
 * once, a prefill computes. What does not fit into the GPUs is a problem, with the number that would do.
 */
export function rooflineProfile(input: RooflineInput): RooflineResult {
  const { id, model, gpu, tensorParallel = 1 } = input;
  const problem = parallelProblem(model, gpu, tensorParallel);
  if (problem !== undefined) return { ok: false, problem: { path: "tensorParallel", message: problem } };

  const weightsGib = (parametersOf(model).all * bytesPerParameter) / gib;
  const freeGib = freeMemoryGib(model, gpu);
  const capacityTokens = keyValueTokens(model, tensorParallel * freeGib - weightsGib);
  if (capacityTokens < rooflineConstants.blockTokens) {
    const message = `The weights of ${model.repository}, ${figure(weightsGib)} GiB, do not fit: ${tensorParallel} ${gpu.product} with ${figure(freeGib)} GiB each beside what vLLM needs. At least ${Math.ceil(weightsGib / freeGib)} would.`;
    return { ok: false, problem: { path: "tensorParallel", message } };
  }
  return {
    ok: true,
    profile: {
      id,
      model: model.repository,
      gpuProduct: gpu.product,
      gpusPerReplica: tensorParallel,
      vllmVersion: "0.19.0",
      vllmReleases: comparedReleases,
      decode: decodeOf(model, gpu, tensorParallel),
      prefill: {
        perTokenMs: rounded(prefillTokenMs(model, gpu, tensorParallel)),
        batchedTokens: rooflineConstants.batchedTokens[sizeOf(gpu)],
      },
      kvCache: { capacityTokens, blockTokens: rooflineConstants.blockTokens },
      maxSequences: rooflineConstants.sequences[sizeOf(gpu)],
      loading: {
        weightsGigabytes: rounded((parametersOf(model).all * bytesPerParameter) / 1e9),
        megabytesPerSecond: {},
      },
      validFor: { minPromptTokens: 1, maxPromptTokens: 8192, minOutputTokens: 1, maxOutputTokens: 4096 },
      provenance: { kind: ProvenanceKind.Estimated, source: sourceOf(model, gpu), relativeError },
    },
  };
}

function parallelProblem(model: ModelArchitecture, gpu: GpuSpecification, tensorParallel: number): string | undefined {
  if (!(Number.isSafeInteger(tensorParallel) && tensorParallel >= 1 && model.keyValueHeads % tensorParallel === 0)) {
    return `${tensorParallel} does not divide the ${model.keyValueHeads} key-value heads of ${model.repository}: use a whole number that does.`;
  }
  return tensorParallel > 1 && gpu.nvlinkGigabytesPerSecond === undefined
    ? `${tensorParallel} needs NVLink, which ${gpu.product} does not have: how long its all-reduces take is not known.`
    : undefined;
}

function decodeOf(model: ModelArchitecture, gpu: GpuSpecification, tensorParallel: number) {
  const {
    weightsEfficiency,
    keyValueEfficiency,
    stepOverheadMs,
    layerOverheadMs,
    sequenceShareOfWeights,
    allReduceMs,
  } = rooflineConstants;
  const bytesPerMs = gpu.memoryGigabytesPerSecond * 1e6 * tensorParallel;
  const weightsMs = (parametersOf(model).readEachStep * bytesPerParameter) / (weightsEfficiency * bytesPerMs);
  const allReducesMs = tensorParallel === 1 ? 0 : 2 * model.layers * allReduceMs;
  return {
    baseStepMs: rounded(weightsMs + stepOverheadMs + model.layers * layerOverheadMs + allReducesMs),
    perSequenceMs: rounded(weightsMs * sequenceShareOfWeights),
    perContextTokenMs: rounded(keyValueBytes(model) / (keyValueEfficiency * bytesPerMs)),
  };
}

/** The layers' arithmetic, two operations a parameter, and with tensor parallelism the all-reduces of the activations. */
function prefillTokenMs(model: ModelArchitecture, gpu: GpuSpecification, tensorParallel: number): number {
  const operations = 2 * parametersOf(model).layers;
  const computedMs = operations / (gpu.prefillEfficiency * gpu.bf16Teraflops * 1e9 * tensorParallel);
  const nvlink = gpu.nvlinkGigabytesPerSecond;
  if (tensorParallel === 1 || nvlink === undefined) return computedMs;
  // A ring sends each byte to all others, and the sum back.
  const sentTwice = (2 * (tensorParallel - 1)) / tensorParallel;
  const bytes = 2 * model.layers * model.hiddenSize * bytesPerParameter * sentTwice;
  return computedMs + bytes / (rooflineConstants.nvlinkEfficiency * nvlink * 1e6);
}

function keyValueBytes({ layers, keyValueHeads, headSize }: ModelArchitecture): number {
  return 2 * layers * keyValueHeads * headSize * bytesPerParameter;
}

/** Tokens that memory holds, in whole blocks. */
function keyValueTokens(model: ModelArchitecture, availableGib: number): number {
  const { blockTokens } = rooflineConstants;
  return Math.floor((availableGib * gib) / keyValueBytes(model) / blockTokens) * blockTokens;
}

/** Memory of one GPU for weights and KV cache. */
function freeMemoryGib({ hiddenSize }: ModelArchitecture, gpu: GpuSpecification): number {
  const { memoryUtilization, overheadGib, activationGib, batchedTokens } = rooflineConstants;
  const activations = (activationGib * batchedTokens[sizeOf(gpu)] * hiddenSize) / (1000 * 4096);
  return memoryUtilization * gpu.memoryGib - overheadGib - activations;
}

/** vLLM's defaults differ for GPUs of 70 GiB and more, except A100s (`get_batch_defaults` in vllm/engine/arg_utils.py). */
function sizeOf({ memoryGib, product }: GpuSpecification): "usual" | "large" {
  return memoryGib >= 70 && !product.includes("A100") ? "large" : "usual";
}

function sourceOf(model: ModelArchitecture, gpu: GpuSpecification): string {
  return (
    `Roofline: config.json of ${model.repository}, ${gpu.memoryGigabytesPerSecond} GB/s and ${gpu.bf16Teraflops} TFLOPS of ` +
    `${gpu.product}, and efficiencies fitted to Llama-3.1-8B on other GPUs. Not measured on this one: calibrate before you promise anything by it.`
  );
}

/** Four digits: more would pretend to know. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
