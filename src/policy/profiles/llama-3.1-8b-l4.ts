import { type CapacityProfile, ProvenanceKind } from "../capacity-profile";
import { comparedReleases } from "./compared-releases";

/**
 * Llama-3.1-8B in bf16 on one NVIDIA L4, vLLM's V1 engine with 2,048 batched tokens and 0.90 of the GPU's memory.
 *
 * No latency table of this model on this GPU is published, so the figures are a roofline with constants fitted to the
 * same model on other 24 GB GPUs: 15.01 GB of weights read once a step at 0.90 of 300 GB/s plus engine overhead
 * (60 ms), 128 KiB of KV cache a context token at 0.92 of 300 GB/s (0.475 us), prefill at 60 TFLOPS (0.235 ms).
 * 16.06 GB of files, read at rates nobody has measured here: 270 MB/s over NFS, 80 MB/s with a fetch before it, 500 MB/s from the
 * node's disk.
 * KV cache: 0.90 of 22.05 GiB less weights, activations and overhead leaves 1,912 blocks of 16 tokens.
 */
export const llama318bL4: CapacityProfile = {
  id: "llama-3.1-8b-l4",
  model: "meta-llama/Llama-3.1-8B-Instruct",
  gpuProduct: "NVIDIA-L4",
  gpusPerReplica: 1,
  vllmVersion: "0.19.0",
  vllmReleases: comparedReleases,
  decode: { baseStepMs: 60, perSequenceMs: 0.3, perContextTokenMs: 0.000475 },
  prefill: { perTokenMs: 0.235, batchedTokens: 2048 },
  kvCache: { capacityTokens: 30_592, blockTokens: 16 },
  maxSequences: 256,
  loading: {
    weightsGigabytes: 16.06,
    megabytesPerSecond: { network: 270, fetched: 80, image: 500, local: 500 },
  },
  validFor: { minPromptTokens: 1, maxPromptTokens: 8192, minOutputTokens: 1, maxOutputTokens: 4096 },
  provenance: {
    kind: ProvenanceKind.Fitted,
    source:
      "Roofline with NVIDIA's L4 datasheet (300 GB/s, 121 TFLOPS bf16); bandwidth efficiency from the vLLM 0.19 run of " +
      "Llama-3.1-8B on an RTX 4090 in casys-kaist/LLMServingSim (bench/examples/RTX4090), memory use from " +
      "vllm-project/vllm issue 10517 (RTX 3090). Not measured on an L4: calibrate before you promise anything by it.",
    relativeError: 0.1,
  },
};
