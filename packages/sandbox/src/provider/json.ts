/** A JSON value, which is what Kubernetes objects and Pulumi's property values are on the wire. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Takes over a value of unknown type as JSON; what JSON cannot hold is left out. */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object") return null;
  return toJsonObject(value);
}

/** @throws nothing: what is not an object is an empty one. */
export function toJsonObject(value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, toJson(each)]));
}

/** The value at a path of keys and indexes, or undefined where it ends early. */
export function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  let current = value;
  for (const step of path) {
    if (Array.isArray(current)) current = typeof step === "number" ? current[step] : undefined;
    else if (isObject(current) && typeof step === "string") current = ownValue(current, step);
    else return undefined;
  }
  return current;
}

/** A key of the object itself: `constructor` is a valid name in a ConfigMap. */
export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The string at a path; empty when there is none, as Kubernetes' own accessors say it. */
export function stringAt(value: Json | undefined, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

export function numberAt(value: Json | undefined, ...path: (string | number)[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The objects in the list at a path. */
export function objectsAt(value: Json | undefined, ...path: (string | number)[]): JsonObject[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter(isObject) : [];
}

export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, i) => equalJson(each, b[i]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]))
    );
  }
  return a === b;
}

/** A copy with the value at a path of keys set; objects on the way are made where there are none. */
export function withValue(object: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const child = ownValue(object, key);
  return { ...object, [key]: rest.length === 0 ? value : withValue(isObject(child) ? child : {}, rest, value) };
}

/** A copy without the value at a path of keys. */
export function withoutValue(object: JsonObject, path: readonly string[]): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined || !Object.hasOwn(object, key)) return object;
  if (rest.length === 0) {
    const { [key]: _removed, ...others } = object;
    return others;
  }
  const child = object[key];
  return isObject(child) ? { ...object, [key]: withoutValue(child, rest) } : object;
}
