import { isObject, type Json, type JsonObject, ownValue } from "./json";

// How Pulumi marks values inside a protobuf Struct: github.com/pulumi/pulumi sdk/go/common/resource/{sig,plugin/rpc}.go.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A text that is not known yet. */
export const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Stands for a value that is not known yet; which one depends on the type the engine expects. */
const unknownMarkers: ReadonlySet<Json> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  unknownString,
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function isUnknown(value: Json | undefined): boolean {
  return value !== undefined && unknownMarkers.has(value);
}

export function hasUnknown(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (isObject(value)) return Object.values(value).some(hasUnknown);
  return isUnknown(value);
}

function isSecret(value: Json): boolean {
  return isObject(value) && ownValue(value, signatureKey) === secretSignature;
}

function hasSecret(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasSecret);
  if (isObject(value)) return isSecret(value) || Object.values(value).some(hasSecret);
  return false;
}

/** Marks a value, once. */
export function markSecret(value: Json): Json {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** The value without the marks of secrets. Only for what goes to the API server or is compared; never for a message. */
export function withoutSecretMarks(value: JsonObject): JsonObject {
  return mapValues(value, plain);
}

function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return isSecret(value) ? plain(value.value ?? null) : mapValues(value, plain);
}

function mapValues(object: JsonObject, map: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

/**
 * Marks as secret what was secret in the inputs, and always a Secret's data. Objects are walked, so that one secret does
 * not hide everything beside it. A list with one secret is secret as a whole, because its order may change on the way.
 */
export function withSecretMarks(values: JsonObject, inputs: JsonObject): JsonObject {
  const isSecretObject = values.kind === "Secret";
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (isSecretObject && (key === "data" || key === "stringData")) return [key, markSecret(value)];
      const input = ownValue(inputs, key);
      return [key, input === undefined ? value : marked(value, input)];
    }),
  );
}

function marked(value: Json, input: Json): Json {
  if (isSecret(value) || !hasSecret(input)) return value;
  if (isSecret(input)) return markSecret(value);
  if (isObject(value) && isObject(input)) return withSecretMarks(value, input);
  return markSecret(value);
}

/** All strings that must not appear in a message: inside secret marks, and a Secret's data in both forms. */
export function secretStrings(value: JsonObject): string[] {
  const found = new Set<string>();
  collect(value, false, found);
  return [...found];
}

function collect(value: Json, inSecret: boolean, found: Set<string>): void {
  if (typeof value === "string") {
    if (inSecret && !isUnknown(value)) found.add(value);
  } else if (typeof value === "number") {
    if (inSecret) found.add(String(value));
  } else if (Array.isArray(value)) {
    for (const each of value) collect(each, inSecret, found);
  } else if (isObject(value) && isSecret(value)) {
    collect(value.value ?? null, true, found);
  } else if (isObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      const secretData = value.kind === "Secret" && (key === "data" || key === "stringData");
      collect(each, inSecret || secretData, found);
      if (secretData && key === "data") for (const decoded of decodedData(each)) found.add(decoded);
    }
  }
}

function decodedData(data: Json): string[] {
  const plainData = plain(data);
  if (!isObject(plainData)) return [];
  return Object.values(plainData).flatMap((each) =>
    typeof each === "string" && !isUnknown(each) ? [Buffer.from(each, "base64").toString("utf8")] : [],
  );
}
