import { Secret } from "@pulumi/policy";
import { asset } from "@pulumi/pulumi";
import { unknownValue } from "vllm-serving/lint";

type Properties = Readonly<Record<string, unknown>>;

/** `kubernetes:keda.sh/v1alpha1:ScaledObject` */
const kubernetesType = /^kubernetes:(?!helm\.sh|kustomize|yaml)([^:]+):(\w+)$/;

/**
 * The kind of object in a cluster that a resource is; `undefined` for charts and releases, and for patches, which are parts of
 * objects.
 */
export function kubernetesKind(type: string): string | undefined {
  const kind = kubernetesType.exec(type)?.[2];
  return kind?.endsWith("Patch") ? undefined : kind;
}

/**
 * The properties of a resource as the API server would read them.
 *
 * What a deployment has yet to compute, and what is secret, becomes unknown: no rule looks at it, so no message can tell it.
 */
export function kubernetesObject(type: string, properties: Properties): Properties {
  const [, version = "", kind = ""] = kubernetesType.exec(type) ?? [];
  const object = { apiVersion: version.replace(/^core\//, ""), kind, ...plainMap(properties) };
  return kind === "Secret" ? { ...object, data: unknownValue, stringData: unknownValue } : object;
}

/** In a preview the official provider writes `default` where a namespace is not computed yet. */
export function withoutDefaultNamespace(object: object): object {
  if (!("metadata" in object) || !isProperties(object.metadata) || object.metadata.namespace !== "default")
    return object;
  return { ...object, metadata: { ...object.metadata, namespace: unknownValue } };
}

function plainMap(map: Properties): Properties {
  // What begins so is the provider's own note about an object.
  const keys = Object.keys(map).filter((key) => !key.startsWith("__"));
  return Object.fromEntries(keys.map((key) => [key, plain(map, key)]));
}

function plain(owner: object, key: string): unknown {
  // Reading a property gives its value without its secrecy, which only its descriptor tells.
  if (Object.getOwnPropertyDescriptor(owner, key)?.value instanceof Secret) return unknownValue;
  const value = readOrUnknown(owner, key);
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, i) => plain(value, `${i}`));
  if (!isProperties(value)) return value;
  return asset.Asset.isInstance(value) || asset.Archive.isInstance(value) ? unknownValue : plainMap(value);
}

/** Pulumi throws where a value that is not computed yet is read. */
function readOrUnknown(owner: object, key: string): unknown {
  try {
    return Reflect.get(owner, key);
  } catch {
    return unknownValue;
  }
}

function isProperties(value: unknown): value is Properties {
  return typeof value === "object" && value !== null;
}
