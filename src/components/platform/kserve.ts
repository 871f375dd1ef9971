import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { defaultModes, pieceProblems } from "../../manifests/platform/piece";
import { kserveNamespace } from "../../manifests/platform-reference";
import { refuse } from "../arguments";
import type { KServeArgs } from "./kserve-args";
import { afterAll, buildPiece } from "./piece";

/** KServe's controller does nothing without it. */
const configuration = "inferenceservice-config";

/** KServe, which makes pods of InferenceServices. */
export class KServe extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: KServeArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("KServe", name, pieceProblems("kserve", args.distribution, args, ""));
    super("vllm-serving:index:KServe", name, {}, opts);

    const { ready, kept } = buildPiece(
      "kserve",
      { component: this, name, opts },
      { ...args, mode: args.mode ?? defaultModes.kserve },
      { kubernetes: undefined, openshift: undefined },
      [
        (options) =>
          k8s.core.v1.ConfigMap.get(
            `${name}-${configuration}`,
            `${kserveNamespace(args.distribution, args)}/${configuration}`,
            options,
          ),
      ],
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}
