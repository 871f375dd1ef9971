import { createHash } from "node:crypto";
import type { Problem } from "../policy/policy-input";

/** Longest names Kubernetes and KEDA take, in characters. */
export const nameLimits = {
  /** A DNS label: namespaces, Services, label values. */
  label: 63,
  /** KEDA puts `keda-hpa-` in front of it and that must be a label. */
  scaledObject: 54,
  /** What the KServe backend lets a model's name have: enough, and short enough for a namespace of 12 beside it. */
  inferenceService: 40,
  /** KServe makes one DNS label of them: `<InferenceService>-predictor-<namespace>`. */
  inferenceServiceAndNamespace: 52,
  /** The same of `<InferenceService>-transformer-<namespace>`. */
  transformerAndNamespace: 50,
} as const;

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const serviceName = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const hashLength = 8;

/** A short hash that is the same on every machine and in every run. */
export function stableHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, hashLength);
}

/** `name` if it is short enough, otherwise its beginning with a hash of the whole, so that different names stay different. */
export function fitName(name: string, limit: number = nameLimits.label): string {
  if (name.length <= limit) {
    return name;
  }
  const beginning = name.slice(0, limit - hashLength - 1).replace(/-+$/, "");
  return `${beginning}-${stableHash(name)}`;
}

/** Name of an object that belongs to the one called `name`. */
export function childName(name: string, suffix: string, limit: number = nameLimits.label): string {
  return fitName(`${name}-${suffix}`, limit);
}

/**
 * Names of the objects of one component inside a Pulumi program. Unlike `metadata.name` they are never shortened and never
 * change: renaming one replaces the object.
 */
export function logicalNames(name: string) {
  return {
    namespace: `${name}-namespace`,
    weights: `${name}-weights`,
    download: `${name}-download`,
    server: name,
    imagePrePull: `${name}-image`,
    transformer: `${name}-transformer`,
    localModel: `${name}-local-model`,
    scaledObject: name,
    httpRoute: name,
    wake: `${name}-wake`,
    exposure: `${name}-serving`,
    prometheusAccess: `${name}-prometheus`,
    metricsReader: `${name}-prometheus-reader`,
    tokenIssuer: `${name}-prometheus-token`,
    tokenSecret: `${name}-prometheus-token`,
  };
}

/**
 * Name of a PersistentVolume, which is cluster-scoped: namespace and claim with a dot between, which neither may contain,
 * so that no two claims share a volume name.
 */
export function persistentVolumeName(namespace: string, claim: string): string {
  return `${namespace}.${claim}`;
}

/** What is wrong with a name that a Service shall have, of any length: longer ones are shortened. */
export function nameProblems(path: string, name: string): Problem[] {
  if (serviceName.test(name)) {
    return [];
  }
  return [
    {
      path,
      message: `is "${name}", but Kubernetes objects are named after it: use lower-case letters, digits and dashes, begin with a letter and end with a letter or digit.`,
    },
  ];
}

/** Name of the InferenceService of the server called `name`. */
export function inferenceServiceName(name: string): string {
  return fitName(name, nameLimits.inferenceService);
}

/** What is wrong with an InferenceService's name beside its namespace: KServe would never finish the host name. */
export function inferenceServiceNameProblems(
  path: string,
  name: string,
  namespace: string,
  withTransformer: boolean,
): Problem[] {
  const most = withTransformer ? nameLimits.transformerAndNamespace : nameLimits.inferenceServiceAndNamespace;
  const length = inferenceServiceName(name).length + namespace.length;
  if (length <= most) {
    return [];
  }
  return [
    {
      path,
      message: `is "${name}", which with the namespace "${namespace}" makes ${length} characters, but KServe makes one host name of both and takes at most ${most}. Shorten one of them, or take the backend "deployment".`,
    },
  ];
}

/** What is wrong with the name of a namespace. */
export function namespaceProblems(path: string, namespace: string): Problem[] {
  if (dnsLabel.test(namespace) && namespace.length <= nameLimits.label) {
    return [];
  }
  return [
    {
      path,
      message: `is "${namespace}", which is no namespace's name: use at most ${nameLimits.label} lower-case letters, digits and dashes, beginning and ending with a letter or digit.`,
    },
  ];
}

const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const longestSubdomain = 253;

/** What is wrong with names of objects that somebody else made. */
export function objectNamesProblems(path: string, names: readonly string[] = []): Problem[] {
  return names.flatMap((name, index) => objectNameProblems(`${path}[${index}]`, name));
}

/** What is wrong with the name of an object that somebody else made, such as a ConfigMap. */
export function objectNameProblems(path: string, name: string): Problem[] {
  if (dnsSubdomain.test(name) && name.length <= longestSubdomain) {
    return [];
  }
  return [
    {
      path,
      message: `is "${name}", which no object is named: use at most ${longestSubdomain} lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit.`,
    },
  ];
}
