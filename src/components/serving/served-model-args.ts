import type * as k8s from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import type { PlatformReference, PrometheusAuthentication } from "../platform/serving-platform-args";
import type { CapacityArgs, ExtraTriggerArgs, ReplicaBoundsArgs, SloArgs } from "../scaling/slo-autoscaler-args";
import type { NfsExportArgs } from "../storage/model-weights-args";
import type { SecretKeyArgs, StartupArgs } from "./vllm-server-args";

/** Where the weights are: exactly one of the fields. */
export interface WeightsArgs {
  /** An NFS export that holds them; a PersistentVolume and a claim are made. */
  nfs?: NfsExportArgs;
  /** A claim that exists in the model's namespace. */
  existingClaim?: Input<string>;
  /** Directory of the model inside the volume. */
  subPath?: string;
  /** @default `100Gi` */
  size?: string;
}

/** One model: its weights, its vLLM replicas, its autoscaler. */
export interface ServedModelArgs {
  platform: Input<PlatformReference>;
  /** See `SloAutoscalerArgs.prometheusAuthentication`. @default `none` */
  prometheusAuthentication?: PrometheusAuthentication;
  /** Namespace everything goes into; it must exist unless `createNamespace`. */
  namespace: string;
  /** Make the namespace too, and remove it on destroy. @default false */
  createNamespace?: boolean;
  /** Name clients ask for, and the `model_name` label of the metrics. @default the component's name */
  servedModelName?: string;
  weights: WeightsArgs;
  slo: SloArgs;
  replicas: ReplicaBoundsArgs;
  capacity: CapacityArgs;
  /** Triggers of your own beside those compiled from the SLO. */
  extraTriggers?: ExtraTriggerArgs[];
  image?: string;
  vllmVersion?: string;
  /** @default 1 */
  gpus?: number;
  /** @default `NVIDIA-L4` */
  gpuProduct?: string;
  /** @default 8192 */
  maxModelLen?: number;
  maxNumSeqs?: number;
  extraArgs?: string[];
  apiKey?: SecretKeyArgs;
  startup?: StartupArgs;
  /** @default 120 */
  longestGenerationSeconds?: number;
  resources?: k8s.types.input.core.v1.ResourceRequirements;
  tolerations?: k8s.types.input.core.v1.Toleration[];
  /** @default true */
  podMonitor?: boolean;
  podMonitorLabels?: Record<string, string>;
  /** @default 15 */
  scrapeIntervalSeconds?: number;
}
