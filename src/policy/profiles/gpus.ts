/** What a GPU can do at most, by its datasheet. */
export interface GpuSpecification {
  /** Product as NVIDIA's GPU feature discovery labels it (`nvidia.com/gpu.product`). */
  product: string;
  /** Memory that CUDA reports, in GiB: less than the name says. */
  memoryGib: number;
  /** Memory bandwidth in GB/s. */
  memoryGigabytesPerSecond: number;
  /** Dense bf16 arithmetic of the tensor cores, in TFLOPS. Datasheets often print twice that, for sparse matrices. */
  bf16Teraflops: number;
  /** Share of `bf16Teraflops` that a prefill reaches. */
  prefillEfficiency: number;
  /** NVLink in one direction, in GB/s; without it no tensor parallelism is estimated. */
  nvlinkGigabytesPerSecond?: number | undefined;
}

/**
 * GPUs that profiles are estimated for. Sources: NVIDIA's datasheets of L4, L40S, A100 and H100 (SXM); of the A10G, a part
 * made for AWS, its data as published with the G5 instances. Memory as PyTorch reports it on them.
 * Prefills: 60 of 121 TFLOPS on the L4, as in the fitted profile, because its 72 W do not feed all of them; 70 % elsewhere, which
 * 17 to 20 us a prompt token on an H100 (inference-sim/inference-sim) confirm, and 48 us on an A100 would allow more.
 */
export const gpus = {
  l4: {
    product: "NVIDIA-L4",
    memoryGib: 22.05,
    memoryGigabytesPerSecond: 300,
    bf16Teraflops: 121,
    prefillEfficiency: 0.5,
  },
  a10g: {
    product: "NVIDIA-A10G",
    memoryGib: 22.05,
    memoryGigabytesPerSecond: 600,
    bf16Teraflops: 70,
    prefillEfficiency: 0.7,
  },
  l40s: {
    product: "NVIDIA-L40S",
    memoryGib: 44.4,
    memoryGigabytesPerSecond: 864,
    bf16Teraflops: 362,
    prefillEfficiency: 0.7,
  },
  "a100-80gb": {
    product: "NVIDIA-A100-SXM4-80GB",
    memoryGib: 79.15,
    memoryGigabytesPerSecond: 2039,
    bf16Teraflops: 312,
    prefillEfficiency: 0.7,
    nvlinkGigabytesPerSecond: 300,
  },
  h100: {
    product: "NVIDIA-H100-80GB-HBM3",
    memoryGib: 79.1,
    memoryGigabytesPerSecond: 3350,
    bf16Teraflops: 989,
    prefillEfficiency: 0.7,
    nvlinkGigabytesPerSecond: 450,
  },
} as const satisfies Record<string, GpuSpecification>;
