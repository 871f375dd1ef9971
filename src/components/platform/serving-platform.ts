import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  PieceMode,
  type PlatformReference,
  platformProblems,
  platformReference,
} from "../../manifests/platform-reference";
import { checked, invalidArguments, refuse } from "../arguments";
import type { ServingPlatformArgs } from "./serving-platform-args";

/** Custom resource definitions the pieces bring, without which models cannot be deployed. */
const requiredDefinitions = ["scaledobjects.keda.sh", "podmonitors.monitoring.coreos.com"];
const kserveDefinitions = ["inferenceservices.serving.kserve.io", "servingruntimes.serving.kserve.io"];
/** KServe's controller does nothing without it. */
const kserveConfiguration = "inferenceservice-config";

/** Reads one object, and fails if it is not there. */
type Check = (name: string, parent: pulumi.Resource) => pulumi.Output<string>;

function required(args: ServingPlatformArgs): Check[] {
  const definition =
    (id: string): Check =>
    (name, parent) =>
      k8s.apiextensions.v1.CustomResourceDefinition.get(`${name}-${id}`, id, { parent }).id;
  const { modes, kserveNamespace } = platformReference({ ...args, prometheus: { ...args.prometheus, url: "" } });
  const configuration: Check = (name, parent) =>
    k8s.core.v1.ConfigMap.get(`${name}-${kserveConfiguration}`, `${kserveNamespace}/${kserveConfiguration}`, { parent })
      .id;
  return [
    ...requiredDefinitions.map(definition),
    ...(modes.kserve === PieceMode.None ? [] : [...kserveDefinitions.map(definition), configuration]),
  ];
}

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

    const checks = args.check === false ? [] : required(args).map((check) => check(name, this));
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
