import { type Report, Severity } from "../finding";
import { classAnnotation, type LlmWorkload, llmServiceOf, llmWorkloads, modeOf } from "../kserve";
import { areCopies, type ObjectSet } from "../object-set";
import type { LintContext, Rule } from "../rule";
import { scalers, scalersBeside, type Target, targetOf } from "../scale-target";
import type { LintedObject } from "../source/linted-object";
import { scaledObjectExample } from "./examples";

const twoScalers: Rule = {
  id: "two-scalers",
  title: "Two autoscalers write the same replicas",
  severity: Severity.Error,
  kinds: scalers,
  happens:
    "Neither scales any more, whatever the load: the HPAs' condition is `AmbiguousSelector`. Or KEDA's webhook refuses the ScaledObject, where the other one is there first.",
  why: "A ScaledObject becomes an HPA. Kubernetes computes nothing for pods that two HPAs select.",
  sources: [
    "kedacore/keda apis/keda/v1alpha1/scaledobject_webhook.go",
    "kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go, AmbiguousSelector",
  ],
  fix: "Put all triggers into one ScaledObject and delete the other. For requests to a model at zero use an InterceptorRoute with an `external-push` trigger.",
  bad: `${scaledObjectExample()}---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: llama
  namespace: models
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: llama-predictor
  minReplicas: 1
  maxReplicas: 7
`,
  good: scaledObjectExample(),
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    const target = targetOf(object);
    if (target === undefined || ownedByKeda(object)) return;
    const other = scalersBeside(object, target, objects).find(
      (found) => !ownedByKeda(found) && !areCopies(found, object),
    );
    if (other === undefined) return;
    yield {
      at: object.get("spec", "scaleTargetRef"),
      message: `${other.title} scales ${target.kind} ${target.name} too: two HPAs select the same pods, so neither scales them.`,
      fix: "Keep one of them, with all triggers in it.",
    };
  },
};

/** KEDA makes an HPA for each ScaledObject: no second autoscaler. */
function ownedByKeda(object: LintedObject): boolean {
  if (object.kind !== "HorizontalPodAutoscaler") return false;
  const owners = object.get("metadata", "ownerReferences").items();
  return object.name.startsWith("keda-hpa-") || owners.some((owner) => owner.get("kind").text === "ScaledObject");
}

const serviceOwnsScaling: Rule = {
  id: "kserve-scales-too",
  title: "KServe makes an autoscaler beside this one",
  severity: Severity.Error,
  kinds: scalers,
  happens:
    "KServe's HPA on CPU and KEDA's on vLLM's metrics select the same pods, so neither scales them: the replicas stay as they are.",
  why: "KServe makes an HPA for every InferenceService in Standard mode, unless its class of autoscaler is `external` (or `none`, or `keda`), and what an LLMInferenceService with `scaling` says.",
  sources: [
    "kserve/kserve pkg/controller/v1beta1/inferenceservice/reconcilers/autoscaler/autoscaler_reconciler.go",
    "kserve/kserve pkg/controller/v1alpha2/llmisvc/scaling.go",
  ],
  fix: "Annotate the InferenceService with `serving.kserve.io/autoscalerClass: external`; remove `scaling` from an LLMInferenceService.",
  bad: `${scaledObjectExample()}---
${inferenceService("hpa")}`,
  good: `${scaledObjectExample()}---
${inferenceService("external")}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    const target = targetOf(object);
    if (target === undefined || isMade(object)) return;
    const at = object.get("spec", "scaleTargetRef");
    const service = serviceBehind(target.name, object, objects);
    const autoscalerClass = service?.annotation(classAnnotation).text ?? "hpa";
    if (service !== undefined && !["external", "none"].includes(autoscalerClass) && modeOf(service) !== "Knative")
      yield {
        at,
        message: `${service.title} has the class ${autoscalerClass}, so KServe makes ${autoscalerClass === "keda" ? "a ScaledObject" : "an HPA"} for ${target.name} too.`,
        fix: "Annotate the InferenceService with serving.kserve.io/autoscalerClass: external.",
      };
    const llm = llmServiceOf(target.name, object, objects);
    const scaled = llm && workloadNamed(target, llm)?.part.get("scaling");
    if (llm !== undefined && scaled?.exists)
      yield {
        at,
        message: `${llm.title} has ${scaled.pathText}, so KServe makes an autoscaler for ${target.name} too.`,
        fix: `Remove ${scaled.pathText} of the LLMInferenceService, or this ${object.kind}.`,
      };
  },
};

/** Whether a controller made it, such as KServe's own HPA. */
function isMade(object: LintedObject): boolean {
  const owners = object.get("metadata", "ownerReferences").items();
  return ownedByKeda(object) || owners.some((owner) => owner.get("controller").value === true);
}

const predictor = "-predictor";

/** The InferenceService that KServe makes a workload of this name for. */
function serviceBehind(name: string, { namespace }: LintedObject, objects: ObjectSet): LintedObject | undefined {
  return name.endsWith(predictor)
    ? objects.find("InferenceService", namespace, name.slice(0, -predictor.length))
    : undefined;
}

function workloadNamed({ kind, name }: Target, service: LintedObject): LlmWorkload | undefined {
  return llmWorkloads(service).find((workload) => workload.kind === kind && workload.name === name);
}

function inferenceService(autoscalerClass: string): string {
  return `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: llama
  namespace: models
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: ${autoscalerClass}
spec:
  predictor:
    deploymentStrategy:
      type: RollingUpdate
      rollingUpdate:
        maxSurge: 0
        maxUnavailable: 1
    model:
      modelFormat:
        name: vLLM
      runtime: llama
      resources:
        limits:
          nvidia.com/gpu: "1"
`;
}

const replicasWritten: Rule = {
  id: "replicas-of-a-scaled-workload",
  title: "The workload's own replicas undo the autoscaler's",
  severity: Severity.Warning,
  kinds: ["Deployment", "StatefulSet", "LLMInferenceService"],
  happens: "Every apply sets the replicas back: at peak from 7 to what is written, with their requests.",
  why: "Whoever applies an object with `spec.replicas` owns that field, and so does the autoscaler. KServe writes those of an LLMInferenceService into its workload, again and again, and leaves them alone where none are written.",
  sources: [
    "kserve/kserve pkg/controller/v1alpha2/llmisvc/workload.go, PreserveDeploymentReplicas",
    "kubernetes/website content/en/docs/tasks/run-application/horizontal-pod-autoscale.md, Migrating Deployments and StatefulSets",
  ],
  fix: "Leave `spec.replicas` away, or let the tool that applies it ignore the field.",
  bad: `${scaledObjectExample()}---
${deployment("\n  replicas: 1")}`,
  good: `${scaledObjectExample()}---
${deployment("")}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    const isLlm = object.kind === "LLMInferenceService";
    const workloads = isLlm
      ? llmWorkloads(object)
      : [{ part: object.get("spec"), kind: object.kind, name: object.name }];
    for (const { part, kind, name } of workloads) {
      const replicas = part.get("replicas");
      if (!replicas.exists) continue;
      const [scaler] = scalersBeside(object, { kind, name }, objects);
      if (scaler === undefined) continue;
      yield {
        at: replicas,
        message: `${isLlm ? "KServe" : "Every apply"} sets ${name} back to ${replicas.scalarText}, whatever ${scaler.title} decided.`,
        fix: `Remove ${replicas.pathText}.`,
        edits: [{ kind: "remove", path: replicas.path }],
      };
    }
  },
};

const llmService = `apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata:
  name: llama
  namespace: models
spec:
  model:
    uri: hf://meta-llama/Llama-3.1-8B-Instruct
`;

function deployment(replicas: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: llama-predictor
  namespace: models
spec:${replicas}
  selector:
    matchLabels:
      app: llama
  template:
    metadata:
      labels:
        app: llama
    spec:
      containers:
        - name: proxy
          image: example.com/proxy:1.0.0
`;
}

const withoutScale: Readonly<Record<string, string>> = {
  Service: "Scale the Deployment behind it; a Service of Knative is scaled by Knative.",
  InferenceService: "Name the Deployment that KServe makes in Standard mode: <name>-predictor.",
  LLMInferenceService: "Name the Deployment that KServe makes: <name>-kserve.",
  DaemonSet: "Serve from a Deployment: a DaemonSet has a pod on each node.",
  Pod: "Serve from a Deployment.",
};

const notScalable: Rule = {
  id: "target-without-scale",
  title: "The target has no number of replicas to write",
  severity: Severity.Error,
  kinds: scalers,
  happens: "KEDA makes no HPA, and an HPA reports `FailedGetScale`: the replicas stay as they are.",
  why: "An autoscaler writes the subresource `scale` of its target. Deployments, StatefulSets and LeaderWorkerSets have one; Services, also Knative's, and KServe's services have none.",
  sources: [
    "kedacore/keda controllers/keda/scaledobject_controller.go, checkTargetResourceIsScalable",
    "knative/serving config/core/300-resources/service.yaml",
    "kserve/kserve config/crd/full/serving.kserve.io_inferenceservices.yaml",
  ],
  fix: "Name the workload itself.",
  bad: scaledObjectExample().replace(
    "    name: llama-predictor",
    "    apiVersion: serving.kserve.io/v1beta1\n    kind: InferenceService\n    name: llama",
  ),
  good: scaledObjectExample(),
  *check(object: LintedObject): Generator<Report> {
    const target = targetOf(object);
    const fix = target && withoutScale[target.kind];
    if (target === undefined || fix === undefined) return;
    yield {
      at: object.get("spec", "scaleTargetRef", "kind"),
      message: `${target.kind} ${target.name} has no scale subresource: ${object.title} cannot scale it.`,
      fix: fix.replace("<name>", target.name),
    };
  },
};

/** `<service>-<generation>-deployment`, as Knative calls the Deployment of a revision. */
const revisionDeployment = /^(.+)-\d{5}-deployment$/;

const knativeOwns: Rule = {
  id: "knative-owns-the-replicas",
  title: "Knative writes these replicas",
  severity: Severity.Error,
  kinds: scalers,
  happens:
    "Every 2 s Knative compares the replicas with its own figure and writes it back, or neither scales where Knative has an HPA too. The next revision has another Deployment, which this policy does not know.",
  why: "Knative makes a Deployment for each revision, and its autoscaler owns the replicas. In Knative mode KServe makes a Service of Knative and no Deployment `<name>-predictor`.",
  sources: [
    "knative/serving pkg/autoscaler/scaling/multiscaler.go, tickInterval",
    "knative/serving pkg/reconciler/autoscaling/kpa/scaler.go, applyScale",
    "knative/serving pkg/reconciler/revision/resources/names/names.go, Deployment",
  ],
  fix: "Choose one: Knative with concurrency or rps, or Standard mode with a policy of its own.",
  bad: `${scaledObjectExample()}---
${inferenceService("external")
  .replace("Standard", "Knative")
  .replace("    serving.kserve.io/autoscalerClass: external\n", "")}`,
  good: `${scaledObjectExample()}---
${inferenceService("external")}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    const target = targetOf(object);
    if (target === undefined || target.kind !== "Deployment" || isMade(object)) return;
    const at = object.get("spec", "scaleTargetRef", "name");
    const fix = "Remove it, or deploy in Standard mode.";
    const revision = revisionDeployment.exec(target.name)?.[1];
    const service = serviceBehind(target.name, object, objects);
    if (revision !== undefined)
      yield {
        at,
        message: `${target.name} is the Deployment of a revision of ${revision}: Knative scales it, and the next revision has another one.`,
        fix,
      };
    else if (service !== undefined && modeOf(service) === "Knative")
      yield {
        at,
        message: `${service.title} is in Knative mode: there is no Deployment ${target.name}, and Knative scales those of the revisions.`,
        fix,
      };
  },
};

const llmTarget: Rule = {
  id: "llm-inference-service-target",
  title: "KServe calls the workload otherwise",
  severity: Severity.Error,
  kinds: scalers,
  happens: "The target does not exist: KEDA makes no HPA, and an HPA reports `FailedGetScale`.",
  why: "Of an LLMInferenceService KServe makes a Deployment `<name>-kserve`, with workers a LeaderWorkerSet `<name>-kserve-mn`, and the same with `-prefill` for prefilling.",
  sources: [
    "kserve/kserve pkg/controller/v1alpha2/llmisvc/workload_single_node.go, mainDeploymentName",
    "kserve/kserve pkg/controller/v1alpha2/llmisvc/workload_multi_node.go, mainLWSName",
  ],
  fix: "Name the workload as KServe does.",
  bad: `${scaledObjectExample().replace("name: llama-predictor", "name: llama-kserve")}---
${llmService}  parallelism:
    pipeline: 2
  worker:
    containers:
      - name: main
`,
  good: `${scaledObjectExample().replace("name: llama-predictor", "name: llama-kserve")}---
${llmService}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    const target = targetOf(object);
    if (target === undefined || !["Deployment", "LeaderWorkerSet"].includes(target.kind)) return;
    const behind = llmServiceOf(target.name, object, objects);
    const service = behind ?? llmServiceCalled(target.name, object, objects);
    // A configuration that it builds on may say more of its workloads.
    if (service === undefined || service.get("spec", "baseRefs").exists) return;
    if (workloadNamed(target, service) !== undefined) return;
    if (objects.find(target.kind, object.namespace, target.name) !== undefined) return;
    const made = llmWorkloads(service).map(({ kind, name }) => `${kind} ${name}`);
    yield {
      at: object.get("spec", "scaleTargetRef", "name"),
      // Something else may have that name.
      isAssumed: behind === undefined,
      message: `Of ${service.title} KServe makes ${made.join(" and ")}, and no ${target.kind} ${target.name}.`,
      fix: `Write ${made.join(" or ")}.`,
    };
  },
};

/** The LLMInferenceService of this name, or of what an InferenceService would be called, unless there is such a one. */
function llmServiceCalled(name: string, { namespace }: LintedObject, objects: ObjectSet): LintedObject | undefined {
  const base = name.endsWith(predictor) ? name.slice(0, -predictor.length) : name;
  return objects.find("InferenceService", namespace, base) === undefined
    ? objects.find("LLMInferenceService", namespace, base)
    : undefined;
}

export const targetRules: readonly Rule[] = [
  twoScalers,
  serviceOwnsScaling,
  replicasWritten,
  notScalable,
  knativeOwns,
  llmTarget,
];
