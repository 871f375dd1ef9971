import * as pulumi from "@pulumi/pulumi";
import { defaultModes, pieceProblems } from "../../manifests/platform/piece";

import { refuse } from "../arguments";
import type { MonitoringArgs } from "./monitoring-args";
import { afterAll, buildPiece } from "./piece";

/** Prometheus and what tells it whom to scrape. */
export class Monitoring extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("Monitoring", name, pieceProblems("prometheus", args.distribution, args, ""));
    super("vllm-serving:index:Monitoring", name, {}, opts);

    const { ready, kept } = buildPiece(
      "prometheus",
      { component: this, name, opts },
      { ...args, mode: args.mode ?? defaultModes.prometheus },
      { kubernetes: undefined, openshift: undefined },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}
