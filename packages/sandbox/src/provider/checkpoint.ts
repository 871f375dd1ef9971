import { isObject, type JsonObject, ownValue, stringAt } from "./json";
import { secretStrings, withoutSecretMarks, withSecretMarks } from "./property-values";

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
    ...withSecretMarks(renamedKeys(checkpoint.live, toUnderscore), markedInputs),
    [inputsKey]: withSecretMarks(renamedKeys(checkpoint.inputs, toUnderscore), markedInputs),
    [initialApiVersionKey]: checkpoint.initialApiVersion,
    ...(checkpoint.fieldManager !== undefined && { [fieldManagerKey]: checkpoint.fieldManager }),
  };
}

/** Inputs as Pulumi's properties, with secrets marked as in `markedInputs`. */
export function asInputs(object: JsonObject, markedInputs: JsonObject): JsonObject {
  return withSecretMarks(object, markedInputs);
}

/**
 * What must not appear in a message about a state. Its live object marks more than what is secret, so the inputs decide;
 * a Secret's live data count too.
 */
export function secretsOfState(state: JsonObject): string[] {
  const inputs = state[inputsKey];
  const liveSecret = state.kind === "Secret" ? state : {};
  return [...secretStrings(isObject(inputs) ? inputs : {}), ...secretStrings(liveSecret)];
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
