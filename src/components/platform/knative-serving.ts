import * as pulumi from "@pulumi/pulumi";
import { defaultModes, pieceProblems } from "../../manifests/platform/piece";

import { refuse } from "../arguments";
import type { KnativeServingArgs } from "./knative-serving-args";
import { afterAll, buildPiece } from "./piece";

/** Knative Serving, which scales by requests and to zero. */
export class KnativeServing extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: KnativeServingArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("KnativeServing", name, pieceProblems("knative", args.distribution, args, ""));
    super("vllm-serving:index:KnativeServing", name, {}, opts);

    const { ready, kept } = buildPiece(
      "knative",
      { component: this, name, opts },
      { ...args, mode: args.mode ?? defaultModes.knative },
      { kubernetes: undefined, openshift: undefined },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}
