import type { CompiledPolicy, Explanation } from "../policy/policy-input";
import { deriveBehavior, rateWindowSeconds } from "../policy/timing";
import { hpaMeaning } from "./hpa-arithmetic";
import { knativeMeaning } from "./knative-arithmetic";
import { knativeOf } from "./knative-scaling";
import { timingOf } from "./scaled-object";
import { replicaRange } from "./scaling";
import { KnativeMetric } from "./scaling-options";
import type { ServedModelOptions } from "./served-model-options";
import { withStartup } from "./served-weights";
import { answerSeconds } from "./timeouts";
import type { PredictorScaling } from "./vllm-server-options";

const minimum = "As given, 1 otherwise.";
const asGiven = "As given.";

/** Why a field is what it is, or a sentence about all of them. */
export type Reason = Explanation | string;

/** A reason as a line for a person. */
export function reasonLine(reason: Reason): string {
  return typeof reason === "string" ? reason : `${reason.path} = ${reason.value}: ${reason.because}`;
}

/** Why what scales a model is what it is, whatever that is. */
export function scalingReasons<S>(
  options: ServedModelOptions<S>,
  predictor: PredictorScaling<S> | undefined,
  policy: CompiledPolicy | undefined,
): Reason[] {
  if (predictor !== undefined) {
    return predictorReasons(options, predictor, policy);
  }
  return options.scaling?.hpa === undefined ? (policy?.explanation ?? []) : hpaReasons(options);
}

/** Why KServe is told what it is told. */
export function predictorReasons<S>(
  options: ServedModelOptions<S>,
  predictor: PredictorScaling<S>,
  policy: CompiledPolicy | undefined,
): Reason[] {
  return [
    { path: "spec.predictor.minReplicas", value: `${predictor.minReplicas}`, because: minimum },
    { path: "spec.predictor.maxReplicas", value: `${predictor.maxReplicas}`, because: asGiven },
    ...knativeReasons(options, predictor, policy),
    ...kedaReasons(options, predictor, policy),
    ...hpaTargetReasons("spec.predictor.scaleTarget", options),
    ...(options.scaling?.hpa === undefined
      ? []
      : ["KServe's HorizontalPodAutoscaler has Kubernetes' own windows: up at once, down after 300 s."]),
  ];
}

function knativeReasons<S>(
  options: ServedModelOptions<S>,
  predictor: PredictorScaling<S>,
  policy: CompiledPolicy | undefined,
): Reason[] {
  if (options.scaling?.knative === undefined) {
    return [];
  }
  const { knative, explanation } = knativeOf(options.scaling.knative, options, policy);
  const longest = `${answerSeconds(options)} s for a generation and its time in the queue, and the start of a replica where there may be none.`;
  const isConcurrency = (knative.metric ?? KnativeMetric.Concurrency) === KnativeMetric.Concurrency;
  return [
    ...explanation,
    { path: "spec.predictor.timeout", value: `${predictor.timeoutSeconds}`, because: longest },
    ...(knative.target === undefined ? [] : knativeMeaning(knative, knative.target, predictor.minReplicas === 0)),
    ...(isConcurrency
      ? ["Knative counts requests in front of the pods, running and waiting: no latency is looked at."]
      : []),
    ...resourceCaution(knative.metric, options),
  ];
}

function kedaReasons<S>(
  options: ServedModelOptions<S>,
  predictor: PredictorScaling<S>,
  policy: CompiledPolicy | undefined,
): Reason[] {
  const { kserveKeda } = options.scaling ?? {};
  if (kserveKeda === undefined) {
    return [];
  }
  const given = kserveKeda.triggers === undefined ? undefined : asGiven;
  return [
    ...(predictor.triggers ?? []).flatMap(({ query, threshold }, i) => {
      const external = `spec.predictor.autoScaling.metrics[${i}].external`;
      return [
        {
          path: `${external}.target.value`,
          value: `"${threshold}"`,
          because: `${given ?? reasonOf(policy, query, "threshold")} KServe makes it an average over the replicas whatever the type says.`,
        },
        { path: `${external}.metric.query`, value: query, because: given ?? reasonOf(policy, query, "query") },
      ];
    }),
    ...behaviorReasons("spec.predictor.autoScaling.behavior", options).filter(({ path }) => path.includes("Window")),
    "KServe's ScaledObject has no fallback, and reads missing metrics as no load: it scales in while monitoring is broken.",
  ];
}

/** Why the compiled trigger of this query has its query or threshold. */
function reasonOf(policy: CompiledPolicy | undefined, query: string, field: "query" | "threshold"): string {
  const index = policy?.scaledObject.spec.triggers.findIndex(({ metadata }) => metadata.query === query);
  const path = `spec.triggers[${index}].metadata.${field}`;
  return policy?.explanation.find((line) => line.path === path)?.because ?? "";
}

/** Why a HorizontalPodAutoscaler of ours is what it is. */
export function hpaReasons<S>(options: ServedModelOptions<S>): Reason[] {
  const { min = 1, max } = replicaRange(options);
  return [
    { path: "spec.minReplicas", value: `${min}`, because: minimum },
    { path: "spec.maxReplicas", value: `${max}`, because: asGiven },
    ...hpaTargetReasons("spec.metrics[0].resource.target.averageUtilization", options),
    ...behaviorReasons("spec.behavior", options),
  ];
}

function hpaTargetReasons<S>(path: string, options: ServedModelOptions<S>): Reason[] {
  const { hpa } = options.scaling ?? {};
  if (hpa === undefined) {
    return [];
  }
  const { metric, targetPercent } = hpa;
  const because = `As given, in percent of the ${metric} that the container requests; it follows from no objective. ${hpaMeaning(targetPercent, options.replicas.max)}`;
  return [{ path, value: `${targetPercent}`, because }, ...resourceCaution(metric, options)];
}

function resourceCaution<S>(metric: string | undefined, { slo }: ServedModelOptions<S>): string[] {
  if (metric !== KnativeMetric.Cpu && metric !== KnativeMetric.Memory) {
    return [];
  }
  const beside =
    slo === undefined
      ? ""
      : ` slo is not looked at: no profile says how much ${metric} a replica uses at a bound, and on a GPU that hardly changes with the load.`;
  return [
    `It looks at ${metric} alone, which follows neither the requests nor their latency: no objective is kept by it.${beside}`,
  ];
}

/** Why the windows and steps are what they are. `path` is where they stand. */
function behaviorReasons<S>(path: string, options: ServedModelOptions<S>): Explanation[] {
  const timing = timingOf(withStartup(options));
  const { explanation } = deriveBehavior(timing, rateWindowSeconds(timing, "tokens"));
  return explanation.map((line) => ({
    ...line,
    path: `${path}${line.path.slice(line.path.indexOf(".behavior.") + ".behavior".length)}`,
  }));
}

/** What is said of a model that scales by what no objective follows from. */
export function resourceWarnings<S>({ scaling = {}, slo, gpus }: ServedModelOptions<S>): string[] {
  const metric = scaling.hpa?.metric ?? scaling.knative?.metric;
  if (metric !== KnativeMetric.Cpu && metric !== KnativeMetric.Memory) {
    return [];
  }
  const path = scaling.hpa === undefined ? "scaling.knative.metric" : "scaling.hpa.metric";
  return [
    ...(slo === undefined ? [] : [`${path}: is "${metric}", by which no latency can be kept: slo is not looked at.`]),
    ...(gpus === 0
      ? []
      : [
          `${path}: is "${metric}", which on GPUs is much the same at any load, so the replicas do not follow it. Take scaling.scaledObject with slo and capacity, or requests (scaling.knative).`,
        ]),
  ];
}
