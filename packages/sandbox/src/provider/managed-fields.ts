import { isConflict } from "./api-error";
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  objectsAt,
  ownValue,
  stringAt,
  withoutValue,
  withValue,
} from "./json";
import { parsePropertyPath } from "./property-path";

/**
 * Field manager of client-side creates. A static name, so that the first update can hand its fields over to the manager
 * of that object.
 */
export const creatingFieldManager = "pulumi-kubernetes";

const conflictHelp =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/" +
  "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";

/** Managers whose fields an update takes over: earlier kubectl and Pulumi, by name prefix and operation. */
const takenOver = [
  { prefix: "kubectl", operation: "Apply" },
  { prefix: "kubectl", operation: "Update" },
  { prefix: "before-first-apply", operation: "Update" },
  { prefix: "pulumi-kubernetes", operation: "Update" },
  { prefix: "pulumi-resource-kubernetes", operation: "Update" },
];

/**
 * A JSON patch that gives a manager the fields of those it takes over; undefined when there are none. Without it the
 * first server-side apply would share every field with the create, and could never remove one.
 */
export function takeOverPatch(live: JsonObject, manager: string): Json[] | undefined {
  const entries = objectsAt(live, "metadata", "managedFields");
  const taken = entries.filter(isTakenOver);
  if (taken.length === 0) return undefined;
  const own = entries.find((entry) => isAppliedBy(entry, manager));
  const [first] = taken;
  const base = own ?? { ...first, manager, operation: "Apply" };
  const fields = [base, ...taken].map((entry) => at(entry, "fieldsV1")).filter(isObject);
  const merged = { ...base, fieldsV1: fields.reduce(mergeFields, {}) };
  const others = entries.filter((entry) => entry !== own && !taken.includes(entry));
  return [
    { op: "replace", path: "/metadata/managedFields", value: [...others, merged] },
    { op: "replace", path: "/metadata/resourceVersion", value: stringAt(live, "metadata", "resourceVersion") },
  ];
}

function isTakenOver(entry: JsonObject): boolean {
  return (
    stringAt(entry, "subresource") === "" &&
    takenOver.some(
      ({ prefix, operation }) => stringAt(entry, "manager").startsWith(prefix) && entry.operation === operation,
    )
  );
}

function isAppliedBy(entry: JsonObject, manager: string): boolean {
  return entry.manager === manager && entry.operation === "Apply";
}

function mergeFields(into: JsonObject, from: JsonObject): JsonObject {
  const merged = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const present = ownValue(merged, key);
    merged[key] = isObject(present) && isObject(value) ? mergeFields(present, value) : value;
  }
  return merged;
}

/**
 * The inputs with ignored fields as server-side apply needs them: left out where only somebody else owns the field (an
 * autoscaler that set the replicas), at the live value where this manager owns it, since leaving it out would reset it.
 * Fields inside lists stay as the engine gave them.
 */
export function withIgnoredFields(
  inputs: JsonObject,
  live: JsonObject,
  ignoreChanges: readonly string[],
  manager: string,
): JsonObject {
  const entries = objectsAt(live, "metadata", "managedFields");
  const ours = entries.filter((entry) => entry.manager === manager);
  const theirs = entries.filter((entry) => entry.manager !== manager);
  return ignoreChanges.reduce((object, ignored) => {
    const path = parsePropertyPath(ignored).filter((step): step is string => typeof step === "string" && step !== "*");
    if (path.length !== parsePropertyPath(ignored).length) return object;
    if (owns(theirs, path) && !owns(ours, path)) return withoutValue(object, path);
    const value = at(live, ...path);
    return value === undefined ? object : withValue(object, path, value);
  }, inputs);
}

function owns(entries: JsonObject[], path: readonly string[]): boolean {
  return entries.some((entry) => at(entry, "fieldsV1", ...path.map((step) => `f:${step}`)) !== undefined);
}

/** Whether an apply overwrites the fields of other managers. */
export function forcesConflicts(options: {
  inputs: JsonObject;
  /** None before the object was made. */
  live?: JsonObject;
  enablePatchForce: boolean;
  preview: boolean;
}): boolean {
  if (stringAt(options.inputs, "metadata", "annotations", "pulumi.com/patchForce") === "true") return true;
  if (options.enablePatchForce) return true;
  // A replacement is previewed while the old object is still there.
  if (options.live === undefined) return options.preview;
  const entries = objectsAt(options.live, "metadata", "managedFields");
  // A preview takes no fields over, so it would conflict with the create.
  if (options.preview && entries.some((entry) => isTakenOver(entry) && isPulumi(entry))) return true;
  return entries.length === 0;
}

function isPulumi(entry: JsonObject): boolean {
  return stringAt(entry, "manager").startsWith("pulumi-");
}

/** What the official provider says of a field that others own. */
export function explainedConflict(error: unknown, fieldManager: string): unknown {
  if (!isConflict(error) || !(error instanceof Error)) return error;
  return new Error(
    `server-side apply field conflict detected, see ${conflictHelp} for troubleshooting help\n` +
      `The resource managed by field manager "${fieldManager}" had an apply conflict: ${error.message}`,
  );
}
