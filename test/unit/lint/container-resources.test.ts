import { describe, expect, it } from "vitest";
import { lint, readYaml } from "../../../src/lint";
import { options } from "./options";

function found(text: string): string[] {
  return lint([readYaml("objects.yaml", text)], options())
    .filter(({ rule }) => rule === "utilization-as-signal")
    .map(({ path }) => path);
}

const hpa = (metrics: string) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: llama, namespace: models}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: llama-predictor}
  maxReplicas: 7
  metrics: [${metrics}]
---
`;
const service = (predictor: string, { mode = "Standard", format = "vLLM", gpu = true, autoscaler = "" } = {}) =>
  `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: llama
  namespace: models
  annotations:
    serving.kserve.io/deploymentMode: ${mode}
${autoscaler === "" ? "" : `    serving.kserve.io/autoscalerClass: ${autoscaler}\n`}spec:
  predictor:
    ${predictor}
    model:
      modelFormat: {name: ${format}}
      runtime: llama
${gpu ? '      resources: {limits: {nvidia.com/gpu: "1"}}\n' : ""}---
`;
const served = service("minReplicas: 1", { autoscaler: "external" });
const deployment = (gpu: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: llama-predictor, namespace: models}
spec:
  template:
    spec:
      containers:
        - image: vllm/vllm-openai:v0.30.0
          resources: {limits: {${gpu}: "1"}}
---
`;
const cpu = "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}";
const external = (name: string) =>
  `{type: External, external: {metric: {name: ${name}}, target: {type: AverageValue, averageValue: 5}}}`;
const onHpa = ["HorizontalPodAutoscaler models/llama: spec.metrics[0]"];

describe("an HPA of vLLM on a GPU", () => {
  it("does not follow the load by CPU alone", () => {
    expect(found(hpa(cpu) + served)).toEqual(onHpa);
    expect(found(hpa(cpu) + deployment("nvidia.com/gpu"))).toEqual(onHpa);
    expect(found(hpa(`${cpu}, ${external("num_requests")}`) + served)).toEqual([]);
  });

  it("is scaled by CPU where it has no metrics", () => {
    expect(found(hpa("").replace("  metrics: []\n", "") + served)).toEqual([
      "HorizontalPodAutoscaler models/llama: spec.metrics",
    ]);
  });

  it("has nothing else in autoscaling/v1", () => {
    const old = hpa("").replace("/v2", "/v1").replace("metrics: []", "targetCPUUtilizationPercentage: 60");
    expect(found(old + served)).toEqual(["HorizontalPodAutoscaler models/llama: spec.targetCPUUtilizationPercentage"]);
  });

  it("does not follow the load by the use of the GPU", () => {
    expect(found(hpa(external("DCGM_FI_DEV_GPU_UTIL")))).toEqual([
      "HorizontalPodAutoscaler models/llama: spec.metrics[0].external.metric.name",
    ]);
  });
});

it("a model on CPUs, of another server, or that is not seen may be scaled by CPU", () => {
  expect(found(hpa(cpu))).toEqual([]);
  expect(found(hpa(cpu) + deployment("cpu"))).toEqual([]);
  expect(found(hpa(cpu) + service("minReplicas: 1", { gpu: false }))).toEqual([]);
  expect(found(service("scaleMetric: cpu", { format: "huggingface" }))).toEqual([]);
  expect(found(service("scaleMetric: cpu", { gpu: false }))).toEqual([]);
});

describe("an InferenceService of vLLM on a GPU", () => {
  const path = (field: string) => [`InferenceService models/llama: spec.predictor.${field}`];
  it.each([
    ["scaleMetric: cpu", {}, path("scaleMetric")],
    ["scaleMetric: memory", {}, path("scaleMetric")],
    ["scaleMetric: cpu", { mode: "Knative" }, path("scaleMetric")],
    ["scaleMetric: concurrency", { mode: "Knative" }, []],
    ["scaleMetric: cpu", { autoscaler: "external" }, []],
    ["maxReplicas: 7", {}, path("maxReplicas")],
    ["maxReplicas: 7", { autoscaler: "none" }, []],
    ["maxReplicas: 1", {}, []],
    ["{maxReplicas: 7}", { mode: "Knative" }, []],
    [`autoScaling: {metrics: [${cpu}]}`, { autoscaler: "keda" }, path("autoScaling.metrics[0]")],
  ])("by %s %j", (predictor, parts, paths) => {
    expect(found(service(predictor.replace(/^\{(.*)\}$/, "$1"), parts))).toEqual(paths);
  });

  it("may have its format in the runtime", () => {
    const runtime = `apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: llama, namespace: models}
spec:
  containers:
    - image: vllm/vllm-openai:v0.30.0
`;
    const text = service("scaleMetric: cpu", { format: "huggingface" });
    expect(found(text + runtime)).toEqual(path("scaleMetric"));
  });
});
