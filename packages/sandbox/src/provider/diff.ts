import { equalJson, isObject, type Json, type JsonObject, ownValue } from "./json";
import { formatPropertyPath, leadsTo, type PropertyPath, parsePropertyPath } from "./property-path";
import { isUnknown } from "./property-values";

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

/** Change of one property, as Pulumi's detailed diff has it. */
export interface PropertyChange {
  kind: DiffKind;
  /** The change is between old and new inputs, because the new ones no longer have the property. */
  inputDiff: boolean;
}

export interface DiffOptions {
  /** Paths whose change needs a new object. */
  replacedOn: readonly string[];
  ignoreChanges: readonly string[];
  /** Inputs the last update was made with; given for kinds whose empty values the API server drops. */
  inputsBefore?: JsonObject;
}

/**
 * What of a live object a program gave: the live value of every property the inputs have, lists element by element.
 * Comparing this with new inputs shows what changed in the cluster too, and leaves out what the cluster filled in.
 */
export function pruneToShape(live: JsonObject, inputs: JsonObject): JsonObject {
  const kept = Object.entries(live).filter(([key]) => Object.hasOwn(inputs, key));
  return Object.fromEntries(kept.map(([key, value]) => [key, pruneValue(value, inputs[key])]));
}

function pruneValue(live: Json, input: Json | undefined): Json {
  if (isObject(live) && isObject(input)) return pruneToShape(live, input);
  if (!Array.isArray(live) || !Array.isArray(input)) return live;
  const [firstLive] = live;
  const [firstInput] = input;
  if (firstLive === undefined || firstInput === undefined) return [];
  if (isObject(firstLive) !== isObject(firstInput)) return live;
  return live.slice(0, input.length).map((each, i) => pruneValue(each, input[i]));
}

/**
 * Values the API server does not keep: false, zero, the empty string, null, empty lists and objects. A live object
 * without them is equal to inputs with them.
 */
function isEmptyValue(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === false || value === 0 || value === "" || value === null;
}

/** The changed properties by path. Ignored paths are left out. */
export function detailedDiff(before: JsonObject, after: JsonObject, options: DiffOptions): Map<string, PropertyChange> {
  const replacedOn = options.replacedOn.map(parsePropertyPath);
  const ignored = options.ignoreChanges.map(parsePropertyPath);
  const changes = new Map<string, PropertyChange>();
  for (const { path, kind, value } of changedProperties(before, after, options.inputsBefore, [])) {
    if (ignored.some((each) => leadsTo(each, path))) continue;
    const replaces = replacedOn.some(
      (each) => leadsTo(each, path) || (value !== undefined && contains(path, value, each)),
    );
    changes.set(formatPropertyPath(path), {
      kind: replaces ? `${kind}-replace` : kind,
      inputDiff: kind === "delete",
    });
  }
  return changes;
}

interface ChangedProperty {
  path: PropertyPath;
  kind: "add" | "delete" | "update";
  /** The new value; while that is not known yet the old one, all of which may be about to change. */
  value?: Json;
}

/** Whether a value at a path holds something at a longer path. */
function contains(path: PropertyPath, value: Json, longer: PropertyPath): boolean {
  if (!leadsTo(path, longer)) return false;
  let current: Json | undefined = value;
  for (const step of longer.slice(path.length)) {
    current = isObject(current) && typeof step === "string" ? ownValue(current, step) : undefined;
  }
  return current !== undefined;
}

function changedProperties(
  before: JsonObject,
  after: JsonObject,
  inputs: Json | undefined,
  path: PropertyPath,
): ChangedProperty[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].flatMap((key) =>
    changedValue(ownValue(before, key), ownValue(after, key), isObject(inputs) ? ownValue(inputs, key) : undefined, [
      ...path,
      key,
    ]),
  );
}

function changedValue(
  before: Json | undefined,
  after: Json | undefined,
  inputs: Json | undefined,
  path: PropertyPath,
): ChangedProperty[] {
  if (equalJson(before, after)) return [];
  if (after === undefined || (after === null && !isUnknown(after))) return [{ path, kind: "delete" }];
  if (before === undefined) {
    const droppedByServer = isEmptyValue(after) && equalJson(inputs, after);
    return droppedByServer ? [] : [{ path, kind: "add", value: after }];
  }
  if (isObject(before) && isObject(after)) return changedProperties(before, after, inputs, path);
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) =>
      changedValue(before[i], after[i], Array.isArray(inputs) ? inputs[i] : undefined, [...path, i]),
    ).flat();
  }
  return [{ path, kind: "update", value: isUnknown(after) ? before : after }];
}

/** The pruned live values, and the inputs' empty ones that the API server dropped: these are no drift. */
export function withDroppedValues(pruned: JsonObject, inputs: JsonObject): JsonObject {
  const dropped = Object.entries(inputs).filter(([key, value]) => !Object.hasOwn(pruned, key) && isEmptyValue(value));
  const kept = Object.entries(pruned).map(([key, value]): [string, Json] => [key, withDropped(value, inputs[key])]);
  return Object.fromEntries([...kept, ...dropped]);
}

function withDropped(pruned: Json, input: Json | undefined): Json {
  if (isObject(pruned) && isObject(input)) return withDroppedValues(pruned, input);
  if (Array.isArray(pruned) && Array.isArray(input)) return pruned.map((each, i) => withDropped(each, input[i]));
  return pruned;
}
