import { behaviorLines, fallbackLines, indented } from "../rules/examples";
import type { PublishedPolicy } from "./policy";

const prokube = "prokube documentation, Autoscaling";
const prokubeAddress = "http://kube-prometheus-stack-prometheus.monitoring.svc.cluster.local:9090/prometheus";

/** Triggers that were published alone, in an object that says nothing else. */
const around = (max: number, triggers: string, spec = "", min = "1") => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: llm
  namespace: models
spec:
  scaleTargetRef:
    name: llm
  minReplicaCount: ${min}
  maxReplicaCount: ${max}
${spec}  triggers:
${triggers}`;

/** The same triggers so that they do what was meant: the queue over all replicas, the KV cache as a share that multiplies them. */
const queueAndCache = (max: number, waiting: number, cache: string, address: string, selector: string, min?: string) =>
  around(
    max,
    `    - type: prometheus
      name: waiting
      metricType: AverageValue
      metadata:
        serverAddress: ${address}
        query: sum(vllm:num_requests_waiting${selector})
        threshold: "${waiting}"
        ignoreNullValues: "false"
    - type: prometheus
      name: kv-cache
      metricType: Value
      metadata:
        serverAddress: ${address}
        query: avg(vllm:gpu_cache_usage_perc${selector})
        threshold: "${cache}"
        ignoreNullValues: "false"
`,
    `${indented([fallbackLines, behaviorLines].join("\n"), 2)}\n`,
    min,
  );

interface ThroughputParts {
  name: string;
  namespace: string;
  /** Served by the Deployment `<model>-predictor`. */
  model: string;
  /** Of the scale-down, in seconds. */
  window: number;
  period: number;
  /** A second, for each replica. */
  tokens: string;
}

/** By the tokens a second as published, with a fallback, and with `metricType` where KEDA reads it. */
const prokubeRepaired = (
  { name, namespace, model, window, period, tokens }: ThroughputParts,
  further = "",
) => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  scaleTargetRef:
    name: ${model}-predictor
  minReplicaCount: 1
  maxReplicaCount: 3
${indented(fallbackLines, 2)}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown:
          stabilizationWindowSeconds: ${window}
          policies:
            - type: Pods
              value: 1
              periodSeconds: ${period}
  triggers:
    - type: prometheus
      name: tokens
      metricType: AverageValue
      metadata:
        serverAddress: ${prokubeAddress}
        query: >-
          sum(rate(vllm:prompt_tokens_total{namespace="${namespace}",model_name="${model}"}[2m]))
          + sum(rate(vllm:generation_tokens_total{namespace="${namespace}",model_name="${model}"}[2m]))
        threshold: "${tokens}"
        ignoreNullValues: "false"
${further}`;

export const communityPolicies: readonly PublishedPolicy[] = [
  {
    id: "prokube-throughput-small",
    source: prokube,
    vllmVersion: "0.6.6",
    meant: "a replica for every 5 tokens a second",
    manifests: `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: opt-125m-scaledobject
  namespace: default
spec:
  scaleTargetRef:
    name: opt-125m-predictor # must match the Deployment name
  minReplicaCount: 1
  maxReplicaCount: 3
  pollingInterval: 15 # how often KEDA checks the metric (seconds)
  cooldownPeriod: 120 # seconds after last trigger activation before scaling to minReplicaCount
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleUp:
          # Scale up immediately when threshold is breached
          stabilizationWindowSeconds: 0
        scaleDown:
          # Hold extra replicas for 2 minutes after load subsides
          stabilizationWindowSeconds: 120
          policies:
            - type: Pods
              value: 1 # remove at most 1 replica per minute
              periodSeconds: 60
  triggers:
    - type: prometheus
      metadata:
        serverAddress: ${prokubeAddress}
        query: >-
          sum(rate(vllm:prompt_tokens_total{namespace="default",model_name="opt-125m"}[2m]))
          + sum(rate(vllm:generation_tokens_total{namespace="default",model_name="opt-125m"}[2m]))
        metricType: AverageValue
        threshold: "5"
`,
    repaired: prokubeRepaired({
      name: "opt-125m-scaledobject",
      namespace: "default",
      model: "opt-125m",
      window: 300,
      period: 120,
      tokens: "5",
    }),
  },
  {
    id: "prokube-throughput-production",
    source: `${prokube}, production considerations`,
    vllmVersion: "0.6.6",
    meant: "a replica for every 2,500 tokens a second, and more of them from 75 % of the KV cache on",
    manifests: `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: my-model
  namespace: my-namespace
spec:
  scaleTargetRef:
    name: my-model-predictor
  minReplicaCount: 1
  maxReplicaCount: 3
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleUp:
          stabilizationWindowSeconds: 0 # scale up immediately
        scaleDown:
          # Each GPU replica may have a large local model cache.
          # Tearing a node down means a full re-download on next scale-up.
          # Hold extra replicas longer to avoid expensive cold starts.
          stabilizationWindowSeconds: 900 # 15 minutes
          policies:
            - type: Pods
              value: 1
              periodSeconds: 300 # at most 1 replica removed per 5 minutes
  triggers:
    # Primary: token throughput
    - type: prometheus
      metadata:
        serverAddress: ${prokubeAddress}
        query: >-
          sum(rate(vllm:prompt_tokens_total{namespace="my-namespace",model_name="my-model"}[5m]))
          + sum(rate(vllm:generation_tokens_total{namespace="my-namespace",model_name="my-model"}[5m]))
        metricType: AverageValue
        threshold: "2500"
    # Secondary: GPU KV-cache pressure
    - type: prometheus
      metadata:
        serverAddress: ${prokubeAddress}
        query: >-
          avg(vllm:gpu_cache_usage_perc{namespace="my-namespace",model_name="my-model"})
        metricType: AverageValue
        threshold: "0.75"
`,
    repaired: prokubeRepaired(
      {
        name: "my-model",
        namespace: "my-namespace",
        model: "my-model",
        window: 900,
        period: 300,
        tokens: "2500",
      },
      `    - type: prometheus
      name: kv-cache
      metricType: Value
      metadata:
        serverAddress: ${prokubeAddress}
        query: avg(vllm:gpu_cache_usage_perc{namespace="my-namespace",model_name="my-model"})
        threshold: "0.75"
        ignoreNullValues: "false"
`,
    ),
  },
  {
    id: "cache-of-a-plan",
    source: "a step-by-step build plan in a public repository",
    vllmVersion: "0.6.6",
    meant: "replicas by the queue, and more of them from 85 % of the KV cache on",
    manifests: around(
      10,
      `    - type: prometheus
      metadata:
        serverAddress: http://prometheus:9090
        metricName: vllm_queue_depth
        query: sum(vllm:num_requests_waiting{service="llm-inference"})
        threshold: "10"
    - type: prometheus
      metadata:
        serverAddress: http://prometheus:9090
        metricName: vllm_gpu_utilization
        query: avg(vllm:gpu_cache_usage_perc{service="llm-inference"})
        threshold: "85"
`,
    ),
    repaired: queueAndCache(10, 10, "0.85", "http://prometheus:9090", '{namespace="models",service="llm-inference"}'),
  },
  {
    id: "waiting-for-each-replica",
    source: "study notes in a public repository",
    vllmVersion: "0.6.6",
    meant: "5 waiting requests for each replica, and more replicas from 85 % of the KV cache on",
    manifests: around(
      10,
      `    - type: prometheus
      metadata:
        serverAddress: http://prometheus.monitoring:9090
        query: |
          sum(vllm:num_requests_waiting) /
          sum(kube_deployment_status_replicas{deployment="vllm-deployment"})
        threshold: '5'
        activationThreshold: '0.5'
    - type: prometheus
      metadata:
        serverAddress: http://prometheus.monitoring:9090
        query: 'avg(vllm:gpu_cache_usage_perc)'
        threshold: '0.85'
`,
    ),
    repaired: queueAndCache(10, 5, "0.85", "http://prometheus.monitoring:9090", '{namespace="models",service="vllm"}'),
  },
  {
    id: "cache-in-percent",
    source: "a Terraform module for Mistral on EKS in a public repository",
    vllmVersion: "0.6.6",
    meant: "5 waiting requests for each replica, and more replicas from 80 % of the KV cache on",
    manifests: around(
      4,
      `    - type: prometheus
      metadata:
        serverAddress: http://prometheus-kube-prometheus-prometheus.monitoring.svc.cluster.local:9090
        metricName: vllm_num_requests_waiting_mistral
        query: sum(vllm:num_requests_waiting{namespace="default",model_name="mistral-7b"})
        threshold: "5"
    - type: prometheus
      metadata:
        serverAddress: http://prometheus-kube-prometheus-prometheus.monitoring.svc.cluster.local:9090
        metricName: vllm_gpu_cache_usage_mistral
        query: avg(vllm:gpu_cache_usage_perc{namespace="default",model_name="mistral-7b"}) * 100
        threshold: "80"
`,
    ),
    repaired: queueAndCache(
      4,
      5,
      "0.8",
      "http://prometheus-kube-prometheus-prometheus.monitoring.svc.cluster.local:9090",
      '{namespace="models",model_name="mistral-7b"}',
    ),
  },
  {
    id: "zero-without-waker-70b",
    source: "a guide to the autoscaling of a 70B model in a public repository",
    vllmVersion: "0.6.6",
    meant: "5 waiting requests for each replica, more replicas from 80 % of the KV cache on, and none without requests",
    manifests: around(
      8,
      `    - type: prometheus
      metadata:
        serverAddress: http://prometheus.monitoring.svc:9090
        query: |
          sum(vllm:num_requests_waiting{namespace="inference", deployment="llama-70b-vllm"})
        threshold: "5"
        activationThreshold: "1"
    - type: prometheus
      metadata:
        serverAddress: http://prometheus.monitoring.svc:9090
        query: |
          avg(vllm:gpu_cache_usage_perc{namespace="inference", deployment="llama-70b-vllm"})
        threshold: "0.8"
        activationThreshold: "0.1"
`,
      `  pollingInterval: 10
  cooldownPeriod: 600
  fallback:
    failureThreshold: 5
    replicas: 2
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleUp:
          stabilizationWindowSeconds: 0
          policies:
            - type: Pods
              value: 2
              periodSeconds: 60
        scaleDown:
          stabilizationWindowSeconds: 300
          policies:
            - type: Pods
              value: 1
              periodSeconds: 120
`,
      "0",
    ),
    repaired: queueAndCache(
      8,
      5,
      "0.8",
      "http://prometheus.monitoring.svc:9090",
      '{namespace="models",deployment="llama-70b-vllm"}',
      "1 # none would never come back: these metrics go with the last pod",
    ),
  },
  {
    id: "cache-of-each-pod",
    source: "Cloudeka documentation, Deka GPU, KEDA configuration example",
    vllmVersion: "0.6.6",
    meant: "a second replica from 50 % of the KV cache on",
    manifests: around(
      2,
      `    - type: prometheus
      metadata:
        serverAddress: http://l2-jatiluhur.metric.cloudeka.ai
        threshold: '0.5'
        query: vllm:gpu_cache_usage_perc{job="goto-vllm-exporter", model_name="meta-llama/Llama-3.2-3B-Instruct"}
`,
      "  cooldownPeriod: 120\n  pollingInterval: 30\n",
    ),
    repaired: around(
      2,
      `    - type: prometheus
      name: kv-cache
      metricType: Value
      metadata:
        serverAddress: http://l2-jatiluhur.metric.cloudeka.ai
        query: avg(vllm:gpu_cache_usage_perc{namespace="models",job="goto-vllm-exporter",model_name="meta-llama/Llama-3.2-3B-Instruct"})
        threshold: "0.5"
        ignoreNullValues: "false"
`,
      `${indented([fallbackLines, behaviorLines].join("\n"), 2)}\n`,
    ),
  },
  {
    id: "waiting-by-deployments",
    source: "dev.to, Why vLLM autoscaling on Kubernetes breaks (and what to use instead)",
    vllmVersion: "0.6.6",
    meant: "10 waiting requests for each replica, and more replicas from 80 % of the KV cache on",
    manifests: around(
      8,
      `    - type: prometheus
      metadata:
        serverAddress: http://prometheus:9090
        metricName: vllm_queue_depth
        threshold: "10"
        query: |
          sum(vllm:num_requests_waiting) /
          count(kube_deployment_status_replicas_ready{deployment="vllm-inference"})
    - type: prometheus
      metadata:
        serverAddress: http://prometheus:9090
        metricName: vllm_kv_cache
        threshold: "0.8"
        query: avg(vllm:gpu_cache_usage_perc)
`,
      "  cooldownPeriod: 300\n",
    ),
    repaired: queueAndCache(8, 10, "0.8", "http://prometheus:9090", '{namespace="models",service="vllm-inference"}'),
  },
];
