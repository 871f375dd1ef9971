import type * as k8s from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";

/** Time from pod scheduled to Ready, by its parts, in seconds. Measure it: it decides the scaling windows. */
export interface StartupArgs {
  /** @default 60: a 10 GB image at 170 MB/s; 0 when images are pre-pulled */
  imagePullSeconds?: number;
  /** Weights into the GPU. @default 60: 16 GB at 270 MB/s */
  loadSeconds?: number;
  /** torch.compile and CUDA graph capture. @default 45: measured with a cold cache; about 10 with a warm one */
  compileSeconds?: number;
}

/** A key of a Secret in the model's namespace. */
export interface SecretKeyArgs {
  name: string;
  key: string;
}

/** A Deployment of vLLM, its Service and its PodMonitor. Replicas are never set here: they belong to the autoscaler. */
export interface VllmServerArgs {
  namespace: Input<string>;
  /** Name clients ask for, and the `model_name` label of the metrics. */
  servedModelName: string;
  /** Claim that holds the weights, mounted read-only at `/mnt/models`. */
  weightsClaim: Input<string>;
  /** Directory of the model inside the claim. @default the claim's root */
  weightsSubPath?: string;
  /** @default `vllm/vllm-openai:v<vllmVersion>` */
  image?: string;
  /** @default the pinned version of `versions.ts` */
  vllmVersion?: string;
  /** GPUs a replica uses, which is also vLLM's tensor parallel size. @default 1 */
  gpus?: number;
  /** Only nodes whose label `nvidia.com/gpu.product` is this. @default `NVIDIA-L4` */
  gpuProduct?: string;
  /** Longest prompt plus output in tokens (`--max-model-len`). @default 8192 */
  maxModelLen?: number;
  /** Most sequences in one step (`--max-num-seqs`). @default vLLM's own */
  maxNumSeqs?: number;
  /** Further arguments of `vllm serve`, passed unchanged after ours. */
  extraArgs?: string[];
  /** Key clients must send, read from an existing Secret (`VLLM_API_KEY`). @default none: the endpoint is open inside the cluster */
  apiKey?: SecretKeyArgs;
  startup?: StartupArgs;
  /** Longest generation a removed replica may finish, in seconds: the drain, and the grace period of the pod. @default 120 */
  longestGenerationSeconds?: number;
  /** CPU and memory of the container; GPUs are added. @default requests 4 CPU and 16Gi, limit 16Gi */
  resources?: k8s.types.input.core.v1.ResourceRequirements;
  /** @default tolerates `nvidia.com/gpu` with effect NoSchedule */
  tolerations?: k8s.types.input.core.v1.Toleration[];
  /** Make a PodMonitor. Off when something else already scrapes the pods: two would double every sum. @default true */
  podMonitor?: boolean;
  /** @default 15 */
  scrapeIntervalSeconds?: number;
  /** Labels of the PodMonitor, for a Prometheus that selects monitors by label. */
  podMonitorLabels?: Record<string, string>;
  /** Capacity profile and token lengths the policy was derived from, written on the pods. */
  capacityProfileId?: string;
  meanPromptTokens?: number;
  meanOutputTokens?: number;
}
