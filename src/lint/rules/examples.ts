/** What the examples of rules about ScaledObjects have in common: one that is right in everything else. */
interface ExampleParts {
  /** Lines of `spec` before the triggers. @default explicit replicas, fallback and behaviour */
  spec?: string;
  /** Lines of the trigger beside `type`. */
  trigger?: string;
  /** Lines of the trigger's metadata beside `serverAddress`. */
  metadata?: string;
  name?: string;
  namespace?: string;
}

export const replicaLines = `minReplicaCount: 1
maxReplicaCount: 7`;
export const fallbackLines = `fallback:
  failureThreshold: 3
  replicas: 1
  behavior: currentReplicasIfHigher`;
export const behaviorLines = `advanced:
  horizontalPodAutoscalerConfig:
    behavior:
      scaleDown:
        stabilizationWindowSeconds: 300
        policies:
          - type: Percent
            value: 25
            periodSeconds: 120`;
export const specLines = [replicaLines, fallbackLines, behaviorLines].join("\n");
export const selector = `{namespace="models",model_name="llama"}`;
/** All requests of a model that are not answered yet. */
export const inFlightOf = (selected: string): string =>
  `sum(vllm:num_requests_running${selected}) + sum(vllm:num_requests_waiting${selected})`;
export const inFlightQuery = inFlightOf(selector);
export const inFlightLines = `query: ${inFlightQuery}
threshold: "5"
ignoreNullValues: "false"`;
const idleQuery = `0 * sum(vllm:num_requests_running${selector})`;
export const itlQuery = `(1000 * histogram_quantile(0.5, sum by (le) (rate(vllm:inter_token_latency_seconds_bucket${selector}[2m]))) > 0) or (${idleQuery})`;

/** A ScaledObject that no rule objects to, with parts replaced. */
export function scaledObjectExample({
  spec = specLines,
  trigger = "name: in-flight\nmetricType: AverageValue",
  metadata = inFlightLines,
  name = "llama",
  namespace = "models",
}: ExampleParts = {}): string {
  return `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  scaleTargetRef:
    name: llama-predictor
${indented(spec, 2)}
  triggers:
    - type: prometheus
${indented(trigger, 6)}
      metadata:
        serverAddress: http://prometheus-operated.monitoring.svc:9090
${indented(metadata, 8)}
`;
}

export function indented(lines: string, spaces: number): string {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => " ".repeat(spaces) + line)
    .join("\n");
}

/** One whose only trigger has a query. */
export function queryExample(query: string, threshold = "5", metricType = "AverageValue"): string {
  return scaledObjectExample({
    trigger: `name: signal\nmetricType: ${metricType}`,
    metadata: `query: ${query}\nthreshold: "${threshold}"\nignoreNullValues: "false"`,
  });
}
