import { selectorLabels } from "./labels";
import { fitName, inferenceServiceName } from "./naming";
import { PredictorClass, ServingBackend, serverDefaults } from "./vllm-server-options";

/** The Deployment behind a server, whoever makes it. */
export interface Workload {
  /** What an autoscaler scales. */
  deploymentName: string;
  /** Labels that select its pods. They must never change. */
  podLabels: Record<string, string>;
}

/** Whether KServe makes the pods. */
export function usesKServe({ backend }: { backend?: ServingBackend | undefined }): boolean {
  return (backend ?? serverDefaults.backend) === ServingBackend.KServe;
}

/** Whether KServe makes a Knative Service instead of a Deployment. */
export function usesKnative({ predictor }: { predictor?: { class: PredictorClass } | undefined }): boolean {
  return predictor?.class === PredictorClass.Knative;
}

export function workload(name: string, backend: ServingBackend | undefined): Workload {
  if (!usesKServe({ backend })) {
    return { deploymentName: fitName(name), podLabels: selectorLabels(name) };
  }
  const inferenceService = inferenceServiceName(name);
  return {
    // kserve/kserve, `PredictorServiceName`, and the labels of `buildObjectMeta`.
    deploymentName: `${inferenceService}-predictor`,
    podLabels: { "serving.kserve.io/inferenceservice": inferenceService, component: "predictor" },
  };
}
