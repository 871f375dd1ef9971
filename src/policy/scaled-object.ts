/**
 * The part of `keda.sh/v1alpha1` ScaledObject that we write and read, as plain values.
 * Source: kedacore/keda `apis/keda/v1alpha1/scaledobject_types.go` (v2.20).
 */
export const MetricType = { AverageValue: "AverageValue", Value: "Value", Utilization: "Utilization" } as const;
export type MetricType = (typeof MetricType)[keyof typeof MetricType];

export interface ScaledObject {
  apiVersion: "keda.sh/v1alpha1";
  kind: "ScaledObject";
  metadata: ObjectMetadata;
  spec: ScaledObjectSpec;
}

export interface ObjectMetadata {
  name: string;
  namespace: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface ScaledObjectSpec {
  scaleTargetRef: ScaleTargetRef;
  pollingInterval?: number;
  initialCooldownPeriod?: number;
  cooldownPeriod?: number;
  idleReplicaCount?: number;
  minReplicaCount?: number;
  maxReplicaCount?: number;
  fallback?: Fallback;
  advanced?: Advanced;
  triggers: ScaleTrigger[];
}

/** What is scaled. KEDA's defaults: `apps/v1`, `Deployment`. */
export interface ScaleTargetRef {
  name: string;
  apiVersion?: string;
  kind?: string;
  envSourceContainerName?: string;
}

export const FallbackBehavior = {
  Static: "static",
  CurrentReplicas: "currentReplicas",
  CurrentReplicasIfHigher: "currentReplicasIfHigher",
  CurrentReplicasIfLower: "currentReplicasIfLower",
  ScalingModifiers: "scalingModifiers",
} as const;
export type FallbackBehavior = (typeof FallbackBehavior)[keyof typeof FallbackBehavior];

export interface Fallback {
  failureThreshold: number;
  replicas: number;
  behavior?: FallbackBehavior;
}

export interface Advanced {
  restoreToOriginalReplicaCount?: boolean;
  horizontalPodAutoscalerConfig?: HorizontalPodAutoscalerConfig;
  scalingModifiers?: ScalingModifiers;
}

export interface HorizontalPodAutoscalerConfig {
  name?: string;
  behavior?: HpaBehavior;
}

/** `autoscaling/v2` HorizontalPodAutoscalerBehavior. */
export interface HpaBehavior {
  scaleUp?: HpaScalingRules;
  scaleDown?: HpaScalingRules;
}

export interface HpaScalingRules {
  stabilizationWindowSeconds?: number;
  selectPolicy?: HpaSelectPolicy;
  policies?: HpaScalingPolicy[];
  /** A Kubernetes quantity such as `"0"` or `"50m"`; KEDA 2.18 and Kubernetes 1.35 or newer. */
  tolerance?: string;
}

export const HpaSelectPolicy = { Max: "Max", Min: "Min", Disabled: "Disabled" } as const;
export type HpaSelectPolicy = (typeof HpaSelectPolicy)[keyof typeof HpaSelectPolicy];

export interface HpaScalingPolicy {
  type: HpaPolicyType;
  value: number;
  periodSeconds: number;
}

export const HpaPolicyType = { Pods: "Pods", Percent: "Percent" } as const;
export type HpaPolicyType = (typeof HpaPolicyType)[keyof typeof HpaPolicyType];

export interface ScalingModifiers {
  formula?: string;
  target?: string;
  activationTarget?: string;
  metricType?: MetricType;
}

/** One trigger. All metadata values are strings, as KEDA wants them. */
export interface ScaleTrigger {
  type: string;
  name?: string;
  useCachedMetrics?: boolean;
  metadata: Record<string, string>;
  metricType?: MetricType;
  authenticationRef?: TriggerAuthenticationRef;
}

export interface TriggerAuthenticationRef {
  name: string;
  kind?: TriggerAuthenticationKind;
}

export const TriggerAuthenticationKind = {
  TriggerAuthentication: "TriggerAuthentication",
  ClusterTriggerAuthentication: "ClusterTriggerAuthentication",
} as const;
export type TriggerAuthenticationKind = (typeof TriggerAuthenticationKind)[keyof typeof TriggerAuthenticationKind];
