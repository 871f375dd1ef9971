import { z } from "zod";
import type { KubernetesObject } from "../manifests/kubernetes-object";
import type { RenderedObject } from "./render";
import { waveOf } from "./render-order";

/** What of a live object Argo CD shall not compare with Git, as an Application lists it. */
export interface IgnoredDifference {
  group: string;
  kind: string;
  namespace?: string;
  name: string;
  jsonPointers: string[];
}

/** The part of an Argo CD Application that goes with rendered objects, in the form of a merge patch. */
export interface ApplicationPatch {
  metadata: { annotations: Record<string, string> };
  spec: { syncPolicy: { syncOptions: string[] }; ignoreDifferences?: IgnoredDifference[] };
}

const annotated = z.looseObject({ annotations: z.record(z.string(), z.string()).optional() });

const autoscaler = z.looseObject({
  metadata: z.looseObject({ namespace: z.string() }),
  spec: z.looseObject({
    scaleTargetRef: z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string() }),
  }),
});

/**
 * The objects with the annotations Argo CD applies them by: the step as sync wave, and for kinds that an operator of the same sync
 * may still have to define, not to fail before that operator runs.
 */
export function forArgoCd(rendered: readonly RenderedObject[]): RenderedObject[] {
  return rendered.map(({ path, object }) => ({ path, object: withAnnotations(object) }));
}

/**
 * What the Application of these objects must say: apply and compare on the server, where defaults are known; and leave the
 * replicas of what an autoscaler owns as they are, in comparing and in syncing.
 */
export function applicationPatch(rendered: readonly RenderedObject[]): ApplicationPatch {
  const objects = rendered.map(({ object }) => object);
  const ignored = objects.flatMap((object) => scaledBy(object, objects));
  return {
    metadata: { annotations: { "argocd.argoproj.io/compare-options": "ServerSideDiff=true" } },
    spec: {
      syncPolicy: { syncOptions: ["ServerSideApply=true", "RespectIgnoreDifferences=true"] },
      // An empty list would take away what somebody else wrote there.
      ...(ignored.length === 0 ? {} : { ignoreDifferences: ignored }),
    },
  };
}

function withAnnotations(object: KubernetesObject): KubernetesObject {
  const { annotations = {} } = annotated.parse(object.metadata);
  const ours = {
    "argocd.argoproj.io/sync-wave": String(waveOf(object)),
    ...(isBuiltIn(object) ? {} : { "argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true" }),
  };
  const metadata = { ...object.metadata, annotations: { ...annotations, ...ours } };
  return { ...object, metadata };
}

/** Groups of Kubernetes itself have no dot, or end like this; Gateway API's does too, and is a custom resource. */
function isBuiltIn({ apiVersion }: KubernetesObject): boolean {
  const group = groupOf(apiVersion);
  return !group.includes(".") || (group.endsWith(".k8s.io") && group !== "gateway.networking.k8s.io");
}

function groupOf(apiVersion: string): string {
  const [group, version] = apiVersion.split("/");
  return version === undefined || group === undefined ? "" : group;
}

/** The replicas of what an autoscaler scales, if that is one of these objects: nobody compares what is not in Git. */
function scaledBy(object: KubernetesObject, objects: readonly KubernetesObject[]): IgnoredDifference[] {
  const parsed = autoscaler.safeParse(object);
  if (!parsed.success) return [];
  const { namespace } = parsed.data.metadata;
  const { apiVersion, kind, name } = parsed.data.spec.scaleTargetRef;
  const isTarget = (other: KubernetesObject) =>
    other.kind === kind && other.metadata.name === name && other.metadata.namespace === namespace;
  return objects.some(isTarget)
    ? [{ group: groupOf(apiVersion), kind, namespace, name, jsonPointers: ["/spec/replicas"] }]
    : [];
}
