import type { CompiledPolicy, Explanation } from "../policy/policy-input";
import { deriveBehavior, rateWindowSeconds } from "../policy/timing";
import { knativeMeaning } from "./knative-arithmetic";
import { knativeOf } from "./knative-scaling";
import { timingOf } from "./scaled-object";
import { replicaRange } from "./scaling";
import { type HpaScaling, KnativeMetric } from "./scaling-options";
import type { ServedModelOptions } from "./served-model-options";
import { withStartup } from "./served-weights";
import { answerSeconds } from "./timeouts";
import type { PredictorScaling } from "./vllm-server-options";

const minimum = "As given, 1 otherwise.";
const asGiven = "As given.";

/** A line of an explanation for a person. */
export function explanationLine({ path, value, because }: Explanation): string {
  return `${path} = ${value}: ${because}`;
}

/** Why KServe is told what it is told, a line each. */
export function predictorExplanation<S>(
  options: ServedModelOptions<S>,
  predictor: PredictorScaling<S>,
  policy: CompiledPolicy | undefined,
): string[] {
  return [
    explanationLine({ path: "spec.predictor.minReplicas", value: `${predictor.minReplicas}`, because: minimum }),
    explanationLine({ path: "spec.predictor.maxReplicas", value: `${predictor.maxReplicas}`, because: asGiven }),
    ...knativeLines(options, predictor, policy),
    ...kedaLines(options, predictor, policy),
    ...hpaLines("spec.predictor.scaleTarget", options.scaling?.hpa),
    ...(options.scaling?.hpa === undefined
      ? []
      : ["KServe's HorizontalPodAutoscaler has Kubernetes' own windows: up at once, down after 300 s."]),
  ];
}

function knativeLines<S>(
  options: ServedModelOptions<S>,
  predictor: PredictorScaling<S>,
  policy: CompiledPolicy | undefined,
): string[] {
  if (options.scaling?.knative === undefined) {
    return [];
  }
  const { knative, explanation } = knativeOf(options.scaling.knative, options, policy);
  const longest = `${answerSeconds(options)} s for a generation and its time in the queue, and the start of a replica where there may be none.`;
  const isConcurrency = (knative.metric ?? KnativeMetric.Concurrency) === KnativeMetric.Concurrency;
  return [
    ...explanation.map(explanationLine),
    explanationLine({ path: "spec.predictor.timeout", value: `${predictor.timeoutSeconds}`, because: longest }),
    ...(knative.target === undefined ? [] : knativeMeaning(knative, knative.target, predictor.minReplicas === 0)),
    ...(isConcurrency
      ? ["Knative counts requests in front of the pods, running and waiting: no latency is looked at."]
      : []),
    ...resourceCaution(knative.metric),
  ];
}

function kedaLines<S>(
  options: ServedModelOptions<S>,
  predictor: PredictorScaling<S>,
  policy: CompiledPolicy | undefined,
): string[] {
  const { kserveKeda } = options.scaling ?? {};
  if (kserveKeda === undefined) {
    return [];
  }
  const given = kserveKeda.triggers === undefined ? undefined : asGiven;
  return [
    ...(predictor.triggers ?? []).flatMap(({ query, threshold }, i) => {
      const external = `spec.predictor.autoScaling.metrics[${i}].external`;
      return [
        `${external}.target.value = "${threshold}": ${given ?? reasonOf(policy, query, "threshold")} KServe makes it an average over the replicas whatever the type says.`,
        `${external}.metric.query = ${query}: ${given ?? reasonOf(policy, query, "query")}`,
      ];
    }),
    ...behaviorLines("spec.predictor.autoScaling.behavior", options).filter((line) => line.includes("Window")),
    "KServe's ScaledObject has no fallback, and reads missing metrics as no load: it scales in while monitoring is broken.",
  ];
}

/** Why the compiled trigger of this query has its query or threshold. */
function reasonOf(policy: CompiledPolicy | undefined, query: string, field: "query" | "threshold"): string {
  const index = policy?.scaledObject.spec.triggers.findIndex(({ metadata }) => metadata.query === query);
  const path = `spec.triggers[${index}].metadata.${field}`;
  return policy?.explanation.find((line) => line.path === path)?.because ?? "";
}

/** Why a HorizontalPodAutoscaler of ours is what it is, a line each. */
export function hpaExplanation<S>(options: ServedModelOptions<S>): string[] {
  const { min = 1, max } = replicaRange(options);
  return [
    explanationLine({ path: "spec.minReplicas", value: `${min}`, because: minimum }),
    explanationLine({ path: "spec.maxReplicas", value: `${max}`, because: asGiven }),
    ...hpaLines("spec.metrics[0].resource.target.averageUtilization", options.scaling?.hpa),
    ...behaviorLines("spec.behavior", options),
  ];
}

function hpaLines(path: string, hpa: HpaScaling | undefined): string[] {
  if (hpa === undefined) {
    return [];
  }
  const { metric, targetPercent } = hpa;
  const because = `As given, in percent of the ${metric} that the container requests. The HPA asks for ceil(ready replicas x use / ${targetPercent}), unless the use is within 10 % of it.`;
  return [explanationLine({ path, value: `${targetPercent}`, because }), ...resourceCaution(metric)];
}

function resourceCaution(metric: string | undefined): string[] {
  return metric === KnativeMetric.Cpu || metric === KnativeMetric.Memory
    ? [`It looks at ${metric} alone, which follows neither the requests nor their latency: no objective is kept by it.`]
    : [];
}

/** Why the windows and steps are what they are. `path` is where they stand. */
function behaviorLines<S>(path: string, options: ServedModelOptions<S>): string[] {
  const timing = timingOf(withStartup(options));
  const { explanation } = deriveBehavior(timing, rateWindowSeconds(timing, "tokens"));
  return explanation.map((line) =>
    explanationLine({
      ...line,
      path: `${path}${line.path.slice(line.path.indexOf(".behavior.") + ".behavior".length)}`,
    }),
  );
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
