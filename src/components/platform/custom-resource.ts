import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PieceBuild } from "./piece";

interface OperatorsObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
  spec: object;
}

/** How a custom resource is waited for, and with whom it comes. */
interface Placement {
  suffix: string;
  timeoutSeconds: number;
  dependsOn: pulumi.Resource[];
}

/**
 * A custom resource that an operator works from; its `pulumi.com/waitFor` says when it is done. An adopted one is patched, and
 * destroy leaves all of it.
 */
export function operatorsObject(build: PieceBuild, object: OperatorsObject, placement: Placement): pulumi.Resource {
  return build.adopt
    ? patchedObject(build, object, placement)
    : new k8s.apiextensions.CustomResource(`${build.name}-${placement.suffix}`, object, options(build, placement));
}

/** One that is there already, also where its operator makes it by itself: our fields are written, others' stay. */
export function patchedObject(build: PieceBuild, object: OperatorsObject, placement: Placement): pulumi.Resource {
  return new k8s.apiextensions.CustomResourcePatch(
    `${build.name}-${placement.suffix}`,
    forced(object),
    pulumi.mergeOptions(options(build, placement), { retainOnDelete: true }),
  );
}

/** Takes fields over from whoever wrote them before: that is what to adopt means. */
export function forced<Adopted extends { metadata: { name: string; annotations?: Record<string, string> } }>(
  object: Adopted,
) {
  const annotations = { ...object.metadata.annotations, "pulumi.com/patchForce": "true" };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function options(build: PieceBuild, { timeoutSeconds, dependsOn }: Placement): pulumi.CustomResourceOptions {
  const limit = `${timeoutSeconds}s`;
  return build.child(dependsOn, { customTimeouts: { create: limit, update: limit, delete: limit } });
}
