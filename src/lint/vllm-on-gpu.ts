import { podOf, runsVllm, usesGpu, vllmContainers } from "./model-server";
import type { LintContext } from "./rule";
import { targetOf } from "./scale-target";
import type { Field } from "./source/field";
import type { LintedObject } from "./source/linted-object";

/** Whether an object, or what a policy scales, is seen to be vLLM on GPUs. What is not among the objects is not seen. */
export function isVllmOnGpu(object: LintedObject, context: LintContext): boolean {
  if (object.kind === "InferenceService") return servesOnGpu(object, context);
  const { objects } = context;
  const target = targetOf(object);
  if (target === undefined) return false;
  const { kind, name } = target;
  const workload = objects.find(kind, object.namespace, name);
  if (workload !== undefined && vllmContainers(workload).some(usesGpu)) return true;
  const service = name.endsWith("-predictor")
    ? objects.find("InferenceService", object.namespace, name.slice(0, -"-predictor".length))
    : undefined;
  return service !== undefined && servesOnGpu(service, context);
}

/** Whether an InferenceService says so, or the runtime that it names. */
function servesOnGpu(service: LintedObject, { objects }: LintContext): boolean {
  const predictor = service.get("spec", "predictor");
  const model = predictor.get("model");
  const runtime = model.get("runtime").text;
  const pods: Field[] = [predictor];
  if (runtime !== undefined) {
    const found = ["ServingRuntime", "ClusterServingRuntime"].map((kind) => objects.findNear(service, kind, runtime));
    pods.push(...found.flatMap((pod) => (pod === undefined ? [] : [podOf(pod)])));
  }
  const containers = pods.flatMap((pod) => pod.get("containers").items());
  const isVllm = model.get("modelFormat", "name").text?.toLowerCase() === "vllm" || containers.some(runsVllm);
  return isVllm && [model, ...containers].some(usesGpu);
}
