import { at, isObject, type Json, type JsonObject, stringAt, withoutValue } from "./json";
import { kindFacts } from "./kinds";
import { hasUnknown } from "./property-values";
import { canonicalQuantity } from "./quantity";

/** Set by the API server; the official provider drops them from inputs. */
const readOnlyMetadata = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** Keys whose values are quantities by name, in the kinds of this provider. */
const quantityMaps = new Set(["limits", "requests", "capacity"]);
const quantityFields = new Set(["sizeLimit"]);

/**
 * The inputs in the form the API server gives them back in, so that equal objects compare as equal: quantities, a
 * Secret's `stringData` as `data`, no nulls and no read-only metadata. The official provider passes built-in kinds through
 * their Go types for this. Custom resources stay as they are. Nothing but metadata is touched while a value is unknown.
 */
export function normalizeInputs(inputs: JsonObject): JsonObject {
  return withoutReadOnlyMetadata(hasUnknown(inputs) ? inputs : normalizeKind(inputs));
}

export function withoutReadOnlyMetadata(object: JsonObject): JsonObject {
  return readOnlyMetadata.reduce((rest, key) => withoutValue(rest, ["metadata", key]), object);
}

function normalizeKind(inputs: JsonObject): JsonObject {
  const apiVersion = stringAt(inputs, "apiVersion");
  const kind = stringAt(inputs, "kind");
  if (kindFacts(apiVersion, kind) === undefined) return inputs;
  if (kind === "CustomResourceDefinition") return normalizeDefinition(inputs);
  const object = withoutNulls(inputs);
  if (kind === "Secret") return normalizeSecret(object);
  if (kind === "ConfigMap") return object;
  return withCanonicalQuantities(object);
}

function normalizeDefinition(inputs: JsonObject): JsonObject {
  const rest = withoutValue(inputs, ["status"]);
  return at(rest, "spec", "preserveUnknownFields") === false
    ? withoutValue(rest, ["spec", "preserveUnknownFields"])
    : rest;
}

function normalizeSecret(inputs: JsonObject): JsonObject {
  const { stringData, data, ...rest } = inputs;
  const encoded = Object.fromEntries(
    Object.entries(isObject(data) ? data : {}).map(([key, value]) => [key, canonicalBase64(value)]),
  );
  if (!isObject(stringData) || Object.keys(stringData).length === 0) {
    return { ...rest, ...(data !== undefined && { data: encoded }), ...(stringData !== undefined && { stringData }) };
  }
  for (const [key, value] of Object.entries(stringData)) {
    encoded[key] = typeof value === "string" ? Buffer.from(value, "utf8").toString("base64") : value;
  }
  return { ...rest, data: encoded };
}

function canonicalBase64(value: Json): Json {
  if (typeof value !== "string") return value;
  const text = value.replaceAll(/[\r\n]/g, "");
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) ? text : value;
}

function withoutNulls(object: JsonObject): JsonObject {
  const kept = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutNullsIn(value)]));
}

function withoutNullsIn(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNullsIn);
  return isObject(value) ? withoutNulls(value) : value;
}

function withCanonicalQuantities(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      if (quantityMaps.has(key) && isObject(value)) {
        return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, quantity(each)]))];
      }
      if (quantityFields.has(key)) return [key, quantity(value)];
      if (Array.isArray(value)) {
        return [key, value.map((each) => (isObject(each) ? withCanonicalQuantities(each) : each))];
      }
      return [key, isObject(value) ? withCanonicalQuantities(value) : value];
    }),
  );
}

function quantity(value: Json): Json {
  return typeof value === "string" || typeof value === "number" ? canonicalQuantity(String(value)) : value;
}
