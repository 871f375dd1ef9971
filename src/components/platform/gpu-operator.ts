import * as pulumi from "@pulumi/pulumi";
import { defaultModes, pieceProblems } from "../../manifests/platform/piece";

import { refuse } from "../arguments";
import type { GpuOperatorArgs } from "./gpu-operator-args";
import { afterAll, buildPiece } from "./piece";

/** NVIDIA's GPU operator with node feature discovery: drivers, the device plugin, labels of the nodes and metrics of the GPUs. */
export class GpuOperator extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: GpuOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("GpuOperator", name, pieceProblems("gpus", args.distribution, args, ""));
    super("vllm-serving:index:GpuOperator", name, {}, opts);

    const { ready, kept } = buildPiece(
      "gpus",
      { component: this, name, opts },
      { ...args, mode: args.mode ?? defaultModes.gpus },
      { kubernetes: undefined, openshift: undefined },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}
