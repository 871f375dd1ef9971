import type { CapacityProfile, TokenLengths } from "./capacity-profile";
import type { ScaledObject, ScaleTargetRef, ScaleTrigger } from "./scaled-object";
import type { LatencyKind, Slo } from "./slo";

/** How much of the capacity that keeps the SLO a replica is loaded with before another one is asked for. */
export const Headroom = {
  /** 80 % of it: for objectives that may be missed now and then. */
  Loose: "loose",
  /** 50 % of it: for objectives with a penalty. */
  Contractual: "contractual",
} as const;
export type Headroom = (typeof Headroom)[keyof typeof Headroom];

/** Everything the compiler needs, as plain values. The same input always gives the same output. */
export interface PolicyInput {
  /** Name of the ScaledObject; KEDA derives `keda-hpa-<name>`, so at most 54 characters. */
  name: string;
  namespace: string;
  labels?: Record<string, string>;
  scaleTargetRef: ScaleTargetRef;
  /** Which series are this workload's. */
  metrics: MetricSelector;
  slo: Slo;
  replicas: ReplicaBounds;
  /** How the workload is at no replica and comes back, if it may be: then `replicas.min` is 0. */
  zero?: ZeroInput;
  capacity: CapacityInput;
  /** The load that must be carried: replicas that cannot are a problem. Nothing is derived from it. @default not checked */
  load?: LoadInput;
  timing: Timing;
  prometheus: PrometheusEndpoint;
  versions: PolicyVersions;
  /** A forecast of the requests in flight as a further trigger. @default none */
  trend?: TrendInput;
  /** Triggers of the user's own, passed on unchanged after ours. */
  extraTriggers?: ScaleTrigger[];
}

/** At least one of `modelName`, `labels` and `podRegex` must say which of the namespace's models is meant. */
export interface MetricSelector {
  /** Namespace of the pods, always matched: the same model may be served in another one. */
  namespace: string;
  /** Value of vLLM's `model_name` label: the first served model name. */
  modelName?: string;
  /** Further label matchers, exact. */
  labels?: Record<string, string>;
  /** Regular expression for the `pod` label, anchored by Prometheus. */
  podRegex?: string;
  /** Prefix of vLLM's metric names. @default `vllm:`; RHOAI's LLMInferenceService monitors rename to `kserve_vllm:`. */
  metricPrefix?: string;
  /**
   * Upper bounds in seconds of the buckets you gave vLLM with `--custom-histogram-buckets`, by latency.
   * @default those of the vLLM release
   */
  bucketEdgesSeconds?: Partial<Record<LatencyKind, readonly number[]>>;
}

export interface ReplicaBounds {
  /** At least 1, or 0 together with `zero`. */
  min: number;
  max: number;
}

/** A workload that nobody asks has no replica. */
export interface ZeroInput {
  /**
   * Trigger that sees requests while there is no replica, and counts all of them while there are some.
   * @default none: something outside of the ScaledObject starts the first replica
   */
  wake?: ScaleTrigger;
  /** Seconds without an active trigger after which the last replica goes. @default three starts, at least 60 s */
  cooldownSeconds?: number;
  /** Whoever asks while there is no replica may wait for its start, whatever the SLO says. @default false */
  acceptColdStart?: boolean;
}

/** The load of all replicas together. */
export interface LoadInput {
  /** Requests a second at the peak. */
  requestsPerSecond: number;
  /**
   * Mean seconds from the arrival of a request to its last token, under the load a replica is asked to carry.
   * @default by the profile; required with a concurrency that was measured
   */
  secondsPerRequest?: number;
  /** A rise that is faster than replicas start: what `replicas.min` keeps must carry it until they do. @default none */
  burst?: BurstInput;
}

export interface BurstInput {
  /** Requests a second it rises to. */
  requestsPerSecond: number;
  /** Seconds from no load to that; 0 is at once. */
  withinSeconds: number;
}

/** Either a profile with the token lengths of the load, or the concurrency directly. */
export interface CapacityInput {
  profile?: CapacityProfile;
  tokens?: TokenLengths;
  /** In-flight requests one replica carries within the SLO, if you measured it: used instead of the profile. */
  concurrencyPerReplica?: number;
  /** vLLM's `--max-num-seqs`, if you change it: requests beyond it wait. @default vLLM's own, of the profile; with a measured concurrency none */
  maxSequences?: number;
  /** @default `loose` */
  headroom?: Headroom;
  /** GPUs one replica uses; 0 on CPUs. @default the profile's, otherwise 1 */
  gpusPerReplica?: number;
  /** GPUs this model may use at most; `replicas.max * gpusPerReplica` above it is an error. */
  gpuBudget?: number;
}

/** What the behaviour windows are derived from. All in seconds. */
export interface Timing {
  /** From pod scheduled to Ready: image, weights, compilation. */
  startupSeconds: number;
  /** Longest generation that a removed replica has to finish. */
  longestGenerationSeconds: number;
  scrapeIntervalSeconds: number;
}

/** How the load that will be is read off the load that was: PromQL's functions of a least-squares line. */
export const TrendFunction = {
  /** The line itself, as far ahead: one high reading moves it little, and a jump reaches it slowly. */
  PredictLinear: "predict_linear",
  /** What is there, and the slope of the line on top: it follows a jump at once, and a high reading too. */
  Deriv: "deriv",
} as const;
export type TrendFunction = (typeof TrendFunction)[keyof typeof TrendFunction];

/** How far ahead the load is looked for, and how. */
export interface TrendInput {
  /** @default `predict_linear` */
  function?: TrendFunction;
  /** Seconds, above 0 and at most 3600. @default the start of a replica: one that is asked for now serves then */
  horizonSeconds?: number;
}

export const PrometheusAuthMode = { None: "none", Bearer: "bearer", Basic: "basic", Tls: "tls" } as const;
export type PrometheusAuthMode = (typeof PrometheusAuthMode)[keyof typeof PrometheusAuthMode];

/** How KEDA reaches Prometheus. */
export interface PrometheusEndpoint {
  /** Base URL, path prefix included, e.g. `http://prometheus-operated.monitoring.svc.cluster.local:9090`. */
  url: string;
  /** Sent as the `namespace` parameter: tenancy proxies such as OpenShift's port 9092 want it. */
  tenancyNamespace?: string;
  /** @default `none` */
  authMode?: PrometheusAuthMode;
  /** TriggerAuthentication that holds the credentials; required unless `authMode` is `none`. */
  authenticationName?: string;
}

/** Versions that change what is right to write. `major.minor.patch`; a leading `v` and a build suffix (`2.19.0-4`) are allowed. */
export interface PolicyVersions {
  vllm: string;
  keda: string;
  kubernetes: string;
}

/** One line of the explanation: which field has which value, and why. */
export interface Explanation {
  /** Path in the ScaledObject, e.g. `spec.triggers[0].metadata.threshold`. */
  path: string;
  value: string;
  /** The formula with the numbers put in, as a sentence. */
  because: string;
}

/** At the target, and at what a replica carries within the SLO. */
export interface SecondsPerRequest {
  target: number;
  slo: number;
}

export interface CompiledPolicy {
  scaledObject: ScaledObject;
  explanation: Explanation[];
  /** In-flight requests one replica carries within the SLO, before headroom. */
  concurrencyAtSlo: number;
  /** In-flight requests a replica is asked to carry: the threshold of the in-flight trigger. */
  targetConcurrency: number;
  /** Mean seconds of a request, arrival to last token, with as many in flight; unknown of a measured concurrency. */
  secondsPerRequest: SecondsPerRequest | undefined;
  /** PromQL that has a result while the load asks for more than `replicas.max`. */
  saturationQuery: string;
  /** What the reader should know though it is no error, each a sentence. */
  warnings: string[];
}

/** One thing wrong with an input, with what a person needs to mend it. */
export interface Problem {
  /** Path of the field, e.g. `slo.itl.atMostMs`. */
  path: string;
  /** What is wrong: the value, the bound and the fix, in one or two sentences. Never a secret's value. */
  message: string;
}

export type CompileResult = { ok: true; policy: CompiledPolicy } | { ok: false; problems: Problem[] };
