import type { LintedObject } from "./source/linted-object";

export const classAnnotation = "serving.kserve.io/autoscalerClass";
export const modeAnnotation = "serving.kserve.io/deploymentMode";

/** How KServe deploys an InferenceService, the older spellings included; `undefined` where its own configuration says so. */
export function modeOf(service: LintedObject): "Standard" | "Knative" | undefined {
  const mode = service.annotation(modeAnnotation).text;
  if (mode === "Standard" || mode === "RawDeployment") return "Standard";
  return mode === "Knative" || mode === "Serverless" ? "Knative" : undefined;
}
