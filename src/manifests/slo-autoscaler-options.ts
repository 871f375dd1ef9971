import type { Headroom, TrendFunction } from "../policy/policy-input";
import type { Slo } from "../policy/slo";
import type { PrometheusAuthentication } from "./platform-reference";
import type { Startup } from "./start-up";

/** Fewest and most replicas. */
export interface ReplicaRange {
  /** At least 1, or 0 where a strategy can wake the model. @default 1; 0 with `scaling.http` */
  min?: number | undefined;
  /** At least `min`. Each replica holds its GPUs, so this is also the most GPUs the model takes. */
  max: number;
}

/** What one replica carries within the SLO: by a profile and the token lengths of the load, or as measured. */
export interface Capacity {
  /** Id of a shipped capacity profile, e.g. `llama-3.1-8b-l4`; docs/capacity-profiles.md lists them. Required unless `concurrencyPerReplica` is given. */
  profile?: string | undefined;
  /** Mean prompt length of the load in tokens; required with a profile. */
  promptTokens?: number | undefined;
  /** Mean output length of the load in tokens; required with a profile. */
  outputTokens?: number | undefined;
  /** In-flight requests a replica carries within the SLO, as measured: used instead of a profile. */
  concurrencyPerReplica?: number | undefined;
  /** How much of what a replica carries it is loaded with. @default `loose`: 80 % */
  headroom?: Headroom;
  /** GPUs one replica uses. @default the profile's, otherwise 1 */
  gpusPerReplica?: number | undefined;
  /** GPUs this model may use at most. */
  gpuBudget?: number | undefined;
}

/** The load of all replicas together. Bounds of the replicas that cannot carry it are refused, with those that could. */
export interface Load {
  /** Requests a second at the peak. */
  requestsPerSecond: number;
  /**
   * Mean seconds from the arrival of a request to its last token, under the load a replica is asked to carry.
   * @default by the profile; required with `concurrencyPerReplica`
   */
  secondsPerRequest?: number | undefined;
  /** A rise that is faster than replicas start: the least replicas must carry it until more do. @default none */
  burst?: LoadBurst | undefined;
}

/** A load that rises at once. */
export interface LoadBurst {
  /** Requests a second it rises to. */
  requestsPerSecond: number;
  /** Seconds from no load to that; 0 is at once. */
  withinSeconds: number;
}

/** Upper bounds in seconds of a histogram's buckets, by latency. Each is ascending. */
export interface BucketEdges {
  itl?: number[] | undefined;
  tpot?: number[] | undefined;
  ttft?: number[] | undefined;
  e2e?: number[] | undefined;
  queueTime?: number[] | undefined;
}

/** Which series of vLLM's metrics are the workload's. The namespace is always matched. */
export interface MetricMatch {
  /** Value of the `model_name` label: the first served model name. */
  modelName?: string | undefined;
  /** Further labels, matched exactly. */
  labels?: Record<string, string> | undefined;
  /** Regular expression for the `pod` label, anchored by Prometheus. */
  podRegex?: string | undefined;
  /** Prefix of the metric names. @default `vllm:` */
  metricPrefix?: string | undefined;
  /** The buckets you gave vLLM with `--custom-histogram-buckets`. @default those of the vLLM release */
  bucketEdgesSeconds?: BucketEdges | undefined;
}

/** A KEDA trigger of your own, passed on unchanged after those compiled from the SLO. */
export interface ExtraTrigger {
  /** Type of the KEDA scaler, e.g. `cron`. */
  type: string;
  name?: string | undefined;
  metadata: Record<string, string>;
  /** `AverageValue`, `Value` or `Utilization`. @default KEDA's: AverageValue */
  metricType?: string | undefined;
  /** TriggerAuthentication of the namespace that holds its credentials. */
  authenticationName?: string | undefined;
}

/** When somebody is told that the load needs more replicas than `replicas.max`. */
export interface SaturationAlert {
  /** Seconds it must last. @default 300: a load that rises is served by new replicas before */
  forSeconds?: number | undefined;
  /** Label `severity` of the alert, by which it is routed. @default `warning` */
  severity?: string | undefined;
  /** Labels of the PrometheusRule, for a Prometheus that selects rules by label. @default none */
  labels?: Record<string, string> | undefined;
}

/** A forecast of the load, as a further trigger. */
export interface Trend {
  /**
   * PromQL's function that reads it off: `predict_linear`, along a straight line through the requests in flight, or `deriv`, by its slope from
   * what is there, which follows a jump sooner, and a high reading too.
   * @default `predict_linear`: it takes less of one reading for a rise
   */
  function?: TrendFunction;
  /** Seconds ahead, above 0 and at most 3600. @default the start of a replica: one that is asked for now serves then */
  horizonSeconds?: number | undefined;
}

/** What every autoscaler needs to know, whatever it scales by. */
export interface AutoscalerBasics {
  replicas: ReplicaRange;
  /** Decides which objects are made, so it is plain; must be what the platform says. @default `none` */
  prometheusAuthentication?: PrometheusAuthentication;
  /**
   * TriggerAuthentication of the namespace by which KEDA reads Prometheus, made by somebody else or by another autoscaler here
   * (its is named `<name>-prometheus`). Nothing is then made for the authentication, and its owner decides on token and
   * certificate authority. Needs a `prometheusAuthentication` other than `none`.
   * @default one of its own
   */
  prometheusTriggerAuthentication?: string | undefined;
  /** How long a replica takes to start; scaling up again and down waits for it. */
  startup?: Startup | undefined;
  /** Longest generation in seconds that a removed replica may finish; scaling down waits for it. @default 120 */
  longestGenerationSeconds?: number | undefined;
  /** Seconds between two scrapes of the pods. @default 15 */
  scrapeIntervalSeconds?: number | undefined;
  /** vLLM the pods run, which decides the names of the metrics. @default the pinned version of `versions.ts` */
  vllmVersion?: string | undefined;
  /** vLLM's `--max-num-seqs`, if it was changed: requests beyond it wait. @default vLLM's own, of the profile; none with a measured concurrency */
  maxNumSeqs?: number | undefined;
  /** The load that must be carried. It is checked against `replicas`, `slo` and the start; nothing is derived from it. @default not checked */
  load?: Load | undefined;
  /** Triggers of your own beside those compiled from the SLO. */
  extraTriggers?: ExtraTrigger[] | undefined;
  /**
   * Ask also for what the load will need when a replica that is asked for now serves: a straight line through the requests in flight. It
   * only adds, and what it adds too early costs GPUs.
   * @default none: it helps where a load rises for longer than a start takes, and elsewhere takes chance for a rise
   */
  trend?: Trend | undefined;
  /**
   * Make a PrometheusRule that fires while the load asks for more than `replicas.max`: then nothing is added any more, and the objective
   * is missed. It decides whether an object is made, so it is plain.
   * @default none: it needs Prometheus Operator, and leave to make rules
   */
  saturationAlert?: SaturationAlert | undefined;
}

/** The policy, whatever it scales. */
export interface SloAutoscalerSettings extends AutoscalerBasics {
  /** At least one objective; all given ones must hold. */
  slo: Slo;
  capacity: Capacity;
}

/** What is scaled. `S` is `string`, or `Input<string>` inside a Pulumi program. */
export interface ScaleTargetOptions<S = string> {
  /** Name of the workload, in the autoscaler's namespace. */
  name: S;
  /** Kind of the workload. @default `Deployment` */
  kind?: string | undefined;
  /** API version of the workload. @default `apps/v1` */
  apiVersion?: string | undefined;
}

/** No replica while nobody asks. Exactly one of `interceptorRoute`, `httpScaledObject` and `wokenElsewhere` says what starts the first. */
export interface ZeroReplicas {
  /** InterceptorRoute of the namespace that leads to the workload, for KEDA's HTTP add-on 0.14 and newer. */
  interceptorRoute?: string | undefined;
  /** HTTPScaledObject of the namespace, for older add-ons. It must not make a ScaledObject of its own. */
  httpScaledObject?: string | undefined;
  /** Something else starts it. The metrics cannot: only running pods have any. */
  wokenElsewhere?: boolean | undefined;
  /** Seconds without a request after which the last replica goes. @default three starts, at least 60 */
  cooldownSeconds?: number | undefined;
  /** Whoever asks while there is no replica may wait for its start, though `slo` bounds a latency that this misses. @default false */
  acceptColdStart?: boolean | undefined;
}

export interface SloAutoscalerOptions<S = string> extends SloAutoscalerSettings {
  /** Namespace of the workload, and of all objects made. */
  namespace: S;
  scaleTargetRef: ScaleTargetOptions<S>;
  metrics: MetricMatch;
  /** Needed with `replicas.min` 0. @default never without a replica */
  zero?: ZeroReplicas | undefined;
}
