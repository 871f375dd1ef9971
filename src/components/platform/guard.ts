import type * as pulumi from "@pulumi/pulumi";
import { DefinitionsGuard, type OwnObjects } from "../cluster/definitions-guard";
import type { PieceBuild } from "./piece";

/** Knative Serving goes with its operator, whoever made it. */
export function ownServing({
  kind,
  metadata,
}: {
  kind: string;
  metadata: { namespace: string; name: string };
}): OwnObjects {
  return { objects: [{ kind, namespace: metadata.namespace, name: metadata.name }] };
}

/** Keeps what would take objects of these kinds with it, until there are none. What is adopted never goes. */
export function guard(
  build: PieceBuild,
  kinds: { apiVersion: string; kind: string }[],
  made: pulumi.Resource[],
  own: OwnObjects = {},
): pulumi.Resource[] {
  return build.adopt
    ? []
    : [new DefinitionsGuard(`${build.name}-guard`, { kinds, own, kubeconfig: build.kubeconfig }, build.child(made))];
}
