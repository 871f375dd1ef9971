import { guardThreshold, missesOfAllowed } from "../../policy/signals";
import { LatencyKind } from "../../policy/slo";
import { behaviorLines, fallbackLines, indented, inFlightOf } from "../rules/examples";
import type { PublishedPolicy } from "./policy";

const setUp = "Red Hat Developer, How to set up KServe autoscaling for vLLM with KEDA";
const validation = "Red Hat Developer, Autoscaling vLLM with OpenShift AI: performance validation";
const serverless = "Red Hat Developer, Autoscaling vLLM with OpenShift AI";

/** With the fallback and the windows that its author left to defaults, which do something else. */
const repairedPolicy = (name: string, maxReplicas: number, triggers: readonly string[]) => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: ${name}
  namespace: models
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${name}
  minReplicaCount: 1
  maxReplicaCount: ${maxReplicas}
${indented([fallbackLines, behaviorLines].join("\n"), 2)}
  triggers:
${triggers.join("\n")}
`;

const trigger = (query: string, threshold: string, metricType: string, name: string) => `    - type: prometheus
      name: ${name}
      metricType: ${metricType}
      authenticationRef:
        name: keda-trigger-auth-prometheus
      metadata:
        serverAddress: https://thanos-querier.openshift-monitoring.svc.cluster.local:9092
        query: ${query}
        threshold: "${threshold}"
        authModes: bearer
        namespace: models
        ignoreNullValues: "false"`;

const waitingSelector = `{namespace="models",pod=~"llama-32-3b-predictor-[a-z0-9]+-[a-z0-9]+"}`;
const kedaSelector = `{namespace="models",model_name="llama-31-8b"}`;

/** Half of the gaps may be above 75 ms, a bucket edge: counted there, because a median inside of a bucket reads alike at any load. */
const itlMisses = missesOfAllowed(
  { namespace: "models", modelName: "llama-31-8b" },
  {
    kind: LatencyKind.Itl,
    histogram: { name: "time_per_output_token_seconds", edgesSeconds: [0.05, 0.075] },
    edgeSeconds: 0.075,
    quantile: 0.5,
    statedAs: "quantile",
    counts: "tokens",
    windowSeconds: 120,
  },
);

/** A target that is meant as it is written, and what a replica gets at most while another one starts. */
const targetAsWritten = (target: number, utilization = 100) => `      autoscaling.knative.dev/target: "${target}"
      autoscaling.knative.dev/target-utilization-percentage: "${utilization}"`;

const limited = (minReplicas: number, maxReplicas: number, concurrency: number) => `    minReplicas: ${minReplicas}
    maxReplicas: ${maxReplicas}
    containerConcurrency: ${concurrency}`;

/** Of a service in Serverless mode, as far as it scales. */
const knativeService = (annotations: string, replicas: string) => `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: llama-31-8b-instruct
  namespace: autoscaling-demo
  annotations:
    serving.kserve.io/deploymentMode: Serverless
spec:
  predictor:
    annotations:
${annotations}
${replicas}
    model:
      modelFormat:
        name: vLLM
      runtime: llama-31-8b-instruct
      storageUri: oci://quay.io/redhat-ai-services/modelcar-catalog:llama-3.1-8b-instruct
      args:
        - --max-model-len=10000
      resources:
        requests:
          cpu: "4"
          memory: 8Gi
          nvidia.com/gpu: "1"
        limits:
          cpu: "8"
          memory: 12Gi
          nvidia.com/gpu: "1"
`;

export const redHatPolicies: readonly PublishedPolicy[] = [
  {
    id: "redhat-waiting",
    source: setUp,
    vllmVersion: "0.6.6",
    meant: "a replica more for every two waiting requests",
    manifests: `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: llama-32-3b-predictor
  namespace: keda
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: llama-32-3b-predictor
  minReplicaCount: 1
  maxReplicaCount: 5
  pollingInterval: 5
  triggers:
  - type: prometheus
    authenticationRef:
      name: keda-trigger-auth-prometheus
    metadata:
      serverAddress: https://thanos-querier.openshift-monitoring.svc.cluster.local:9092
      query: 'sum(vllm:num_requests_waiting{namespace="keda", pod=~"llama-32-3b-predictor.*"})'
      threshold: '2'
      authModes: "bearer"
      namespace: keda
`,
    repaired: repairedPolicy("llama-32-3b-predictor", 5, [
      trigger(inFlightOf(waitingSelector), "12", "AverageValue", "in-flight"),
    ]),
  },
  {
    id: "redhat-keda",
    source: validation,
    vllmVersion: "0.6.6",
    meant: "a median inter-token latency of at most 75 ms on up to 7 GPUs, with queue and KV cache as guides",
    manifests: `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: llama-31-8b-predictor
  namespace: keda
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: llama-31-8b-predictor
  minReplicaCount: 1
  maxReplicaCount: 7
  pollingInterval: 5
  cooldownPeriod: 10
  triggers:
  - type: prometheus
    authenticationRef:
      name: keda-trigger-auth-prometheus
    metadata:
      serverAddress: https://thanos-querier.openshift-monitoring.svc.cluster.local:9092
      query: 'sum(vllm:num_requests_waiting{model_name="llama-31-8b"})'
      threshold: '2' # target: up to 2 requests waiting in the queue
      authModes: "bearer"
      namespace: keda
  - type: prometheus
    authenticationRef:
      name: keda-trigger-auth-prometheus
    metadata:
      serverAddress: https://thanos-querier.openshift-monitoring.svc.cluster.local:9092
      query: 'avg(vllm:gpu_cache_utilization_percent{model_name="llama-31-8b"})'
      threshold: '0.6' # target: average GPU cache utilization below 60%
      authModes: "bearer"
      namespace: keda
  - type: prometheus
    authenticationRef:
      name: keda-trigger-auth-prometheus
    metadata:
      serverAddress: https://thanos-querier.openshift-monitoring.svc.cluster.local:9092
      query: 'histogram_quantile(0.5, sum by(le) (rate(vllm:time_per_output_token_seconds_bucket{model_name="llama-31-8b"}[5m])))'
      threshold: '0.07' # target: median itl of 75ms
      authModes: "bearer"
      namespace: keda
`,
    repaired: repairedPolicy("llama-31-8b-predictor", 7, [
      // Seven of its requests keep 75 ms on an L4, which is also what the KV cache holds; 80 % of that.
      trigger(inFlightOf(kedaSelector), "5", "AverageValue", "in-flight"),
      trigger(`avg(vllm:gpu_cache_usage_perc${kedaSelector})`, "0.6", "Value", "kv-cache"),
      trigger(itlMisses.query, `${guardThreshold}`, "Value", "itl"),
    ]),
  },
  {
    id: "redhat-knative-2",
    source: serverless,
    vllmVersion: "0.6.6",
    meant: "a second replica from two concurrent requests on, kept for ten minutes",
    manifests: knativeService(
      `      autoscaling.knative.dev/target: "2"
      autoscaling.knative.dev/scale-down-delay: "10m"`,
      `    minReplicas: 1
    maxReplicas: 2`,
    ),
    // At two requests already: ceil(2 / 1.4) = 2 with 70 % of the target, where all of it would wait for the third.
    repaired: knativeService(
      `${targetAsWritten(2, 70)}
      autoscaling.knative.dev/scale-down-delay: "10m"`,
      limited(1, 2, 2),
    ),
  },
  {
    id: "redhat-knative-zero",
    source: serverless,
    vllmVersion: "0.6.6",
    meant: "no replica without requests, and one minute more for the last one",
    manifests: knativeService(
      "      autoscaling.knative.dev/scale-to-zero-pod-retention-period: 1m",
      `    minReplicas: 0
    maxReplicas: 2`,
    ),
    // The window (60 s) and the grace period (30 s) pass before the last replica goes: the minute is there without a retention. The target is
    // that of the same article, and the timeout the longest that Knative allows by itself.
    repaired: knativeService(targetAsWritten(2), `${limited(0, 2, 2)}\n    timeout: 600`),
  },
  ...[10, 100].map((target) => ({
    id: `redhat-knative-${target}`,
    source: validation,
    vllmVersion: "0.6.6",
    meant: `${target} concurrent requests for each replica, on up to 7 GPUs`,
    manifests: knativeService(
      `      autoscaling.knative.dev/target: "${target}"`,
      `    minReplicas: 1
    maxReplicas: 7`,
    ),
    repaired: knativeService(targetAsWritten(target), limited(1, 7, target)),
  })),
];
