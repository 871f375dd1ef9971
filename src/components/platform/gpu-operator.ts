import * as pulumi from "@pulumi/pulumi";
import { privilegedNamespace } from "../../manifests/namespace";
import { clusterPolicyReady, gpuOperatorRelease, gpuProblems } from "../../manifests/platform/gpu-operator";
import { defaultModes } from "../../manifests/platform/piece";
import { refuse } from "../arguments";
import { ReadyObjects } from "../cluster/ready-objects";
import type { GpuOperatorArgs } from "./gpu-operator-args";
import { helmRelease, ownNamespace } from "./helm-release";
import { gpuNodes } from "./openshift/gpu-nodes";
import { afterAll, type BuiltPiece, buildPiece, type PieceBuild, targetProblems } from "./piece";

/** Drivers are compiled or downloaded on every GPU node, and nodes may start one after the other. */
const driversSeconds = 1800;

/** NVIDIA's GPU operator with node feature discovery: drivers, the device plugin, labels of the nodes and metrics of the GPUs. */
export class GpuOperator extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: GpuOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.gpus;
    refuse("GpuOperator", name, [...gpuProblems(args.distribution, args, ""), ...targetProblems(args, [mode], opts)]);
    super("vllm-serving:index:GpuOperator", name, {}, opts);

    const { ready, kept } = buildPiece(
      "gpus",
      { component: this, name, opts },
      { ...args, mode },
      { kubernetes: (build) => release(build, args), openshift: (build) => gpuNodes(build, args) },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}

/** The operator's pods load drivers into the kernel, which only a privileged namespace allows. */
function release(build: PieceBuild, args: GpuOperatorArgs): BuiltPiece {
  const wanted = gpuOperatorRelease(args);
  const operator = helmRelease(build, "release", wanted, ownNamespace(build, privilegedNamespace(wanted.namespace)));
  const nodes = new ReadyObjects(
    `${build.name}-nodes`,
    { objects: [clusterPolicyReady], kubeconfig: build.kubeconfig, timeoutSeconds: driversSeconds },
    build.child([operator]),
  );
  return { ready: [operator, nodes], kept: [gpuDefinitionsKept] };
}

const gpuDefinitionsKept =
  "The custom resource definitions of the GPU operator and of node feature discovery: Helm leaves what a chart has in crds/.";
