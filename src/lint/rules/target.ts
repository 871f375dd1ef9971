import { type Report, Severity } from "../finding";
import { areCopies } from "../object-set";
import type { LintContext, Rule } from "../rule";
import type { LintedObject } from "../source/linted-object";
import { scaledObjectExample } from "./examples";

/** What an object scales: kind and name, defaults filled in; `undefined` where it scales nothing of a cluster. */
function targetOf(object: LintedObject): { kind: string; name: string } | undefined {
  const reference = object.get("spec", "scaleTargetRef");
  const name = reference.get("name").text;
  return name === undefined ? undefined : { kind: reference.get("kind").text ?? "Deployment", name };
}

/** The same for all that scale the same. */
function targetKey(object: LintedObject): string | undefined {
  const target = scalers.includes(object.kind) ? targetOf(object) : undefined;
  return target && `${target.kind} ${target.name}`;
}

/** An HTTPScaledObject beside a ScaledObject has a rule of its own. */
const scalers = ["ScaledObject", "HorizontalPodAutoscaler"];

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
    const other = objects
      .besidesWithKey(object, scalers, targetKey, `${target.kind} ${target.name}`)
      .find((found) => !ownedByKeda(found) && !areCopies(found, object));
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
  title: "KServe makes an HPA beside this ScaledObject",
  severity: Severity.Error,
  kinds: ["ScaledObject"],
  happens:
    "KServe's HPA on CPU and KEDA's on vLLM's metrics select the same pods, so neither scales them: the replicas stay as they are.",
  why: "KServe makes an HPA for every InferenceService in Standard mode, unless its class of autoscaler is `external` (or `none`, or `keda`).",
  sources: ["kserve/kserve pkg/controller/v1beta1/inferenceservice/reconcilers/autoscaler/autoscaler_reconciler.go"],
  fix: "Annotate the InferenceService with `serving.kserve.io/autoscalerClass: external`.",
  bad: `${scaledObjectExample()}---
${inferenceService("hpa")}`,
  good: `${scaledObjectExample()}---
${inferenceService("external")}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    const target = targetOf(object);
    if (target === undefined || !target.name.endsWith("-predictor")) return;
    const service = objects.find("InferenceService", object.namespace, target.name.slice(0, -"-predictor".length));
    const autoscalerClass = service?.annotation("serving.kserve.io/autoscalerClass").text ?? "hpa";
    if (service === undefined || autoscalerClass === "external" || autoscalerClass === "none") return;
    yield {
      at: object.get("spec", "scaleTargetRef"),
      message: `${service.title} has the class ${autoscalerClass}, so KServe makes ${autoscalerClass === "keda" ? "a ScaledObject" : "an HPA"} for ${target.name} too.`,
      fix: "Annotate the InferenceService with serving.kserve.io/autoscalerClass: external.",
    };
  },
};

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
  kinds: ["Deployment", "StatefulSet"],
  happens: "Every apply sets the replicas back: at peak from 7 to what is written, with their requests.",
  why: "Whoever applies an object with `spec.replicas` owns that field, and so does the autoscaler.",
  sources: [
    "kubernetes/website content/en/docs/tasks/run-application/horizontal-pod-autoscale.md, Migrating Deployments and StatefulSets",
  ],
  fix: "Leave `spec.replicas` away, or let the tool that applies it ignore the field.",
  bad: `${scaledObjectExample()}---
${deployment("\n  replicas: 1")}`,
  good: `${scaledObjectExample()}---
${deployment("")}`,
  *check(object: LintedObject, { objects }: LintContext): Generator<Report> {
    const replicas = object.get("spec", "replicas");
    if (!replicas.exists) return;
    const [scaler] = objects.besidesWithKey(object, scalers, targetKey, `${object.kind} ${object.name}`);
    if (scaler === undefined) return;
    yield {
      at: replicas,
      message: `Every apply sets ${object.name} back to ${replicas.scalarText}, whatever ${scaler.title} decided.`,
      fix: "Remove spec.replicas.",
      edits: [{ kind: "remove", path: replicas.path }],
    };
  },
};

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

export const targetRules: readonly Rule[] = [twoScalers, serviceOwnsScaling, replicasWritten];
