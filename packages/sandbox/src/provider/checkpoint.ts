import { isObject, type JsonObject, ownValue, stringAt } from "./json";
import { withoutSecretMarks, withSecretMarks } from "./property-values";

// Keys of the official provider, so that a state made by one can be read by the other.
const inputsKey = "__inputs";
const initialApiVersionKey = "__initialApiVersion";
const fieldManagerKey = "__fieldManager";

/** What the state of a resource holds: the live object, and how it came to be. */
export interface Checkpoint {
  live: JsonObject;
  inputs: JsonObject;
  initialApiVersion: string;
  fieldManager: string | undefined;
}

/** The state as outputs: the live object's fields, and beside them the inputs. Secrets are marked as in `markedInputs`. */
export function checkpointState(checkpoint: Checkpoint, markedInputs: JsonObject): JsonObject {
  return {
    ...asProperties(checkpoint.live, markedInputs),
    [inputsKey]: asProperties(checkpoint.inputs, markedInputs),
    [initialApiVersionKey]: checkpoint.initialApiVersion,
    ...(checkpoint.fieldManager !== undefined && { [fieldManagerKey]: checkpoint.fieldManager }),
  };
}

export function parseCheckpoint(state: JsonObject): Checkpoint {
  const {
    [inputsKey]: inputs,
    [initialApiVersionKey]: version,
    [fieldManagerKey]: manager,
    ...live
  } = renamedKeys(withoutSecretMarks(state), toDash);
  const oldInputs = isObject(inputs) ? inputs : {};
  return {
    live,
    inputs: oldInputs,
    initialApiVersion: typeof version === "string" ? version : stringAt(oldInputs, "apiVersion"),
    fieldManager: typeof manager === "string" ? manager : undefined,
  };
}

/** An object as Pulumi's properties, with secrets marked as in `markedInputs`. */
export function asProperties(object: JsonObject, markedInputs: JsonObject): JsonObject {
  return withSecretMarks(renamedKeys(object, toUnderscore), markedInputs);
}

/** Inputs as they go to the API server. */
export function plainInputs(properties: JsonObject): JsonObject {
  return renamedKeys(withoutSecretMarks(properties), toDash);
}

/** The SDKs cannot have a dash in a property's name, so a schema's `x-kubernetes-` keys have underscores there. */
const dashedKeys = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];
const toUnderscore = new Map(dashedKeys.map((key) => [key, key.replaceAll("-", "_")]));
const toDash = new Map(dashedKeys.map((key) => [key.replaceAll("-", "_"), key]));

function renamedKeys(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(
    Object.keys(object).map((key) => {
      const value = ownValue(object, key) ?? null;
      const renamed = Array.isArray(value)
        ? value.map((each) => (isObject(each) ? renamedKeys(each, names) : each))
        : isObject(value)
          ? renamedKeys(value, names)
          : value;
      return [names.get(key) ?? key, renamed];
    }),
  );
}
