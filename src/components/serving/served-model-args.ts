import type { Input } from "@pulumi/pulumi";
import type { PlatformReference } from "../../manifests/platform-reference";
import type { ServedModelOptions } from "../../manifests/served-model-options";
import type { WeightsSource } from "../../manifests/weights-source";
import type { NfsExport } from "../storage/model-weights-args";

export type {
  Exposure,
  GatewayExposure,
  IngressExposure,
  KServeExposure,
  RouteExposure,
} from "../../manifests/exposure-options";
export type {
  HpaScaling,
  HttpScaling,
  KnativeScaling,
  KServeKedaScaling,
  KServeTrigger,
  ModelKnativeScaling,
  ScaledObjectScaling,
  Scaling,
} from "../../manifests/scaling-options";
export { HpaMetric, HttpRouteKind, KnativeMetric } from "../../manifests/scaling-options";
export { ConnectionType } from "../../manifests/weights-source";

/** Where the weights are: exactly one of the blocks. */
export interface Weights extends WeightsSource<Input<string>> {
  /** An NFS export that holds them or that they are downloaded to; volumes and claims are made. */
  nfs?: NfsExport | undefined;
}

/** One model: its weights, its vLLM replicas, its autoscaler. */
export interface ServedModelArgs extends ServedModelOptions<Input<string>> {
  weights: Weights;
  /** `ServingPlatform.reference`, or the same of another stack. */
  platform: Input<PlatformReference>;
}
