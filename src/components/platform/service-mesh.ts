import * as pulumi from "@pulumi/pulumi";
import { serviceMeshOperator } from "../../manifests/platform/openshift/serverless";
import { defaultModes, pieceProblems } from "../../manifests/platform/piece";
import { refuse } from "../arguments";
import { operatorAlone } from "./olm-operator";
import { afterAll, buildPiece, targetProblems } from "./piece";
import type { ServiceMeshArgs } from "./service-mesh-args";

/** Service Mesh 2, from which OpenShift AI 2 makes a mesh to serve through Knative. */
export class ServiceMesh extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: ServiceMeshArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.serviceMesh;
    refuse("ServiceMesh", name, [
      ...pieceProblems("serviceMesh", args.distribution, args, ""),
      ...targetProblems(args, [mode], opts),
    ]);
    super("vllm-serving:index:ServiceMesh", name, {}, opts);

    const { ready, kept } = buildPiece(
      "serviceMesh",
      { component: this, name, opts },
      { ...args, mode },
      {
        kubernetes: undefined,
        openshift: (build) => operatorAlone(build, serviceMeshOperator(args.operator), "OpenShift Service Mesh"),
      },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}
