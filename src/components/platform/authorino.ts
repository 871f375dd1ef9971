import * as pulumi from "@pulumi/pulumi";
import { authorinoOperator } from "../../manifests/platform/openshift/serverless";
import { defaultModes, pieceProblems } from "../../manifests/platform/piece";
import { refuse } from "../arguments";
import type { AuthorinoArgs } from "./authorino-args";
import { operatorAlone } from "./olm-operator";
import { afterAll, buildPiece, targetProblems } from "./piece";

/** Authorino, by which OpenShift AI 2 checks the tokens of models that it serves through Knative. */
export class Authorino extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: AuthorinoArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.authorino;
    refuse("Authorino", name, [
      ...pieceProblems("authorino", args.distribution, args, ""),
      ...targetProblems(args, [mode], opts),
    ]);
    super("vllm-serving:index:Authorino", name, {}, opts);

    const { ready, kept } = buildPiece(
      "authorino",
      { component: this, name, opts },
      { ...args, mode },
      {
        kubernetes: undefined,
        openshift: (build) => operatorAlone(build, authorinoOperator(args.operator), "Authorino"),
      },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}
