import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type PlatformReference, platformProblems, platformReference } from "../../manifests/platform-reference";
import { checked, invalidArguments, refuse } from "../arguments";
import type { ServingPlatformArgs } from "./serving-platform-args";

/** Custom resource definitions the pieces bring, without which models cannot be deployed. */
const requiredDefinitions = ["scaledobjects.keda.sh", "podmonitors.monitoring.coreos.com"];

/**
 * The platform that models of one cluster share. In this release it takes what is there, checks it and describes it to other
 * stacks.
 */
export class ServingPlatform extends pulumi.ComponentResource {
  /** What models need to know of the platform. Export it to read it from another stack. */
  readonly reference: pulumi.Output<PlatformReference>;

  constructor(name: string, args: ServingPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("ServingPlatform", name, platformProblems(args));
    super("vllm-serving:index:ServingPlatform", name, {}, opts);

    const definitions = args.check === false ? [] : requiredDefinitions;
    const checks = definitions.map(
      (id) => k8s.apiextensions.v1.CustomResourceDefinition.get(`${name}-${id}`, id, { parent: this }).id,
    );
    const url = checked(
      args.prometheus.url,
      (value) => platformProblems({ ...args, prometheus: { ...args.prometheus, url: value } }),
      (problems) => invalidArguments("ServingPlatform", name, problems),
    );
    // Whoever uses the reference waits for the checks.
    this.reference = pulumi
      .all([url, pulumi.all(checks)])
      .apply(([known]) => platformReference({ ...args, prometheus: { ...args.prometheus, url: known } }));
    this.registerOutputs({ reference: this.reference });
  }
}
