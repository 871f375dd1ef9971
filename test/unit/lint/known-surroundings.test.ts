import { describe, expect, it } from "vitest";
import { lint, readYaml } from "../../../src/lint";
import { options } from "./options";

function found(text: string): string[] {
  return lint([readYaml("objects.yaml", text)], options()).map(({ rule, path }) => `${rule} ${path}`);
}

describe("annotations of Knative", () => {
  const service = (annotations: string, predictor = "") => `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: llama
  namespace: models
  annotations:
    serving.kserve.io/deploymentMode: Knative
${annotations}
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 3
    containerConcurrency: 10
${predictor}    model:
      modelFormat:
        name: vLLM
`;

  it("are read from the InferenceService too, but for the bounds", () => {
    expect(found(service("    autoscaling.knative.dev/target: '10'"))).toEqual([]);
    expect(found(service("    autoscaling.knative.dev/target: '0.001'"))).toEqual([
      'knative-effective-target InferenceService models/llama: metadata.annotations["autoscaling.knative.dev/target"]',
      'knative-annotation-value InferenceService models/llama: metadata.annotations["autoscaling.knative.dev/target"]',
    ]);
    expect(
      found(
        service(
          "    autoscaling.knative.dev/window: 2h",
          "    annotations:\n      autoscaling.knative.dev/window: 1h\n    scaleTarget: 10\n",
        ),
      ),
    ).toEqual([]);
    expect(found(service("    autoscaling.knative.dev/min-scale: '1'", "    scaleTarget: 10\n"))).toEqual([
      'knative-annotation-misplaced InferenceService models/llama: metadata.annotations["autoscaling.knative.dev/min-scale"]',
    ]);
  });

  it("belong into the template of a Knative Service", () => {
    const knative = (outer: string, inner: string) => `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: llama
  namespace: models
  annotations: {${outer}}
spec:
  template:
    metadata:
      annotations: {${inner}}
    spec:
      containers:
        - image: vllm/vllm-openai:v0.30.0
`;
    const target = "autoscaling.knative.dev/target: '10'";
    expect(found(knative(target, ""))).toEqual([
      'knative-annotation-misplaced Service models/llama: metadata.annotations["autoscaling.knative.dev/target"]',
    ]);
    expect(found(knative("", target))).toEqual([]);
    expect(found(knative(target, "").replace("serving.knative.dev/v1", "v1"))).toEqual([]);
  });
});

it("metrics of the production stack's router are known", () => {
  const policy = (query: string) => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: shop
  namespace: shop
spec:
  scaleTargetRef:
    name: front
  triggers:
    - type: prometheus
      metadata:
        serverAddress: http://prometheus.monitoring:9090
        query: ${query}
        threshold: "100"
`;
  const unknown = (query: string) => found(policy(query)).filter((text) => text.startsWith("unknown-vllm-metric"));
  for (const name of ["current_qps", "healthy_pods_total", "num_incoming_requests_total"])
    expect(unknown(`sum(vllm:${name}{namespace="shop"})`)).toEqual([]);
  expect(unknown('sum(vllm:current_rps{namespace="shop"})')).toHaveLength(1);
});

it("the cluster's monitoring configuration is one of its namespace", () => {
  const configuration = (namespace: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: cluster-monitoring-config
  namespace: ${namespace}
data:
  config.yaml: |
    enableUserWorkload: true
`;
  expect(found(configuration("openshift-monitoring"))).toHaveLength(1);
  expect(found(configuration("shop"))).toEqual([]);
});
