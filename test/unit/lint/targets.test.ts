import { describe, expect, it } from "vitest";
import { lint, readYaml } from "../../../src/lint";
import { options } from "./options";

const aboutTargets = [
  ...["target-without-scale", "knative-owns-the-replicas", "llm-inference-service-target"],
  ...["kserve-scales-too", "replicas-of-a-scaled-workload"],
];

function found(...texts: string[]): string[] {
  return lint([readYaml("objects.yaml", texts.join("---\n"))], options())
    .filter(({ rule }) => aboutTargets.includes(rule))
    .map(({ rule, severity, path }) => `${rule} ${severity} ${path}`);
}

const scaledObject = (name: string, kind = "Deployment") => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: policy, namespace: models}
spec:
  scaleTargetRef: {kind: ${kind}, name: ${name}}
  minReplicaCount: 1
`;
const hpa = (name: string, metadata = "") => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: policy, namespace: models${metadata}}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}
  maxReplicas: 7
`;
const service = (annotations: string) => `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llama, namespace: models, annotations: {${annotations}}}
spec: {predictor: {model: {modelFormat: {name: vLLM}}}}
`;
const llm = (spec = "") => `apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: llama, namespace: models}
spec: {model: {uri: "hf://a/b"}${spec}}
`;
const policy = "ScaledObject models/policy: spec.scaleTargetRef";
const knative = 'serving.kserve.io/deploymentMode: "Knative"';

describe("a target", () => {
  it.each(["Service", "InferenceService", "LLMInferenceService", "DaemonSet", "Pod"])("%s has no scale", (kind) => {
    expect(found(scaledObject("llama", kind))).toEqual([`target-without-scale error ${policy}.kind`]);
  });

  it.each(["Deployment", "StatefulSet", "LeaderWorkerSet", "Rollout"])("%s has one, or may have", (kind) => {
    expect(found(scaledObject("llama", kind))).toEqual([]);
  });
});

describe("Knative's replicas", () => {
  it("are those of revisions, and of an InferenceService in its mode", () => {
    const message = `knative-owns-the-replicas error ${policy}.name`;
    expect(found(scaledObject("llama-predictor-00001-deployment"))).toEqual([message]);
    expect(found(scaledObject("llama-predictor"), service(knative))).toEqual([message]);
    expect(found(hpa("llama-00012-deployment"))).toEqual([
      "knative-owns-the-replicas error HorizontalPodAutoscaler models/policy: spec.scaleTargetRef.name",
    ]);
  });

  it("are not others'", () => {
    expect(found(scaledObject("llama-1-deployment"))).toEqual([]);
    const external = 'serving.kserve.io/autoscalerClass: "external"';
    expect(found(scaledObject("llama-predictor"), service(external))).toEqual([]);
    // Knative's own, of class HPA.
    expect(
      found(hpa("llama-00001-deployment", ", ownerReferences: [{kind: PodAutoscaler, controller: true}]")),
    ).toEqual([]);
  });
});

describe("what KServe scales", () => {
  const tooMany = `kserve-scales-too error ${policy}`;
  const scaling = ", scaling: {maxReplicas: 7, wva: {keda: {}}}";

  it("is an InferenceService without a class, beside an HPA too", () => {
    expect(found(scaledObject("llama-predictor"), service(""))).toEqual([tooMany]);
    expect(found(hpa("llama-predictor"), service(""))).toEqual([
      "kserve-scales-too error HorizontalPodAutoscaler models/policy: spec.scaleTargetRef",
    ]);
    expect(
      found(hpa("llama-predictor", ", ownerReferences: [{kind: InferenceService, controller: true}]"), service("")),
    ).toEqual([]);
  });

  it("is each workload of an LLMInferenceService that has scaling", () => {
    expect(found(scaledObject("llama-kserve"), llm(scaling))).toEqual([tooMany]);
    expect(found(scaledObject("llama-kserve"), llm(`, prefill: {${scaling.slice(2)}}`))).toEqual([]);
    expect(found(scaledObject("llama-kserve-prefill"), llm(`, prefill: {${scaling.slice(2)}}`))).toEqual([tooMany]);
    expect(found(scaledObject("llama-kserve-mn", "LeaderWorkerSet"), llm(`${scaling}, worker: {}`))).toEqual([tooMany]);
  });
});

describe("replicas of an LLMInferenceService", () => {
  const undone = "replicas-of-a-scaled-workload warning LLMInferenceService models/llama: spec";

  it("undo a policy of one's own", () => {
    expect(found(scaledObject("llama-kserve"), llm(", replicas: 2"))).toEqual([`${undone}.replicas`]);
    expect(found(scaledObject("llama-kserve-prefill"), llm(", replicas: 2, prefill: {replicas: 3}"))).toEqual([
      `${undone}.prefill.replicas`,
    ]);
  });

  it("do nothing to others", () => {
    expect(found(scaledObject("llama"), llm(", replicas: 2"))).not.toContain(`${undone}.replicas`);
    expect(found(scaledObject("llama-kserve"), llm())).toEqual([]);
  });
});

describe("the workload of an LLMInferenceService", () => {
  const wrong = (severity: string) => [`llm-inference-service-target ${severity} ${policy}.name`];
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: llama, namespace: models}
`;

  it("is called as KServe calls it", () => {
    expect(found(scaledObject("llama-kserve"), llm(", worker: {}"))).toEqual(wrong("error"));
    expect(found(scaledObject("llama-kserve-prefill"), llm())).toEqual(wrong("error"));
    expect(found(scaledObject("llama-kserve-mn", "LeaderWorkerSet"), llm())).toEqual(wrong("error"));
    expect(found(scaledObject("llama-kserve-mn-prefill", "LeaderWorkerSet"), llm(", prefill: {worker: {}}"))).toEqual(
      [],
    );
  });

  it("may be something else of the same name", () => {
    expect(found(scaledObject("llama"), llm())).toEqual(wrong("warning"));
    expect(found(scaledObject("llama-predictor"), llm())).toEqual(wrong("warning"));
    expect(found(scaledObject("llama"), llm(), deployment)).toEqual([]);
    expect(found(scaledObject("other"), llm())).toEqual([]);
    const external = service('serving.kserve.io/autoscalerClass: "external"');
    expect(found(scaledObject("llama-predictor"), llm(), external)).toEqual([]);
    expect(found(scaledObject("llama-kserve-prefill"), llm(", baseRefs: [{name: apart}]"))).toEqual([]);
  });
});
