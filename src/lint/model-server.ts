import type { Field } from "./source/field";
import type { LintedObject } from "./source/linted-object";

/** Images with vLLM in their name that serve no model: what stands before the engines, counts for them, or only plays them. */
export const besideTheEngine = /router|gateway|proxy|exporter|metrics|\bsim\b|simulator|mock|controller|operator/i;

/** Arguments that only a model server takes. */
const serverArgument = /^--(served[-_]model[-_]name|max[-_]model[-_]len|tensor[-_]parallel[-_]size)\b/;
/** The same, and what an engine takes that is in an image of vLLM. */
const engineArgument = new RegExp(`${serverArgument.source}|^--model\\b|api_server`);

/** Containers that run vLLM, wherever pods are described. */
export function vllmContainers(object: LintedObject): Field[] {
  return podOf(object).get("containers").items().filter(runsVllm);
}

/** Whether the containers of a workload serve a model, by vLLM or by another server with its arguments. */
export function podsServeModels(object: LintedObject): boolean {
  return podOf(object)
    .get("containers")
    .items()
    .some((container) => runsVllm(container) || wordsOf(container).some((word) => serverArgument.test(word)));
}

/** Where the pods of an object are described: of workloads, KServe's runtimes, Knative's Services, and Pods. */
export function podOf(object: LintedObject): Field {
  if (object.kind === "ServingRuntime" || object.kind === "ClusterServingRuntime" || object.kind === "Pod")
    return object.get("spec");
  if (object.kind === "LeaderWorkerSet") return object.get("spec", "leaderWorkerTemplate", "workerTemplate", "spec");
  return object.get("spec", "template", "spec");
}

export function runsVllm(container: Field): boolean {
  const image = (container.get("image").scalarText ?? "").replace(/(:[^/]*|@.*)$/, "");
  const name = image.split("/").at(-1) ?? "";
  if (besideTheEngine.test(name)) return false;
  const words = wordsOf(container);
  if (/(^|[\s/])vllm\s+serve\b|\bvllm\.entrypoints\b/.test(words.join(" "))) return true;
  // The project's own image starts the server, whatever its arguments are.
  if (/vllm-openai/.test(name)) return true;
  return /vllm/i.test(image) && (usesGpu(container) || words.some((word) => engineArgument.test(word)));
}

function wordsOf(container: Field): string[] {
  return [...container.get("command").items(), ...container.get("args").items()].map(
    ({ scalarText }) => scalarText ?? "",
  );
}

/** Whether a container is given a GPU, of whatever vendor. */
export function usesGpu(container: Field): boolean {
  return ["limits", "requests"].some((kind) =>
    container
      .get("resources", kind)
      .keys()
      .some((key) => key.endsWith("/gpu")),
  );
}
