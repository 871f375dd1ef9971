import type * as pulumi from "@pulumi/pulumi";
import { DefinitionsGuard } from "../cluster/definitions-guard";
import type { PieceBuild } from "./piece";

/** Keeps what would take objects of these kinds with it, until there are none. What is adopted never goes. */
export function guard(
  build: PieceBuild,
  kinds: { apiVersion: string; kind: string }[],
  made: pulumi.Resource[],
): pulumi.Resource[] {
  return build.adopt
    ? []
    : [new DefinitionsGuard(`${build.name}-guard`, { kinds, kubeconfig: build.kubeconfig }, build.child(made))];
}
