import type { ObjectSet } from "./object-set";
import type { Field } from "./source/field";
import type { LintedObject } from "./source/linted-object";

export const classAnnotation = "serving.kserve.io/autoscalerClass";
export const modeAnnotation = "serving.kserve.io/deploymentMode";

/** How KServe deploys an InferenceService, the older spellings included; `undefined` where its own configuration says so. */
export function modeOf(service: LintedObject): "Standard" | "Knative" | undefined {
  const mode = service.annotation(modeAnnotation).text;
  if (mode === "Standard" || mode === "RawDeployment") return "Standard";
  return mode === "Knative" || mode === "Serverless" ? "Knative" : undefined;
}

/** A workload of an LLMInferenceService: decoding, or prefilling apart from it. */
export interface LlmWorkload {
  /** What describes it: `spec` or `spec.prefill`. */
  part: Field;
  /** What KServe makes of it, and scales. */
  kind: "Deployment" | "LeaderWorkerSet";
  name: string;
}

/** Source: kserve/kserve pkg/controller/v1alpha2/llmisvc, mainDeploymentName, mainLWSName and those of prefill. */
export function llmWorkloads(service: LintedObject): LlmWorkload[] {
  const decode = workload(service.get("spec"), "");
  const prefill = service.get("spec", "prefill");
  return prefill.exists ? [decode, workload(prefill, "-prefill")] : [decode];
}

function workload(part: Field, suffix: string): LlmWorkload {
  const { name } = part.object;
  return part.get("worker").exists
    ? { part, kind: "LeaderWorkerSet", name: `${name}-kserve-mn${suffix}` }
    : { part, kind: "Deployment", name: `${name}-kserve${suffix}` };
}

/** The LLMInferenceService whose workload is called so, or would be if KServe made one of this kind. */
export function llmServiceOf(name: string, { namespace }: LintedObject, objects: ObjectSet): LintedObject | undefined {
  const base = name.replace(/-kserve(-mn)?(-prefill)?$/, "");
  return base === name ? undefined : objects.find("LLMInferenceService", namespace, base);
}
