import { isRecord } from "./field";
import { LintedObject } from "./linted-object";

/** What a cluster holds, as something to lint. */
export interface ClusterSource {
  name: string;
  objects: readonly LintedObject[];
  /** Looked at beside the others; no finding is about them. */
  related: readonly LintedObject[];
  /** Kinds of which there may be objects that nobody could read. */
  unlisted: readonly string[];
}

export interface ClusterSourceOptions {
  /** The only one that was read. @default all were */
  namespace?: string | undefined;
  /** Kinds that could not be read. @default none */
  unlisted?: readonly string[];
}

/** Namespaces of Kubernetes and OpenShift themselves. */
const ofPlatform = /^(kube|openshift)-/;

/**
 * Objects as a cluster has them. What a controller made, such as the HPA of a ScaledObject or the Deployment of an
 * InferenceService, is changed where the controller's own object is, so no finding is about it. Nor is one about replicas, which
 * on a cluster are the autoscaler's word and not the manifest's, or about the platform's own namespaces.
 */
export function clusterSource(
  context: string,
  objects: readonly object[],
  { namespace, unlisted = [] }: ClusterSourceOptions = {},
): ClusterSource {
  const all = objects.map((object) => new LintedObject({ name: nameIn(context, object) }, withoutReplicas(object)));
  const wanted = all.filter((object) => namespace !== undefined || !ofPlatform.test(object.namespace));
  return {
    name: context,
    objects: wanted.filter((object) => !isMade(object)),
    related: wanted.filter(isMade),
    unlisted,
  };
}

function nameIn(context: string, object: object): string {
  const { namespace, kind, name } = new LintedObject({ name: context }, object);
  return `${context}:${namespace === "" ? "" : `${namespace}/`}${kind}/${name}`;
}

function isMade(object: LintedObject): boolean {
  const owners = object.get("metadata", "ownerReferences").items();
  return owners.some((owner) => owner.get("controller").value === true);
}

const scaled = new Set(["Deployment", "StatefulSet"]);

function withoutReplicas(object: object): object {
  if (!isRecord(object) || !isRecord(object.spec) || typeof object.kind !== "string" || !scaled.has(object.kind))
    return object;
  const { replicas: _, ...spec } = object.spec;
  return { ...object, spec };
}
