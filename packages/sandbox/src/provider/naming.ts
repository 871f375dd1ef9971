import { createHash, randomBytes } from "node:crypto";
import { at, type Json, type JsonObject, stringAt, withValue } from "./json";
import { isUnknown } from "./property-values";

/** Marks an object whose name was made here, so that a replacement may get another one. */
const autonamedAnnotation = "pulumi.com/autonamed";

/** Length of the random end of a name; the official provider uses the SDK's default. */
const suffixLength = 8;

/** What the engine says about names (`pulumi:autonaming` in the project). */
export interface Autonaming {
  mode: "disable" | "enforce" | "propose";
  proposedName: string;
}

export interface ResourceType {
  apiVersion: string;
  kind: string;
}

/** Group, version and kind in a type token such as `kubernetes:core/v1:Namespace`. @throws Error for another one. */
export function resourceType(urn: string): ResourceType {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const [, module = "", kind = ""] = type.split(":");
  const [group = "", version = "", ...more] = module.split("/");
  if (version === "" || kind === "" || more.length > 0) {
    throw new Error(`${type}: a type of this provider is kubernetes:<group>/<version>:<Kind>.`);
  }
  return { apiVersion: group === "core" ? version : `${group}/${version}`, kind };
}

/** Whether a resource changes fields of an object that others own, such as `ConfigMapPatch`. */
export function isPatchResource(urn: string, kind: string): boolean {
  return resourceType(urn).kind === `${kind}Patch`;
}

/** The resource's name in the program: what follows the third `::`, which may hold more of them. */
export function logicalName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Pulumi's id of an object: `namespace/name`, or the name alone where there is no namespace. */
export function objectId(object: JsonObject): string {
  const namespace = stringAt(object, "metadata", "namespace");
  const name = stringAt(object, "metadata", "name");
  return namespace === "" ? name : `${namespace}/${name}`;
}

export function parseObjectId(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

/** Whether the object has a name, which may not be known yet. */
export function isNamed(object: JsonObject): boolean {
  return stringAt(object, "metadata", "name") !== "";
}

export function isAutonamed(object: JsonObject): boolean {
  return stringAt(object, "metadata", "annotations", autonamedAnnotation) === "true";
}

/**
 * Names an object that has no name: after its resource with a random end, or as the engine wants it.
 * @throws Error when the project forbids automatic names.
 */
export function withNewName(
  object: JsonObject,
  urn: string,
  seed: Uint8Array,
  autonaming: Autonaming | undefined,
): JsonObject {
  if (!canBeNamed(object)) return object;
  if (autonaming?.mode === "disable") {
    throw new Error("autonaming is disabled, resource requires the .metadata.name field to be set");
  }
  return withAutomaticName(object, autonaming?.proposedName || `${logicalName(urn)}-${randomSuffix(seed)}`);
}

/** Keeps the name that was made earlier for an object that still has none in the program. */
export function withEarlierName(object: JsonObject, earlier: JsonObject): JsonObject {
  if (!canBeNamed(object) || !isAutonamed(earlier)) return object;
  return withAutomaticName(object, stringAt(earlier, "metadata", "name"));
}

function canBeNamed(object: JsonObject): boolean {
  return !isNamed(object) && stringAt(object, "metadata", "generateName") === "" && !isUnknown(object.metadata);
}

function withAutomaticName(object: JsonObject, name: string): JsonObject {
  const named = withValue(object, ["metadata", "name"], name);
  const annotations: Json | undefined = at(object, "metadata", "annotations");
  return isUnknown(annotations) ? named : withValue(named, ["metadata", "annotations", autonamedAnnotation], "true");
}

/** The same for the same seed, so that an update makes the name its preview showed. */
function randomSuffix(seed: Uint8Array): string {
  const bytes = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(suffixLength);
  return bytes.toString("hex").slice(0, suffixLength);
}

/** Name under which this provider owns the fields of one object in server-side apply; kept in its state. */
export function newFieldManager(): string {
  return `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}
