import { HpaMetric, HttpRouteKind, KnativeMetric } from "../manifests/scaling-options";
import { Headroom, TrendFunction } from "../policy/policy-input";
import { capacityProfileIds } from "../policy/profiles";
import { MetricType } from "../policy/scaled-object";
import { choice, flag, list, mapping, number, sensitive, text, textMap } from "./fields";

const objective = (what: string, quantile: number, observed = "requests") =>
  mapping({
    atMostMs: number("milliseconds").describe("Bound in milliseconds."),
    quantile: number()
      .exactOptional()
      .describe(`Share of observations that must keep the bound, 0.5 is the median. Default: ${quantile}.`),
    goodRatio: number()
      .exactOptional()
      .describe(
        `The same, said as the share of good ${observed}: 0.99 is "99 % within the bound". Instead of \`quantile\`.`,
      ),
  })
    .exactOptional()
    .describe(what);

export const sloSchema = mapping({
  itl: objective("Inter-token latency: the gap between two outputs of one request.", 0.5, "tokens"),
  tpot: objective("Time per output token: one mean a request.", 0.5),
  ttft: objective("Time to first token, queueing included.", 0.9),
  e2e: objective("End-to-end latency of a request.", 0.9),
  queueTime: objective("Time a request waits before it is scheduled.", 0.9),
})
  .exactOptional()
  .describe("Latencies the model must keep: at least one. Required unless `scaling` names its targets itself.");

export const replicasSchema = mapping({
  min: number().exactOptional().describe("Replicas kept without load. Default: 1, with `scaling.http` 0."),
  max: number().describe("Most replicas."),
}).describe("Bounds of the autoscaler.");

const cooldown = () =>
  number("seconds")
    .exactOptional()
    .describe("Seconds without a request after which the last replica goes. Default: three starts, at least 60.");

const acceptColdStart = () =>
  flag()
    .exactOptional()
    .describe(
      "Whoever asks while there is no replica may wait for its start, though `slo` bounds `ttft`, `e2e` or `queueTime` below that. Default: false, and such an objective is refused.",
    );

const knativeFields = {
  metric: choice(KnativeMetric)
    .exactOptional()
    .describe("What is counted; `cpu` and `memory` are of Knative's class HPA. Default: `concurrency`."),
  target: number()
    .exactOptional()
    .describe(
      "What a replica is asked to carry of it. Default for `concurrency`: what `capacity` carries within `slo`; of a transformer, Knative's 100.",
    ),
  targetUtilizationPercent: number()
    .exactOptional()
    .describe("Share of the target above which replicas are added. Default: 100 without `target`, else Knative's 70."),
  containerConcurrency: number()
    .exactOptional()
    .describe(
      "Most requests in a replica at once, at least `target`. Default: without `target` what a replica carries within `slo`, else no limit.",
    ),
  initialScale: number().exactOptional().describe("Replicas a new revision starts with. Default: Knative's, 1."),
  activationScale: number()
    .exactOptional()
    .describe("Replicas that the first request after zero starts, at least 2. Default: 1."),
  windowSeconds: number("seconds")
    .exactOptional()
    .describe("Over which the metric is averaged, 6 to 3600. Default: Knative's, 60."),
  panicWindowPercent: number()
    .exactOptional()
    .describe("Panic window in percent of the window. Default: Knative's, 10."),
  panicThresholdPercent: number()
    .exactOptional()
    .describe("Load in percent of the target at which panic begins. Default: Knative's, 200."),
  targetBurstCapacity: number()
    .exactOptional()
    .describe("Requests the activator holds for a burst; -1 always has it in the path. Default: Knative's."),
  scaleDownDelaySeconds: number("seconds")
    .exactOptional()
    .describe(
      "For which the load must be lower before replicas go, at most 3600. Default: without `target` start and longest generation less the window, else Knative's, 0.",
    ),
  podRetentionSeconds: number("seconds")
    .exactOptional()
    .describe(
      "Least time the last replica stays after the decision to go to zero. Default: without `target` what makes three starts from the last request on, else Knative's, 0.",
    ),
};

/** Knative's figures, of a model or of its transformer. */
export const knativeSchema = mapping(knativeFields);

export const scalingSchema = mapping({
  scaledObject: mapping({
    wokenElsewhere: flag()
      .exactOptional()
      .describe("With `replicas.min` 0: something else starts the first replica. Default: false."),
    cooldownSeconds: cooldown(),
    acceptColdStart: acceptColdStart(),
  })
    .exactOptional()
    .describe("A ScaledObject compiled from `slo` and `capacity`: the default."),
  http: mapping({
    hosts: list(text("a host name"))
      .exactOptional()
      .describe("Host names clients ask for, beside those inside the cluster."),
    cooldownSeconds: cooldown(),
    acceptColdStart: acceptColdStart(),
    kind: choice(HttpRouteKind)
      .exactOptional()
      .describe("Resource of the HTTP add-on: `InterceptorRoute` (default), or `HTTPScaledObject` before 0.14."),
  })
    .exactOptional()
    .describe("No replica while nobody asks: KEDA's HTTP add-on holds requests; the SLO decides above one replica."),
  knative: mapping({ ...knativeFields, acceptColdStart: acceptColdStart() })
    .exactOptional()
    .describe("KServe's Knative mode: Knative counts the requests in front of the pods. Needs the backend `kserve`."),
  kserveKeda: mapping({
    triggers: list(
      mapping({
        query: text("a PromQL query").describe("PromQL with one result, a sum over all replicas."),
        threshold: number().describe("What a replica is asked to carry of it."),
      }),
    )
      .exactOptional()
      .describe("Default: requests in flight against what `capacity` carries within `slo`."),
  })
    .exactOptional()
    .describe(
      "KServe makes the ScaledObject (class `keda`): without latency guard and fallback. Needs the backend `kserve`.",
    ),
  hpa: mapping({
    metric: choice(HpaMetric).describe("What is measured."),
    targetPercent: number().describe("Use in percent of what the container requests, 1 to 100."),
  })
    .exactOptional()
    .describe("A HorizontalPodAutoscaler on CPU or memory, for serving on CPUs."),
})
  .exactOptional()
  .describe("How replicas follow the load: at most one block; docs/strategies.md compares them.");

export const capacitySchema = mapping({
  profile: text("the id of a capacity profile")
    .exactOptional()
    .describe(
      `Id of a shipped capacity profile, see docs/capacity-profiles.md: ${capacityProfileIds.map((id) => `\`${id}\``).join(", ")}.`,
    ),
  promptTokens: number().exactOptional().describe("Mean prompt length of the load; required with a profile."),
  outputTokens: number().exactOptional().describe("Mean output length of the load; required with a profile."),
  concurrencyPerReplica: number()
    .exactOptional()
    .describe("In-flight requests a replica carries within the SLO, as measured: used instead of a profile."),
  headroom: choice(Headroom)
    .exactOptional()
    .describe("How much of its capacity a replica is loaded with: `loose` (80 %, default) or `contractual` (50 %)."),
  gpusPerReplica: number().exactOptional().describe("GPUs one replica uses. Default: the model's `gpus`."),
  gpuBudget: number().exactOptional().describe("GPUs this model may use at most."),
})
  .exactOptional()
  .describe("What one replica can do. Required with `slo`.");

export const loadSchema = mapping({
  requestsPerSecond: number("requests a second").describe("Requests a second at the peak, of all replicas together."),
  secondsPerRequest: number("seconds")
    .exactOptional()
    .describe(
      "Mean time from the arrival of a request to its last token. Default: by the profile; required with `concurrencyPerReplica`.",
    ),
  burst: mapping({
    requestsPerSecond: number("requests a second").describe("Requests a second it rises to."),
    withinSeconds: number("seconds").describe("Time from no load to that; 0 is at once."),
  })
    .exactOptional()
    .describe("A rise faster than replicas start: `replicas.min` must carry it until more do. Default: none."),
})
  .exactOptional()
  .describe(
    "The load that must be carried: bounds of the replicas that cannot are refused, with those that could. Nothing is derived from it. Default: not checked.",
  );

export const saturationAlertSchema = mapping({
  forSeconds: number("seconds").exactOptional().describe("How long it must last. Default: 300."),
  severity: text("a severity").exactOptional().describe("Label `severity` of the alert. Default: `warning`."),
  labels: textMap().exactOptional().describe("Labels of the rule, for a Prometheus that selects rules by label."),
})
  .exactOptional()
  .describe(
    "A PrometheusRule that fires while the load asks for more than `replicas.max`. Default: none. With `scaledObject` and `http`.",
  );

export const trendSchema = mapping({
  function: choice(TrendFunction)
    .exactOptional()
    .describe(
      "PromQL's function that reads it off: along a line through the requests in flight, or by its slope from what is there, which follows a jump sooner, and a high reading too. Default: `predict_linear`.",
    ),
  horizonSeconds: number("seconds")
    .exactOptional()
    .describe("How far ahead, at most 3600. Default: the start of a replica."),
})
  .exactOptional()
  .describe(
    "Ask also for what the load will need when a replica that is asked for now serves; it only adds. Default: no. With `scaledObject`, `http` and `kserveKeda`.",
  );

export const extraTriggerSchema = mapping({
  type: text("a KEDA trigger type").describe("Type of the KEDA scaler, e.g. `cron`."),
  name: text("a trigger's name").exactOptional().describe("Name, unique among the triggers."),
  metadata: sensitive(textMap()).describe("Passed to KEDA unchanged."),
  metricType: choice(MetricType).exactOptional().describe("Default: KEDA's, `AverageValue`."),
  authenticationName: text("the name of a TriggerAuthentication")
    .exactOptional()
    .describe("TriggerAuthentication of the namespace that holds its credentials."),
});
