/** The resource of the KEDA HTTP add-on that leads requests to a model. */
export const HttpRouteKind = {
  /** Add-on 0.14 and newer. */
  InterceptorRoute: "InterceptorRoute",
  /** Add-on 0.11 to 0.13; deprecated since. */
  HttpScaledObject: "HTTPScaledObject",
} as const;
export type HttpRouteKind = (typeof HttpRouteKind)[keyof typeof HttpRouteKind];

/** A ScaledObject compiled from the SLO. */
export interface ScaledObjectScaling {
  /**
   * With `replicas.min` 0: something else starts the first replica, such as a `cron` trigger or KEDA's annotation
   * `autoscaling.keda.sh/force-activation`. The metrics cannot, because only running pods have any, and no request does.
   * @default false
   */
  wokenElsewhere?: boolean | undefined;
  /** With `replicas.min` 0: seconds without a request after which the last replica goes. @default three starts, at least 60 */
  cooldownSeconds?: number | undefined;
  /** With `replicas.min` 0: whoever asks while there is no replica may wait for its start, though `slo` bounds a latency that this misses. @default false */
  acceptColdStart?: boolean | undefined;
}

/** No replica while nobody asks: KEDA's HTTP add-on holds a request until the first one answers. */
export interface HttpScaling {
  /**
   * Host names clients ask for, beside those of the Service `<name>-wake` inside the cluster. `expose` adds its own.
   * @default none
   */
  hosts?: string[] | undefined;
  /** Seconds without a request after which the last replica goes. @default three starts, at least 60 */
  cooldownSeconds?: number | undefined;
  /** Whoever asks while there is no replica may wait for its start, though `slo` bounds a latency that this misses. @default false */
  acceptColdStart?: boolean | undefined;
  /** Resource of the add-on to make. It decides which object is made, so it is plain. @default `InterceptorRoute` */
  kind?: HttpRouteKind;
}

/** What Knative scales by. */
export const KnativeMetric = {
  /** Requests in a replica at once, by Knative's own autoscaler (KPA). */
  Concurrency: "concurrency",
  /** Requests a second, by the KPA. */
  RequestRate: "rps",
  /** CPU in use, in percent of its request, by an HPA. Needs Knative's `autoscaler-hpa`. */
  Cpu: "cpu",
  /** Memory in use, in MiB, by an HPA. */
  Memory: "memory",
} as const;
export type KnativeMetric = (typeof KnativeMetric)[keyof typeof KnativeMetric];

/**
 * KServe's Knative mode: Knative counts the requests in front of the pods. Without a `target`, all figures follow from `slo`, `capacity` and
 * the times of the model; with one of your own, what is left out is Knative's own default.
 */
export interface KnativeScaling {
  /** What is counted; `cpu` and `memory` are of class HPA, the others of class KPA. @default `concurrency` */
  metric?: KnativeMetric;
  /**
   * What a replica is asked to carry of it (`scaleTarget`).
   * @default for `concurrency` what `capacity` carries within `slo`, headroom included; required for the others
   */
  target?: number | undefined;
  /**
   * Share of the target, in percent, above which Knative adds replicas: with its own default of 70 a target of 2 means 1.4.
   * @default 100 with the target from `capacity`, which has its headroom; Knative's with one of your own
   */
  targetUtilizationPercent?: number | undefined;
  /**
   * Most requests in a replica at once; more wait in front of it. At least `target`.
   * @default with the target from `capacity` what a replica carries within `slo`, so that it is kept while others start; otherwise no limit
   */
  containerConcurrency?: number | undefined;
  /** Replicas a new revision starts with. 0 only where the cluster allows it (`allow-zero-initial-scale`). */
  initialScale?: number | undefined;
  /** Replicas that the first request after zero starts, at least 2. */
  activationScale?: number | undefined;
  /** Seconds over which the metric is averaged, 6 to 3600. @default Knative's: 60 */
  windowSeconds?: number | undefined;
  /** Length of the panic window in percent of the window, 1 to 100. */
  panicWindowPercent?: number | undefined;
  /** Load in percent of the target at which panic begins, 110 to 1000. */
  panicThresholdPercent?: number | undefined;
  /** Requests that Knative's activator holds for a burst; -1 always has it in the path, 0 only at zero replicas. */
  targetBurstCapacity?: number | undefined;
  /**
   * Seconds for which the load must be lower before replicas go, at most 3600.
   * @default with the target from `capacity` start and longest generation less the window: until a new replica's effect is seen; otherwise 0
   */
  scaleDownDelaySeconds?: number | undefined;
  /**
   * With `replicas.min` 0: least seconds the last replica stays after the decision to go to zero, at most 3600.
   * @default with the target from `capacity` what makes three starts, at least 60 s, from the last request on; otherwise 0
   */
  podRetentionSeconds?: number | undefined;
}

/** Knative for a model: what it does for any pod, and what an objective needs. */
export interface ModelKnativeScaling extends KnativeScaling {
  /** With `replicas.min` 0: whoever asks while there is no replica may wait for its start, though `slo` bounds a latency that this misses. @default false */
  acceptColdStart?: boolean | undefined;
}

/** A query that grows with the load, of a sum over all replicas: KServe has KEDA divide it by them. */
export interface KServeTrigger {
  /** PromQL with one result, such as `sum(vllm:num_requests_waiting{...})`. */
  query: string;
  /** What a replica is asked to carry of it; a number above 0. */
  threshold: number;
}

/** KServe makes the ScaledObject (autoscaler class `keda`): no fallback, no latency guard, and a failed scrape reads as no load. */
export interface KServeKedaScaling {
  /** @default requests in flight against what `capacity` carries within `slo` */
  triggers?: KServeTrigger[] | undefined;
}

/** What a HorizontalPodAutoscaler scales by. */
export const HpaMetric = { Cpu: "cpu", Memory: "memory" } as const;
export type HpaMetric = (typeof HpaMetric)[keyof typeof HpaMetric];

/** A HorizontalPodAutoscaler on CPU or memory. On GPUs neither says how busy a model is: for serving on CPUs. */
export interface HpaScaling {
  metric: HpaMetric;
  /** Use in percent of what the container requests, 1 to 100. */
  targetPercent: number;
}

/** How replicas follow the load: at most one of the fields. @default `scaledObject` */
export interface Scaling {
  /** A ScaledObject compiled from `slo` and `capacity`. */
  scaledObject?: ScaledObjectScaling | undefined;
  /** The same with a trigger on the requests that KEDA's HTTP add-on holds: `replicas.min` is 0. */
  http?: HttpScaling | undefined;
  /** By Knative, from the requests in front of the pods; needs the backend `kserve`. */
  knative?: ModelKnativeScaling | undefined;
  /** By a ScaledObject that KServe makes; needs the backend `kserve`. */
  kserveKeda?: KServeKedaScaling | undefined;
  /** By a HorizontalPodAutoscaler on CPU or memory. */
  hpa?: HpaScaling | undefined;
}
