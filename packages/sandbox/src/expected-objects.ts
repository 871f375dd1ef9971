import type { Configuration, ModelConfiguration } from "vllm-serving/config";

/**
 * What models expect to find and a new sandbox has not, a line each: without them the pods are not let in, or do not start. A configuration
 * for the sandbox keeps their names, so they are to be made first.
 */
export function expectedObjects({ models }: Pick<Configuration, "models">): string[] {
  const lines = models.flatMap((model) => [...namespaceOf(model, models), ...objectsOf(model)]);
  return [...new Set(lines)];
}

function namespaceOf({ namespace }: ModelConfiguration, models: readonly ModelConfiguration[]): string[] {
  const made = models.some((other) => other.namespace === namespace && other.createNamespace === true);
  return made ? [] : [`Namespace ${namespace}`];
}

function objectsOf(model: ModelConfiguration): string[] {
  const { namespace, weights, apiKey, compileCacheClaim, priorityClassName, runtime } = model;
  const named: [kind: string, name: string | undefined][] = [
    ["PersistentVolumeClaim", weights.existingClaim],
    ["Secret", weights.connection?.name],
    ["Secret", apiKey?.name],
    ["PersistentVolumeClaim", compileCacheClaim],
    ["ServingRuntime", runtime?.name],
  ];
  return [
    ...named.flatMap(([kind, name]) => (name === undefined ? [] : [`${kind} ${namespace}/${name}`])),
    ...(priorityClassName === undefined ? [] : [`PriorityClass ${priorityClassName}`]),
  ];
}
