import type { Input } from "@pulumi/pulumi";
import type { PlatformReference } from "../../manifests/platform-reference";
import type { ScaleTargetOptions, SloAutoscalerOptions } from "../../manifests/slo-autoscaler-options";

export type {
  BucketEdges,
  Capacity,
  ExtraTrigger,
  Load,
  LoadBurst,
  MetricMatch,
  ReplicaRange,
  SaturationAlert,
  Trend,
  ZeroReplicas,
} from "../../manifests/slo-autoscaler-options";
export { Headroom, TrendFunction } from "../../policy/policy-input";
export type { LatencyObjective, Slo } from "../../policy/slo";

/** The workload to scale. */
export interface ScaleTarget extends ScaleTargetOptions<Input<string>> {}

/** Scales any workload that exposes vLLM's metrics by an SLO, also one that this program did not create. */
export interface SloAutoscalerArgs extends SloAutoscalerOptions<Input<string>> {
  scaleTargetRef: ScaleTarget;
  /** `ServingPlatform.reference`, or the same of another stack. */
  platform: Input<PlatformReference>;
}
