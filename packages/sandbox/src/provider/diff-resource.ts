import { parseCheckpoint, plainInputs } from "./checkpoint";
import { detailedDiff, type PropertyChange, pruneToShape } from "./diff";
import { type JsonObject, stringAt, withoutValue, withValue } from "./json";
import { identityPaths, kindFacts, type Mutability, replacingPaths } from "./kinds";
import { isAutonamed, isNamed } from "./naming";
import { normalizeInputs } from "./normalize";
import { isUnknown } from "./property-values";

export interface ResourceDiff {
  changes: Map<string, PropertyChange>;
  /** Why the object is replaced: paths of changes, and the annotation that asks for it. */
  replaces: string[];
  deleteBeforeReplace: boolean;
}

/**
 * What an update would change: new inputs against what the cluster last had of the old ones. A replacement deletes the
 * old object first when both would have the same name, because the name is the program's.
 */
export function diffResource(options: {
  olds: JsonObject;
  news: JsonObject;
  ignoreChanges: readonly string[];
  namespaced: boolean;
  mutability: Mutability;
  /** The object changes fields of somebody else's; those can always be changed in place. */
  isPatch?: boolean;
  /** The annotation `pulumi.com/replaceUnready` asks for a new object. */
  replaceUnready?: boolean;
}): ResourceDiff {
  const checkpoint = parseCheckpoint(options.olds);
  const { live } = checkpoint;
  const oldInputs = normalizeInputs(checkpoint.inputs);
  const news = withCanonicalNamespace(normalizeInputs(plainInputs(options.news)), options.namespaced);
  const pruned = withoutValue(pruneToShape(live, oldInputs), ["metadata", "resourceVersion"]);
  const placed = withCanonicalNamespace(pruned, options.namespaced);
  const before = isNamed(news) ? withValue(placed, ["metadata", "name"], stringAt(live, "metadata", "name")) : placed;

  const apiVersion = stringAt(news, "apiVersion");
  const kind = stringAt(news, "kind");
  const changes = detailedDiff(before, news, {
    replacedOn: options.isPatch
      ? identityPaths
      : replacingPaths(apiVersion, kind, news.immutable === true, options.mutability),
    ignoreChanges: options.ignoreChanges,
    ...(kindFacts(apiVersion, kind) !== undefined && { inputsBefore: oldInputs }),
  });
  const replaces = [...changes].filter(([, change]) => change.kind.endsWith("-replace")).map(([path]) => path);
  if (options.replaceUnready) replaces.push('.metadata.annotations["pulumi.com/replaceUnready"]');
  return {
    changes,
    replaces,
    deleteBeforeReplace: replaces.length > 0 && keepsGivenName(news, live),
  };
}

function keepsGivenName(news: JsonObject, live: JsonObject): boolean {
  return (
    isNamed(news) &&
    !isAutonamed(news) &&
    stringAt(news, "metadata", "name") === stringAt(live, "metadata", "name") &&
    stringAt(news, "metadata", "namespace") === stringAt(live, "metadata", "namespace")
  );
}

/** So that an object without a namespace equals one in `default`. */
function withCanonicalNamespace(object: JsonObject, namespaced: boolean): JsonObject {
  if (isUnknown(object.metadata)) return object;
  if (!namespaced) return withoutValue(object, ["metadata", "namespace"]);
  return withValue(object, ["metadata", "namespace"], stringAt(object, "metadata", "namespace") || "default");
}
