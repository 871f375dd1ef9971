import { indented, inFlightOf } from "../rules/examples";
import type { PublishedPolicy } from "./policy";

interface NativeParts {
  name: string;
  namespace: string;
  annotations?: string;
  /** Lines of the predictor before the model. */
  predictor: string;
  modelFormat: string;
}

/** Of a service that KServe shall scale by KEDA, as far as it scales. */
const service = ({
  name,
  namespace,
  annotations = "",
  predictor,
  modelFormat,
}: NativeParts) => `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: ${name}
  namespace: ${namespace}
  annotations:
    serving.kserve.io/deploymentMode: RawDeployment
    serving.kserve.io/autoscalerClass: keda
${annotations}spec:
  predictor:
${indented(predictor, 4)}
    model:
      modelFormat:
        name: ${modelFormat}
      resources:
        limits:
          nvidia.com/gpu: "1"
`;

const thanos = "https://thanos-querier.openshift-monitoring.svc:9092";
const credentials = `authenticationRef:
  authModes: bearer
  authenticationRef:
    name: inference-prometheus-auth`;

/** A metric of KServe's own autoscaling as its definition wants it. */
const metricLines = (serverAddress: string, query: string, value: string, authentication = "") => `autoScaling:
  metrics:
    - type: External
      external:
        metric:
          backend: prometheus
          serverAddress: ${serverAddress}
          query: ${query}
${authentication === "" ? "" : `${indented(authentication, 8)}\n`}        target:
          type: Value
          value: "${value}"`;

const repairedPredictor = (maxReplicas: number, metric: string) => `minReplicas: 1
maxReplicas: ${maxReplicas}
deploymentStrategy:
  type: RollingUpdate
  rollingUpdate:
    maxSurge: 0
    maxUnavailable: 1
${metric}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300`;

/** In OpenShift AI's documents and in charts after them the block is called `autoscaling`, and the credentials stand beside the metric. */
const misspelled = (maxReplicas: number) => `minReplicas: 1
maxReplicas: ${maxReplicas}
autoscaling:
  metrics:
    - type: External
      external:
        metric:
          backend: prometheus
          serverAddress: ${thanos}
          query: vllm:num_requests_waiting
        authenticationRef:
          name: inference-prometheus-auth
        authModes: bearer
        target:
          type: Value
          value: 2`;

export const kservePolicies: readonly PublishedPolicy[] = [
  {
    id: "kserve-native-waiting",
    source: "Red Hat OpenShift AI 3.3, Managing and monitoring models, Configuring metrics-based autoscaling",
    vllmVersion: "0.13.0",
    meant: "a replica more for every two waiting requests, by KServe itself",
    manifests: service({
      name: "my-inference-service",
      namespace: "my-namespace",
      predictor: misspelled(5),
      modelFormat: "vLLM",
    }),
    repaired: service({
      name: "my-inference-service",
      namespace: "my-namespace",
      predictor: repairedPredictor(
        5,
        metricLines(
          thanos,
          inFlightOf('{namespace="my-namespace",model_name="my-inference-service"}'),
          "12",
          credentials,
        ),
      ),
      modelFormat: "vLLM",
    }),
  },
  {
    id: "kserve-native-running",
    source: "KServe documentation, Autoscale InferenceService with LLM metrics",
    vllmVersion: "0.9.2",
    meant: "a replica for every two requests that run, by KServe itself",
    manifests: service({
      name: "huggingface-qwen",
      namespace: "default",
      annotations: `    serving.kserve.io/enable-prometheus-scraping: "true"
    prometheus.io/scrape: "true"
    prometheus.io/path: /metrics
    prometheus.io/port: "8080"
    prometheus.io/scheme: http
`,
      predictor: `minReplicas: 1
maxReplicas: 5
${metricLines("http://prometheus.istio-system.svc.cluster.local:9090", "vllm:num_requests_running", "2")}`,
      modelFormat: "huggingface",
    }),
    repaired: service({
      name: "huggingface-qwen",
      namespace: "default",
      predictor: repairedPredictor(
        5,
        metricLines(
          "http://prometheus.istio-system.svc.cluster.local:9090",
          inFlightOf('{namespace="default",model_name="qwen"}'),
          "2",
        ),
      ),
      modelFormat: "huggingface",
    }),
  },
  {
    id: "ai-on-openshift",
    source: "AI on OpenShift, Dynamic LLM autoscaling with KEDA and KServe, chart llama3.2-3b",
    vllmVersion: "0.11.0",
    meant: "a replica more for every two waiting requests, on up to 3 GPUs",
    manifests: service({
      name: "llama3-2-3b",
      namespace: "autoscaling-keda",
      annotations: `    prometheus.io/scrape: "true"
    prometheus.io/path: /metrics
    prometheus.io/port: "8080"
`,
      predictor: misspelled(3),
      modelFormat: "vLLM",
    }),
    repaired: service({
      name: "llama3-2-3b",
      namespace: "autoscaling-keda",
      predictor: repairedPredictor(
        3,
        metricLines(thanos, inFlightOf('{namespace="autoscaling-keda",model_name="llama3-2-3b"}'), "12", credentials),
      ),
      modelFormat: "vLLM",
    }),
  },
];
