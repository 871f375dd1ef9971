import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { PieceBuild } from "./piece";

interface OperatorsObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
  spec: object;
}

/**
 * A custom resource that an operator works from; its `pulumi.com/waitFor` says when it is done. An adopted one is patched with
 * our fields, others' fields stay, and destroy leaves all of it.
 */
export function operatorsObject(
  build: PieceBuild,
  object: OperatorsObject,
  options: { suffix: string; timeoutSeconds: number; dependsOn: pulumi.Resource[] },
): pulumi.Resource {
  const name = `${build.name}-${options.suffix}`;
  const limit = `${options.timeoutSeconds}s`;
  const opts = build.child(options.dependsOn, {
    customTimeouts: { create: limit, update: limit, delete: limit },
    retainOnDelete: build.adopt,
  });
  if (!build.adopt) {
    return new k8s.apiextensions.CustomResource(name, object, opts);
  }
  const annotations = { ...object.metadata.annotations, "pulumi.com/patchForce": "true" };
  return new k8s.apiextensions.CustomResourcePatch(
    name,
    { ...object, metadata: { ...object.metadata, annotations } },
    opts,
  );
}
