import type * as pulumi from "@pulumi/pulumi";
import type { ReadyObject } from "../../manifests/platform/readiness";
import { ClusterResource, type ClusterResourceArgs } from "./cluster-resource";

interface ReadyObjectsArgs extends ClusterResourceArgs {
  objects: ReadyObject[];
}

/** Waits until objects that others make are ready. */
export class ReadyObjects extends ClusterResource {
  constructor(
    name: string,
    { objects, kubeconfig, timeoutSeconds }: ReadyObjectsArgs,
    opts: pulumi.CustomResourceOptions,
  ) {
    super("ReadyObjects", name, { operation: "readyObjects", objects, kubeconfig, timeoutSeconds }, opts);
  }
}
