import type { Input } from "@pulumi/pulumi";
import type { PlatformReference, PrometheusAuthentication } from "../platform/serving-platform-args";
import type { StartupArgs } from "../serving/vllm-server-args";

/** "At least a share `quantile` of all observations is at most `atMostMs`." */
export interface LatencyObjectiveArgs {
  atMostMs: number;
  /** @default 0.5 for itl and tpot, 0.9 for the others */
  quantile?: number;
}

export interface SloArgs {
  itl?: LatencyObjectiveArgs;
  tpot?: LatencyObjectiveArgs;
  ttft?: LatencyObjectiveArgs;
  e2e?: LatencyObjectiveArgs;
  queueTime?: LatencyObjectiveArgs;
}

export interface ReplicaBoundsArgs {
  /** @default 1 */
  min?: number;
  max: number;
}

export const HeadroomArgs = { Loose: "loose", Contractual: "contractual" } as const;
export type HeadroomArgs = (typeof HeadroomArgs)[keyof typeof HeadroomArgs];

export interface CapacityArgs {
  /** Id of a shipped capacity profile. @default `llama-3.1-8b-l4` for models of that name, otherwise required unless `concurrencyPerReplica` is given */
  profile?: string;
  /** Mean prompt length of the load in tokens; required with a profile. */
  promptTokens?: number;
  /** Mean output length of the load in tokens; required with a profile. */
  outputTokens?: number;
  /** In-flight requests a replica carries within the SLO, as measured: used instead of a profile. */
  concurrencyPerReplica?: number;
  /** @default `loose`: 80 % */
  headroom?: HeadroomArgs;
  gpusPerReplica?: number;
  /** GPUs this model may use at most. */
  gpuBudget?: number;
}

export interface ScaleTargetArgs {
  name: Input<string>;
  /** @default `Deployment` */
  kind?: string;
  /** @default `apps/v1` */
  apiVersion?: string;
}

export interface MetricSelectorArgs {
  modelName?: string;
  labels?: Record<string, string>;
  podRegex?: string;
  /** @default `vllm:` */
  metricPrefix?: string;
}

export interface ExtraTriggerArgs {
  type: string;
  name?: string;
  metadata: Record<string, string>;
  /** `AverageValue`, `Value` or `Utilization`. @default KEDA's: AverageValue */
  metricType?: string;
  authenticationName?: string;
}

/** Scales any workload that exposes vLLM's metrics by an SLO, also one that this program did not create. */
export interface SloAutoscalerArgs {
  namespace: string;
  scaleTargetRef: ScaleTargetArgs;
  metrics: MetricSelectorArgs;
  slo: SloArgs;
  replicas: ReplicaBoundsArgs;
  capacity: CapacityArgs;
  platform: Input<PlatformReference>;
  /** Decides which objects are made, so it is plain; must be what the platform says. @default `none` */
  prometheusAuthentication?: PrometheusAuthentication;
  startup?: StartupArgs;
  /** @default 120 */
  longestGenerationSeconds?: number;
  /** @default 15 */
  scrapeIntervalSeconds?: number;
  /** @default the pinned version of `versions.ts` */
  vllmVersion?: string;
  extraTriggers?: ExtraTriggerArgs[];
}
