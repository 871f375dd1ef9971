import type * as pulumi from "@pulumi/pulumi";
import { ClusterResource } from "./cluster-resource";

interface DefinitionsGuardArgs {
  /** Kinds of objects that must be gone before. */
  kinds: { apiVersion: string; kind: string }[];
  /** Kubeconfig of the cluster. @default the ambient one */
  kubeconfig: pulumi.Input<string> | undefined;
}

/** Refuses to be destroyed while objects of these kinds are left; whatever would take them along is its dependency. */
export class DefinitionsGuard extends ClusterResource {
  constructor(name: string, { kinds, kubeconfig }: DefinitionsGuardArgs, opts: pulumi.CustomResourceOptions) {
    super("DefinitionsGuard", name, { operation: "definitionsGuard", kinds, kubeconfig }, opts);
  }
}
