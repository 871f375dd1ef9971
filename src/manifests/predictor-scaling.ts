import type { PlatformReference } from "./platform-reference";
import { progressDeadlineSeconds } from "./rollout";
import { type HpaScaling, KnativeMetric, type KnativeScaling, type KServeKedaScaling } from "./scaling-options";
import type { ReplicaRange } from "./slo-autoscaler-options";
import { requestSeconds } from "./timeouts";
import {
  PredictorClass,
  type PredictorScaling,
  type PredictorTrigger,
  type VllmServerSettings,
} from "./vllm-server-options";

/** What KServe is told of Knative. */
export function knativePredictor(
  knative: KnativeScaling,
  replicas: ReplicaRange,
  settings: VllmServerSettings,
): PredictorScaling<never> {
  const metric = knative.metric ?? KnativeMetric.Concurrency;
  return {
    class: PredictorClass.Knative,
    minReplicas: replicas.min ?? 1,
    maxReplicas: replicas.max,
    scaleMetric: metric,
    ...(metric === KnativeMetric.Memory ? {} : { scaleTarget: knative.target }),
    containerConcurrency: knative.containerConcurrency,
    timeoutSeconds: requestSeconds(settings, replicas.min === 0),
    annotations: knativeAnnotations(knative, settings),
  };
}

/**
 * Annotations of Knative's revision. Target, metric and bounds are KServe's own fields, which it writes into the others; but its
 * webhook takes no more than 100 MiB for a target (kserve/kserve, `validateScalingHPACompExtension`), so that one is written here.
 */
function knativeAnnotations(knative: KnativeScaling, settings: VllmServerSettings): Record<string, string> {
  const figures: Record<string, string | number | undefined> = {
    target: knative.metric === KnativeMetric.Memory ? knative.target : undefined,
    "target-utilization-percentage": knative.targetUtilizationPercent,
    "initial-scale": knative.initialScale,
    "activation-scale": knative.activationScale,
    window: seconds(knative.windowSeconds),
    "panic-window-percentage": knative.panicWindowPercent,
    "panic-threshold-percentage": knative.panicThresholdPercent,
    "target-burst-capacity": knative.targetBurstCapacity,
    "scale-down-delay": seconds(knative.scaleDownDelaySeconds),
    "scale-to-zero-pod-retention-period": seconds(knative.podRetentionSeconds),
  };
  const given = Object.entries(figures).flatMap(([key, value]) =>
    value === undefined ? [] : [[`autoscaling.knative.dev/${key}`, String(value)]],
  );
  // Otherwise a start of more than ten minutes counts as failed.
  return {
    ...Object.fromEntries(given),
    "serving.knative.dev/progress-deadline": `${progressDeadlineSeconds(settings)}s`,
  };
}

function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value}s`;
}

/** Class of Knative's autoscaler for a metric. */
export function knativeClass(scaleMetric: string | undefined): string {
  const byHpa = scaleMetric === KnativeMetric.Cpu || scaleMetric === KnativeMetric.Memory;
  return `${byHpa ? "hpa" : "kpa"}.autoscaling.knative.dev`;
}

/** What a ScaledObject of KServe needs beside the triggers. */
export interface KedaContext<S = string> {
  /** Query and threshold of those triggers of the policy that KServe can express: sums over the replicas. */
  compiled: Pick<PredictorTrigger, "query" | "threshold">[];
  serverAddress: S;
  authentication: { name: string; mode: string } | undefined;
  scaleDownWindowSeconds: number;
}

/** What KServe is told of the ScaledObject it shall make. */
export function kedaPredictor<S>(
  kserveKeda: KServeKedaScaling,
  replicas: ReplicaRange,
  context: KedaContext<S>,
): PredictorScaling<S> {
  const { compiled, serverAddress, authentication, scaleDownWindowSeconds } = context;
  const given = kserveKeda.triggers?.map(({ query, threshold }) => ({ query, threshold: String(threshold) }));
  return {
    class: PredictorClass.Keda,
    minReplicas: replicas.min ?? 1,
    maxReplicas: replicas.max,
    triggers: (given ?? compiled).map(({ query, threshold }) => ({
      query,
      threshold,
      serverAddress,
      ...(authentication === undefined
        ? {}
        : { authenticationName: authentication.name, authenticationMode: authentication.mode }),
    })),
    scaleDownWindowSeconds,
  };
}

/** What KServe is told of the HorizontalPodAutoscaler it shall make. */
export function hpaPredictor(hpa: HpaScaling, replicas: ReplicaRange): PredictorScaling<never> {
  return {
    class: PredictorClass.Hpa,
    minReplicas: replicas.min ?? 1,
    maxReplicas: replicas.max,
    scaleMetric: hpa.metric,
    scaleTarget: hpa.targetPercent,
  };
}

/** Base URL of the platform's Prometheus, as a trigger has it. */
export function serverAddress({ prometheusUrl }: PlatformReference): string {
  return prometheusUrl.replace(/\/+$/, "");
}
