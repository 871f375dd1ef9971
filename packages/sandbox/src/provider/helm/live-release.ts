import { parseAllDocuments } from "yaml";
import { isObject, type Json, type JsonObject, stringAt, toJsonObject } from "../json";
import { HelmError, type HelmOptions, helm } from "./helm-command";

/** What Helm keeps of an installed release. */
export interface LiveRelease {
  /** As the resource's output `status`. */
  status: JsonObject;
  /** The values it was given. */
  values: JsonObject;
  /** Names of its objects by kind and version. */
  resourceNames: JsonObject;
}

/** Undefined when there is no such release. */
export async function findRelease(
  name: string,
  namespace: string,
  options: HelmOptions,
): Promise<LiveRelease | undefined> {
  const get = (what: string, ...flags: string[]) =>
    helm(["get", what, name, "--namespace", namespace, ...flags], options);
  try {
    const [metadata, values, manifest] = await Promise.all([
      get("metadata", "--output", "json"),
      get("values", "--output", "json"),
      get("manifest"),
    ]);
    return {
      status: statusOf(toJsonObject(JSON.parse(metadata))),
      values: toJsonObject(JSON.parse(values)),
      resourceNames: resourceNamesIn(manifest),
    };
  } catch (error) {
    if (error instanceof HelmError && error.message.includes("release: not found")) return undefined;
    throw error;
  }
}

function statusOf(metadata: JsonObject): JsonObject {
  const { appVersion = "", chart = "", name = "", namespace = "", revision = 0, status = "", version = "" } = metadata;
  return { appVersion, chart, name, namespace, revision, status, version };
}

/** Names by `Kind.group/apiVersion`, with the namespace where the chart gives one. */
export function resourceNamesIn(manifest: string): JsonObject {
  const names = new Map<string, Set<string>>();
  for (const document of parseAllDocuments(manifest)) {
    const object: Json = toJsonObject(document.toJS());
    const [apiVersion, kind] = [stringAt(object, "apiVersion"), stringAt(object, "kind")];
    if (kind === "") continue;
    const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
    const key = `${kind}${group}/${apiVersion}`;
    const namespace = stringAt(object, "metadata", "namespace");
    const name = stringAt(object, "metadata", "name");
    names.set(key, (names.get(key) ?? new Set()).add(namespace === "" ? name : `${namespace}/${name}`));
  }
  return Object.fromEntries([...names].map(([key, each]) => [key, [...each].sort()]));
}

/** The values of the second over those of the first, object by object. */
export function mergedValues(first: JsonObject, second: JsonObject): JsonObject {
  const merged = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const present = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isObject(present) && isObject(value) ? mergedValues(present, value) : value;
  }
  return merged;
}
