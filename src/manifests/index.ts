export { annotations, servingRuntimeAnnotation } from "./annotations";
export type { KubernetesObject, LogicalObject } from "./kubernetes-object";
export { clusterUrl, externalUrl } from "./model-url";
export { nameLimits } from "./naming";
export type { NfsSource } from "./persistent-volume";
export { Distribution, PieceMode } from "./platform/piece";
export {
  type PlatformReference,
  PrometheusAuthentication,
  platformProblems,
  platformReference,
  type ServingPlatformOptions,
} from "./platform-reference";
export { compileScaledObject, scaledObjectName } from "./scaled-object";
export { type ServedModelResult, servedModelManifests } from "./served-model";
export type { ServedModelOptions } from "./served-model-options";
export type {
  Capacity,
  ExtraTrigger,
  MetricMatch,
  ReplicaRange,
  ScaleTargetOptions,
  SloAutoscalerOptions,
  ZeroReplicas,
} from "./slo-autoscaler-options";
export { type Startup, startupSeconds } from "./start-up";
export {
  type ContainerResources,
  type PodToleration,
  type SecretKey,
  ServingBackend,
  serverDefaults,
  type VllmServerOptions,
} from "./vllm-server-options";
export { type WakeJobOptions, wakeJob } from "./wake-job";
export type { WeightsSource } from "./weights-source";
