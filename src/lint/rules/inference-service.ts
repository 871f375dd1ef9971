import { MetricType } from "../../policy/scaled-object";
import { figure } from "../../policy/text";
import { formatVersion, isAtLeast, type Version } from "../../policy/version";
import { type Report, Severity } from "../finding";
import { usesGpu } from "../model-server";
import type { LintContext, Rule } from "../rule";
import { averageValueReplicas, scalingMetricsOf, thresholdOf } from "../signals/scaling-metric";
import type { Field } from "../source/field";
import type { LintedObject } from "../source/linted-object";
import { selector } from "./examples";

const kinds = ["InferenceService"];
const kedaReconciler = "kserve/kserve pkg/controller/v1beta1/inferenceservice/reconcilers/keda/keda_reconciler.go";
const validation = "kserve/kserve pkg/apis/serving/v1beta1/inference_service_validation.go";
const classAnnotation = "serving.kserve.io/autoscalerClass";
const modeAnnotation = "serving.kserve.io/deploymentMode";

interface ServiceParts {
  name?: string;
  annotations?: string;
  predictor?: string;
  model?: string;
  strategy?: string;
}

const strategyLines = `deploymentStrategy:
  type: RollingUpdate
  rollingUpdate:
    maxSurge: 0
    maxUnavailable: 1`;

/** An InferenceService that no rule objects to, with parts replaced. */
function serviceExample({
  name = "llama",
  annotations,
  predictor = "",
  model = "",
  strategy = strategyLines,
}: ServiceParts = {}): string {
  const lines = (text: string, spaces: number) => (text === "" ? "" : `${text.replace(/^/gm, " ".repeat(spaces))}\n`);
  return `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: ${name}
  namespace: models
  annotations:
${lines(annotations ?? `${modeAnnotation}: Standard\n${classAnnotation}: external`, 4)}spec:
  predictor:
${lines(strategy, 4)}${lines(predictor, 4)}    model:
      modelFormat:
        name: vLLM
${lines(model, 6)}      runtime: llama
      resources:
        limits:
          nvidia.com/gpu: "1"
`;
}

const kedaAnnotations = `${modeAnnotation}: Standard\n${classAnnotation}: keda`;

function externalMetric(query: string, value: string, type = "Value"): string {
  return `minReplicas: 1
maxReplicas: 7
autoScaling:
  metrics:
    - type: External
      external:
        metric:
          backend: prometheus
          serverAddress: http://prometheus-operated.monitoring.svc:9090
          query: ${query}
        target:
          type: ${type}
          value: ${value}`;
}

const load = `sum(vllm:num_requests_running${selector}) + sum(vllm:num_requests_waiting${selector})`;

/** Classes and modes, the older spellings included. */
function modeOf(object: LintedObject): "Standard" | "Knative" | undefined {
  const mode = object.annotation(modeAnnotation).text;
  if (mode === "Standard" || mode === "RawDeployment") return "Standard";
  return mode === "Knative" || mode === "Serverless" ? "Knative" : undefined;
}

const nativeIntensive: Rule = {
  id: "kserve-native-intensive",
  title: "KServe divides this metric by the replicas, whatever is written",
  severity: Severity.Error,
  kinds,
  happens:
    "As with `intensive-average-value`: it asks for `ceil(value / target)` replicas at any size, and `target.type: Value` changes nothing.",
  why: "KServe makes the ScaledObject and never writes `metricType`, so KEDA's default `AverageValue` holds.",
  sources: [kedaReconciler, "https://github.com/kserve/kserve/issues/6169"],
  fix: "Scale by a sum, such as running and waiting requests; or use the class `external` and a ScaledObject of your own.",
  bad: serviceExample({
    annotations: kedaAnnotations,
    predictor: externalMetric(`avg(vllm:kv_cache_usage_perc${selector})`, '"0.75"'),
  }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(load, '"5"') }),
  *check(object: LintedObject): Generator<Report> {
    const most = object.get("spec", "predictor", "maxReplicas").number;
    for (const metric of scalingMetricsOf(object)) {
      if (metric.signal?.extent !== "intensive") continue;
      const threshold = thresholdOf(metric);
      const { max } = metric.signal.range;
      const reach =
        threshold === undefined || threshold <= 0
          ? ""
          : Number.isFinite(max)
            ? ` It is at most ${figure(max, 3)}, so never more than ${averageValueReplicas(max, threshold)} are asked for.`
            : most === undefined
              ? ""
              : ` It asks for ${most} only above ${figure(threshold * (most - 1), 3)}, ${most - 1} times the target.`;
      yield {
        at: metric.query,
        message: `KServe leaves the metric type to KEDA's default, ${MetricType.AverageValue}, which divides ${metric.title} (${metric.signal.because}) by the replicas.${reach}`,
        fix: "Scale by a sum over replicas, or use the class external with a ScaledObject of your own.",
      };
    }
  },
};

const behaviorDropped: Rule = {
  id: "kserve-native-behavior",
  title: "KServe passes only the window of the behaviour on",
  severity: Severity.Warning,
  kinds,
  happens: "Policies, `selectPolicy` and `tolerance` are accepted and not in force: replicas go in one step.",
  why: "KServe copies `stabilizationWindowSeconds` of each direction into the ScaledObject, and nothing else. It writes no fallback either.",
  sources: [kedaReconciler],
  fix: "Use the class `external` and a ScaledObject of your own.",
  bad: serviceExample({
    annotations: kedaAnnotations,
    predictor: `${externalMetric(load, '"5"')}\n  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 300\n      policies:\n        - type: Percent\n          value: 25\n          periodSeconds: 60`,
  }),
  good: serviceExample({
    annotations: kedaAnnotations,
    predictor: `${externalMetric(load, '"5"')}\n  behavior:\n    scaleDown:\n      stabilizationWindowSeconds: 300`,
  }),
  *check(object: LintedObject): Generator<Report> {
    const scaling = object.get("spec", "predictor", "autoScaling");
    if (scalingMetricsOf(object).length === 0) return;
    for (const direction of ["scaleUp", "scaleDown"]) {
      for (const key of ["policies", "selectPolicy", "tolerance"]) {
        const field = scaling.get("behavior", direction, key);
        if (field.exists)
          yield {
            at: field,
            message: `KServe drops behavior.${direction}.${key}: only stabilizationWindowSeconds reaches KEDA.`,
            fix: "Use the class external with a ScaledObject of your own.",
          };
      }
    }
  },
};

const targetQuantity: Rule = {
  id: "kserve-native-target",
  title: "KEDA cannot read the target",
  severity: Severity.Error,
  kinds,
  happens: "KEDA makes no HPA, or the API server refuses the object.",
  why: "KServe passes the target on as it is written, and KEDA reads a plain number. The definition wants a string or a whole number.",
  sources: [kedaReconciler, validation],
  fix: 'Write a number in quotes: `value: "5"`.',
  bad: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(load, "5.5") }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(load, '"5.5"') }),
  *check(object: LintedObject): Generator<Report> {
    for (const { threshold, title } of scalingMetricsOf(object)) {
      const { number } = threshold;
      if (number === undefined || Number.isInteger(number)) continue;
      yield {
        at: threshold,
        message: `The target ${number} of ${title} is neither a string nor a whole number: the API server refuses it.`,
        fix: `Write "${number}".`,
        edits: [{ kind: "set", path: threshold.path, value: `${number}` }],
      };
    }
  },
};

const misspelledScaling: Rule = {
  id: "kserve-autoscaling-misspelled",
  title: "KServe knows no such field, so nothing is scaled",
  severity: Severity.Error,
  kinds,
  happens:
    "kubectl refuses the object. What does not check fields strictly drops the block: KServe then makes a ScaledObject without triggers, and KEDA refuses that.",
  why: "The field is called `autoScaling`. Documents and charts have it as `autoscaling`.",
  sources: ["kserve/kserve pkg/apis/serving/v1beta1/component.go, AutoScalingSpec", kedaReconciler],
  fix: "Write `autoScaling`.",
  bad: serviceExample({
    annotations: kedaAnnotations,
    predictor: externalMetric(load, '"5"').replace("autoScaling:", "autoscaling:"),
  }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(load, '"5"') }),
  *check(object: LintedObject): Generator<Report> {
    for (const component of ["predictor", "transformer"]) {
      for (const [key, field] of object.get("spec", component).entries()) {
        if (key === "autoScaling" || key.toLowerCase() !== "autoscaling") continue;
        yield {
          at: field,
          message: `spec.${component}.${key} is no field of an InferenceService: what it says of scaling is dropped, or the whole object refused.`,
          fix: "Write autoScaling.",
        };
      }
    }
  },
};

const scaleMetrics = ["cpu", "memory", "concurrency", "rps"];

const unknownScaleMetric: Rule = {
  id: "kserve-scale-metric",
  title: "KServe does not know this scale metric",
  severity: Severity.Error,
  kinds,
  happens: "The API server refuses the object.",
  why: "`scaleMetric` is `cpu`, `memory`, `concurrency` or `rps`.",
  sources: ["kserve/kserve pkg/apis/serving/v1beta1/component.go, ScaleMetric"],
  fix: "Requests per second are `rps`.",
  bad: serviceExample({
    annotations: `${modeAnnotation}: Knative`,
    strategy: "",
    predictor: "containerConcurrency: 10\nscaleMetric: qps\nscaleTarget: 10",
  }),
  good: serviceExample({
    annotations: `${modeAnnotation}: Knative`,
    strategy: "",
    predictor: "containerConcurrency: 10\nscaleMetric: rps\nscaleTarget: 10",
  }),
  *check(object: LintedObject): Generator<Report> {
    for (const component of ["predictor", "transformer"]) {
      const field = object.get("spec", component, "scaleMetric");
      if (field.text === undefined || scaleMetrics.includes(field.text)) continue;
      const meant = field.text === "qps" ? "rps" : undefined;
      yield {
        at: field,
        message: `${field.text} is not one of ${scaleMetrics.join(", ")}: the API server refuses it.`,
        fix: meant ? `Write ${meant}.` : "Write one of them.",
        ...(meant ? { edits: [{ kind: "set", path: field.path, value: meant }] } : {}),
      };
    }
  },
};

const kedaInKnative: Rule = {
  id: "kserve-class-for-mode",
  title: "This class of autoscaler belongs to the other mode",
  severity: Severity.Error,
  kinds,
  happens: "KServe refuses the object, or the annotation does nothing and Knative scales by concurrency.",
  why: "`keda` and `external` are for Standard mode, where KServe makes a Deployment. In Knative mode Knative owns the replicas.",
  sources: [validation],
  fix: "Choose the mode that scales as you want: Standard with KEDA, Knative with concurrency.",
  bad: serviceExample({
    annotations: `${modeAnnotation}: Knative\n${classAnnotation}: keda`,
    strategy: "",
    predictor: "containerConcurrency: 10\nscaleTarget: 10",
  }),
  good: serviceExample(),
  *check(object: LintedObject): Generator<Report> {
    const field = object.annotation(classAnnotation);
    const isKnativeClass = field.text?.endsWith("autoscaling.knative.dev") === true;
    if (field.text === undefined || isKnativeClass || modeOf(object) !== "Knative") return;
    yield {
      at: field,
      message: `${field.text} is a class of Standard mode, and ${object.title} is in Knative mode.`,
      fix: `Write ${modeAnnotation}: Standard, or remove the annotation.`,
    };
  },
};

const hpaExternal: Rule = {
  id: "kserve-hpa-metrics",
  title: "KServe's HPA knows CPU and memory only",
  severity: Severity.Error,
  kinds,
  happens: "KServe refuses the object.",
  why: "For the class `hpa`, the default of Standard mode, the only valid type of metric is `Resource`.",
  sources: [validation],
  fix: `Annotate it with \`${classAnnotation}: keda\`, or \`external\` with a ScaledObject of your own.`,
  bad: serviceExample({ annotations: `${modeAnnotation}: Standard`, predictor: externalMetric(load, '"5"') }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(load, '"5"') }),
  *check(object: LintedObject): Generator<Report> {
    const [first] = scalingMetricsOf(object);
    const autoscalerClass = object.annotation(classAnnotation);
    if (first === undefined || (autoscalerClass.text ?? "hpa") !== "hpa") return;
    yield {
      at: first.field,
      message: `${object.title} has the class hpa${autoscalerClass.exists ? "" : ", the default"}, which takes Resource metrics only.`,
      fix: `Write ${classAnnotation}: keda.`,
    };
  },
};

const ignoredAnnotations: Rule = {
  id: "prometheus-annotations-ignored",
  title: "The Prometheus Operator does not read these scrape annotations",
  severity: Severity.Warning,
  kinds,
  happens:
    "Where the Prometheus Operator finds the targets, the model is not scraped because of them, and every query about it is empty.",
  why: "KServe copies them to the pods, where a Prometheus that is configured for such annotations of pods would read them. The Prometheus Operator, and with it OpenShift's user-workload monitoring, finds targets by PodMonitor and ServiceMonitor only. OpenShift AI makes one from the annotations of the ServingRuntime, not from these.",
  sources: [
    "openshift/cluster-monitoring-operator Documentation",
    "opendatahub-io/odh-model-controller internal/controller/serving/reconcilers/kserve_metrics_servicemonitor_reconciler.go",
  ],
  fix: "Make a PodMonitor, or annotate the ServingRuntime on OpenShift AI.",
  bad: serviceExample({
    annotations: `${modeAnnotation}: Standard\n${classAnnotation}: external\nprometheus.io/scrape: "true"`,
  }),
  good: serviceExample(),
  *check(object: LintedObject): Generator<Report> {
    const found = object
      .get("metadata", "annotations")
      .entries()
      .find(([key]) => /^prometheus\.io\/(scrape|port|path)$/.test(key));
    if (found)
      yield {
        at: found[1],
        message: `${found[0]} is copied to the pods, and the Prometheus Operator does not read it there: it scrapes what a monitor selects.`,
        fix: "Make a PodMonitor that selects serving.kserve.io/inferenceservice.",
      };
  },
};

const rollout: Rule = {
  id: "rollout-without-free-gpu",
  modelsOnly: true,
  title: "An update waits for a GPU that nobody releases",
  severity: Severity.Warning,
  kinds: ["InferenceService", "Deployment"],
  happens:
    "When all GPUs are in use, the new pod stays pending and the old one stays, until the Deployment gives up after its deadline.",
  why: "The default, 25 % more and 25 % fewer, rounds to one more and none fewer with up to three replicas.",
  sources: [
    "kubernetes/kubernetes pkg/apis/apps/v1/defaults.go",
    "kserve/kserve pkg/controller/v1beta1/inferenceservice/reconcilers/deployment/deployment_reconciler.go",
  ],
  fix: "Write `maxSurge: 0` and `maxUnavailable: 1`, or type `Recreate`.",
  bad: serviceExample({ strategy: "" }),
  good: serviceExample(),
  *check(object: LintedObject): Generator<Report> {
    const isService = object.kind === "InferenceService";
    if (isService && modeOf(object) !== "Standard") return;
    const around = isService ? object.get("spec", "predictor") : object.get("spec");
    const strategy = around.get(isService ? "deploymentStrategy" : "strategy");
    if (!takesGpu(isService ? around : around.get("template", "spec"))) return;
    const surge = strategy.get("rollingUpdate", "maxSurge");
    if (strategy.get("type").text === "Recreate" || surge.value === 0 || surge.text === "0%" || surge.text === "0")
      return;
    yield {
      at: surge.exists ? surge : strategy,
      message: `An update of ${object.title} starts a pod more before it stops one: without a free GPU it never ends.`,
      fix: "Write maxSurge: 0 and maxUnavailable: 1.",
    };
  },
};

function takesGpu(pod: Field): boolean {
  return [pod.get("model"), ...pod.get("containers").items()].some(usesGpu);
}

/** `<name>-predictor` is KServe's name, and `keda-hpa-` before it KEDA's. */
const longestName = 44;

const nameTooLong: Rule = {
  id: "inference-service-name-too-long",
  title: "The name leaves no room for what is made of it",
  severity: Severity.Error,
  kinds,
  happens: "KServe makes `<name>-predictor`, and KEDA's HPA for it has more than 63 characters: nothing is scaled.",
  why: "Names are labels too, and labels have at most 63 characters.",
  sources: ["kedacore/keda controllers/keda/hpa.go", kedaReconciler],
  fix: "Use at most 44 characters with the class `keda`.",
  bad: serviceExample({
    name: "llama-3-1-8b-instruct-fp8-dynamic-for-support",
    annotations: kedaAnnotations,
    predictor: externalMetric(load, '"5"'),
  }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(load, '"5"') }),
  *check(object: LintedObject): Generator<Report> {
    if (object.name.length <= longestName || object.annotation(classAnnotation).text !== "keda") return;
    yield {
      at: object.get("metadata", "name"),
      message: `keda-hpa-${object.name}-predictor has ${object.name.length + 19} characters, and 63 are allowed.`,
      fix: `Use at most ${longestName} characters.`,
    };
  },
};

const newSpelling: Version = [0, 16, 0];
const classKeda: Version = [0, 15, 0];

const versionSpelling: Rule = {
  id: "kserve-release",
  title: "This release of KServe does not know the word",
  severity: Severity.Error,
  kinds,
  happens: "KServe refuses the object, or falls back to its default mode.",
  why: "`Standard` and `Knative` are new in 0.16; before, and still accepted, they are `RawDeployment` and `Serverless`. The class `keda` is new in 0.15.",
  sources: ["kserve/kserve pkg/constants/constants.go"],
  fix: "Write the older word, or name the release that serves with `--kserve`.",
  bad: serviceExample({ annotations: `${modeAnnotation}: Standard\n${classAnnotation}: external` }),
  good: serviceExample({ annotations: `${modeAnnotation}: RawDeployment\n${classAnnotation}: external` }),
  examplesFor: { kserve: [0, 15, 2] },
  *check(object: LintedObject, { versions: { kserve } }: LintContext): Generator<Report> {
    const mode = object.annotation(modeAnnotation);
    const older = { Standard: "RawDeployment", Knative: "Serverless" }[mode.text ?? ""];
    if (older !== undefined && !isAtLeast(kserve, newSpelling)) {
      yield {
        at: mode,
        message: `KServe ${formatVersion(kserve)} does not know the mode ${mode.text}.`,
        fix: `Write ${older}.`,
        edits: [{ kind: "set", path: mode.path, value: older }],
      };
    }
    const autoscalerClass = object.annotation(classAnnotation);
    if (autoscalerClass.text === "keda" && !isAtLeast(kserve, classKeda)) {
      yield {
        at: autoscalerClass,
        message: `KServe ${formatVersion(kserve)} does not know the class keda.`,
        fix: "Use the class external with a ScaledObject of your own.",
      };
    }
  },
};

const copiedMetadata: Rule = {
  id: "copied-metadata",
  title: "Something was copied from another cluster",
  severity: Severity.Info,
  kinds,
  happens: "The dashboard shows a hardware profile that is not there, or a name of another model.",
  why: "The annotation is left by a migration of OpenShift AI, and `creationTimestamp` by a read from a cluster.",
  sources: ["opendatahub-io/opendatahub-operator pkg/upgrade"],
  fix: "Remove it.",
  bad: serviceExample({
    annotations: `${modeAnnotation}: Standard\n${classAnnotation}: external\nopendatahub.io/legacy-hardware-profile-name: migrated-gpu-mglzi-serving`,
  }),
  good: serviceExample(),
  *check(object: LintedObject): Generator<Report> {
    for (const field of [
      object.annotation("opendatahub.io/legacy-hardware-profile-name"),
      object.get("metadata", "creationTimestamp"),
    ]) {
      if (field.exists)
        yield {
          at: field,
          message: `${field.path.at(-1)} belongs to the cluster that the object was copied from.`,
          fix: "Remove it.",
          edits: [{ kind: "remove", path: field.path }],
        };
    }
  },
};

export const inferenceServiceRules: readonly Rule[] = [
  nativeIntensive,
  behaviorDropped,
  targetQuantity,
  misspelledScaling,
  unknownScaleMetric,
  kedaInKnative,
  hpaExternal,
  ignoredAnnotations,
  rollout,
  nameTooLong,
  versionSpelling,
  copiedMetadata,
];
