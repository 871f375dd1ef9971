import { describe, expect, it } from "vitest";
import { clusterSource, lint, readYaml } from "../../../src/lint";
import { options } from "./options";

function found(...texts: string[]): string[] {
  return lint([readYaml("objects.yaml", texts.join("---\n"))], options())
    .filter(({ rule }) => rule === "claim-of-one-node")
    .map(({ message }) => message);
}

const claim = (more = "", mode = "ReadWriteOnce") => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: weights, namespace: models}
spec: {accessModes: [${mode}]${more}}
`;
const volume = (source: string) => `apiVersion: v1
kind: PersistentVolume
metadata: {name: pv}
spec: {${source}}
`;
const service = (maxReplicas: number) => `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llama, namespace: models}
spec: {predictor: {maxReplicas: ${maxReplicas}, model: {modelFormat: {name: vLLM}, storageUri: "pvc://weights/llama"}}}
`;
const llm = (spec: string) => `apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: llama, namespace: models}
spec: {model: {uri: "pvc://weights/llama"}, ${spec}}
`;
const deployment = (replicas: number, image = "vllm/vllm-openai:v0.30.0") => `apiVersion: apps/v1
kind: Deployment
metadata: {name: llama, namespace: models}
spec:
  replicas: ${replicas}
  template:
    spec:
      containers: [{name: main, image: "${image}"}]
      volumes: [{name: weights, persistentVolumeClaim: {claimName: weights}}]
`;
const scaledObject = (name: string, max: number) => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: llama, namespace: models}
spec: {scaleTargetRef: {name: ${name}}, minReplicaCount: 1, maxReplicaCount: ${max}}
`;

describe("a claim of one node", () => {
  const told = (kind: string, replicas: number) => [
    `${kind} models/llama can have ${replicas} replicas, and ReadWriteOnce lets the pods of one node mount weights.`,
  ];

  it.each([
    ["InferenceService", 7, [service(7)]],
    ["InferenceService", 5, [service(1), scaledObject("llama-predictor", 5)]],
    ["LLMInferenceService", 3, [llm("replicas: 3")]],
    ["LLMInferenceService", 4, [llm("scaling: {maxReplicas: 4, wva: {keda: {}}}")]],
    ["LLMInferenceService", 6, [llm("baseRefs: []"), scaledObject("llama-kserve", 6)]],
    ["Deployment", 2, [deployment(2)]],
    ["Deployment", 8, [deployment(1), scaledObject("llama", 8)]],
  ])("is told of %s with %i replicas", (kind, replicas, users) => {
    expect(found(claim(), ...users)).toEqual(told(kind, replicas));
  });

  it("may be bound to a volume that is attached", () => {
    const bound = claim(", volumeName: pv");
    expect(found(bound, service(7), volume("csi: {driver: ebs.csi.aws.com}"))).toHaveLength(1);
    expect(found(bound, service(7), volume("csi: {driver: nfs.csi.k8s.io}"))).toEqual([]);
    expect(found(bound, service(7), volume("nfs: {server: a, path: /}"))).toEqual([]);
    expect(found(claim(", storageClassName: azurefile"), service(7))).toEqual([]);
  });

  it("is one pod's whatever it is bound to", () => {
    expect(found(claim(", storageClassName: azurefile", "ReadWriteOncePod"), service(7))).toEqual([
      "InferenceService models/llama can have 7 replicas, and ReadWriteOncePod lets one pod mount weights.",
    ]);
  });

  it("is right for one replica, for others than models, and for more than one mode", () => {
    expect(found(claim(), service(1))).toEqual([]);
    expect(found(claim(), deployment(7, "nginx:1"))).toEqual([]);
    expect(found(claim("", "ReadWriteOnce, ReadOnlyMany"), service(7))).toEqual([]);
    expect(found(claim())).toEqual([]);
  });

  it("is not judged where the volumes cannot be listed", () => {
    const objects = readYaml("a", [claim(", volumeName: pv"), service(7)].join("---\n")).objects.map(({ field }) =>
      Object(field.value),
    );
    const rules = (unlisted: string[]) =>
      lint([clusterSource("prod", objects, { unlisted })], options()).map(({ rule }) => rule);
    expect(rules([])).toContain("claim-of-one-node");
    expect(rules(["PersistentVolume"])).not.toContain("claim-of-one-node");
  });
});
