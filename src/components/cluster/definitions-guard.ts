import type * as pulumi from "@pulumi/pulumi";
import { ClusterResource } from "./cluster-resource";

/** Objects of these kinds that go with what is removed, because it made them. */
export interface OwnObjects {
  /** Helm releases. */
  releases?: { namespace: string; name: string }[];
  /** Single objects. */
  objects?: { kind: string; namespace: string; name: string }[];
}

interface DefinitionsGuardArgs {
  /** Kinds of objects that must be gone before. */
  kinds: { apiVersion: string; kind: string }[];
  own: OwnObjects;
  /** Kubeconfig of the cluster. @default the ambient one */
  kubeconfig: pulumi.Input<string> | undefined;
}

/** Refuses to be destroyed while objects of these kinds are left; whatever would take them along is its dependency. */
export class DefinitionsGuard extends ClusterResource {
  constructor(name: string, { kinds, own, kubeconfig }: DefinitionsGuardArgs, opts: pulumi.CustomResourceOptions) {
    const { releases = [], objects = [] } = own;
    const args = { operation: "definitionsGuard", kinds, own: { releases, objects }, kubeconfig } as const;
    super("DefinitionsGuard", name, args, opts);
  }
}
