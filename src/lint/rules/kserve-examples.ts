import { classAnnotation, modeAnnotation } from "../kserve";

interface ServiceParts {
  name?: string;
  annotations?: string;
  predictor?: string;
  model?: string;
  strategy?: string;
}

const strategyLines = `deploymentStrategy:
  type: RollingUpdate
  rollingUpdate:
    maxSurge: 0
    maxUnavailable: 1`;

/** An InferenceService that no rule objects to, with parts replaced. */
export function serviceExample({
  name = "llama",
  annotations,
  predictor = "",
  model = "",
  strategy = strategyLines,
}: ServiceParts = {}): string {
  const lines = (text: string, spaces: number) => (text === "" ? "" : `${text.replace(/^/gm, " ".repeat(spaces))}\n`);
  return `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: ${name}
  namespace: models
  annotations:
${lines(annotations ?? `${modeAnnotation}: Standard\n${classAnnotation}: external`, 4)}spec:
  predictor:
${lines(strategy, 4)}${lines(predictor, 4)}    model:
      modelFormat:
        name: vLLM
${lines(model, 6)}      runtime: llama
      resources:
        limits:
          nvidia.com/gpu: "1"
`;
}

export const kedaAnnotations = `${modeAnnotation}: Standard\n${classAnnotation}: keda`;

export function externalMetric(query: string, value: string, type = "Value"): string {
  return `minReplicas: 1
maxReplicas: 7
autoScaling:
  metrics:
    - type: External
      external:
        metric:
          backend: prometheus
          serverAddress: http://prometheus-operated.monitoring.svc:9090
          query: ${query}
        target:
          type: ${type}
          value: ${value}`;
}
