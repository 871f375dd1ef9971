import { llmWorkloads } from "./kserve";
import { podOf } from "./model-server";
import type { LintContext } from "./rule";
import { scalersBeside, type Target } from "./scale-target";
import { maxReplicasOf } from "./signals/reach";
import type { LintedObject } from "./source/linted-object";

/** Whether an object is seen to mount a claim of its namespace, or has KServe mount it. */
export function mounts(object: LintedObject, claim: string): boolean {
  const location = locationOf(object);
  const volumes = podOf(object).get("volumes").items();
  return (
    location?.replace(/^pvc:\/\//, "").split("/")[0] === claim ||
    volumes.some((volume) => volume.get("persistentVolumeClaim", "claimName").text === claim)
  );
}

function locationOf(object: LintedObject): string | undefined {
  if (object.kind === "LLMInferenceService") return object.get("spec", "model", "uri").text;
  if (object.kind !== "InferenceService") return undefined;
  const model = object.get("spec", "predictor", "model");
  return model.get("storageUri").text ?? model.get("storage", "storageUri").text;
}

/** The most pods that it can have by what is written. */
export function mostReplicasOf(object: LintedObject, { objects }: LintContext): number {
  const own = ownReplicas(object).map(({ target, replicas }) => {
    const found = scalersBeside(object, target, objects).map(maxReplicasOf);
    return Math.max(replicas ?? 1, ...found);
  });
  return Math.max(...own);
}

function ownReplicas(object: LintedObject): { target: Target; replicas: number | undefined }[] {
  if (object.kind === "LLMInferenceService")
    return llmWorkloads(object).map(({ part, kind, name }) => ({
      target: { kind, name },
      replicas: part.get("scaling", "maxReplicas").number ?? part.get("replicas").number,
    }));
  const isService = object.kind === "InferenceService";
  const target = isService
    ? { kind: "Deployment", name: `${object.name}-predictor` }
    : { kind: object.kind, name: object.name };
  const replicas = isService ? object.get("spec", "predictor", "maxReplicas") : object.get("spec", "replicas");
  return [{ target, replicas: replicas.number }];
}
