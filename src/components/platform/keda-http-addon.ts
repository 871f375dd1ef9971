import * as pulumi from "@pulumi/pulumi";
import { defaultModes, pieceProblems } from "../../manifests/platform/piece";

import { refuse } from "../arguments";
import type { KedaHttpAddonArgs } from "./keda-http-addon-args";
import { afterAll, buildPiece } from "./piece";

/** KEDA's HTTP add-on, which holds requests while a model starts from zero. */
export class KedaHttpAddon extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: KedaHttpAddonArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("KedaHttpAddon", name, pieceProblems("kedaHttpAddon", args.distribution, args, ""));
    super("vllm-serving:index:KedaHttpAddon", name, {}, opts);

    const { ready, kept } = buildPiece(
      "kedaHttpAddon",
      { component: this, name, opts },
      { ...args, mode: args.mode ?? defaultModes.kedaHttpAddon },
      { kubernetes: undefined, openshift: undefined },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}
