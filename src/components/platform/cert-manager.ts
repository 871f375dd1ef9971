import * as pulumi from "@pulumi/pulumi";
import { defaultModes, pieceProblems } from "../../manifests/platform/piece";

import { refuse } from "../arguments";
import type { CertManagerArgs } from "./cert-manager-args";
import { afterAll, buildPiece } from "./piece";

/** cert-manager, whose certificates the webhooks of others use. */
export class CertManager extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: CertManagerArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("CertManager", name, pieceProblems("certManager", args.distribution, args, ""));
    super("vllm-serving:index:CertManager", name, {}, opts);

    const { ready, kept } = buildPiece(
      "certManager",
      { component: this, name, opts },
      { ...args, mode: args.mode ?? defaultModes.certManager },
      { kubernetes: undefined, openshift: undefined },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}
