import { formatVersion, isAtLeast, type Version } from "../../policy/version";
import { type Report, Severity } from "../finding";
import { classAnnotation, modeAnnotation, modeOf } from "../kserve";
import { usesGpu } from "../model-server";
import type { LintContext, Rule } from "../rule";
import type { Field } from "../source/field";
import type { LintedObject } from "../source/linted-object";
import { inFlightQuery } from "./examples";
import { externalMetric, kedaAnnotations, serviceExample } from "./kserve-examples";
import { kedaReconciler, validation } from "./kserve-scaling";

const kinds = ["InferenceService"];

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
  why: "The default, 25 % more and 25 % fewer, rounds to one more and none fewer with up to three replicas. Where one may be missing, an old pod goes at once and leaves its GPU to the new one.",
  sources: [
    "kubernetes/kubernetes pkg/apis/apps/v1/defaults.go",
    "kubernetes/kubernetes pkg/controller/deployment/util/deployment_util.go, ResolveFenceposts",
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
    const unavailable = strategy.get("rollingUpdate", "maxUnavailable");
    const replicas = around.get(isService ? "minReplicas" : "replicas").number ?? 1;
    if (strategy.get("type").text === "Recreate" || podsOf(surge, replicas, Math.ceil) === 0) return;
    // An old pod goes while the new one waits, and leaves it the GPU.
    if (podsOf(unavailable, replicas, Math.floor) >= 1) return;
    yield {
      at: surge.exists ? surge : strategy,
      message: `An update of ${object.title} starts a pod more before it stops one: without a free GPU it never ends.`,
      fix: "Write maxSurge: 0 and maxUnavailable: 1.",
    };
  },
};

/** A number of pods that may also be a share of the replicas; 25 % where it is neither. */
function podsOf(field: Field, replicas: number, round: (pods: number) => number): number {
  if (field.number !== undefined) return field.number;
  const percent = Number(/^(\d+)%?$/.exec(field.text ?? "")?.[1] ?? 25);
  return round((replicas * percent) / 100);
}

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
    predictor: externalMetric(inFlightQuery, '"5"'),
  }),
  good: serviceExample({ annotations: kedaAnnotations, predictor: externalMetric(inFlightQuery, '"5"') }),
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
  kedaInKnative,
  ignoredAnnotations,
  rollout,
  nameTooLong,
  versionSpelling,
  copiedMetadata,
];
