import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { namespace } from "../../manifests/namespace";
import {
  knativeDefinitionsKept,
  knativeKinds,
  knativeOperatorRelease,
  knativeProblems,
  knativeServing,
} from "../../manifests/platform/knative";
import { Distribution, defaultModes } from "../../manifests/platform/piece";
import { refuse } from "../arguments";
import { operatorsObject } from "./custom-resource";
import { guard, ownServing } from "./guard";
import { installRelease } from "./helm-release";
import type { KnativeServingArgs } from "./knative-serving-args";
import { openShiftServerless } from "./openshift/serverless";
import { afterAll, type BuiltPiece, buildPiece, type PieceBuild, targetProblems } from "./piece";

/** The operator installs Knative's definitions, controllers and gateway one after the other. */
const servingSeconds = 900;

/** Knative Serving, which scales by requests and to zero. */
export class KnativeServing extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: KnativeServingArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.knative;
    refuse("KnativeServing", name, [
      ...knativeProblems(args.distribution, args, ""),
      ...(args.operatorOnly === true && args.distribution === Distribution.Kubernetes
        ? [{ path: "operatorOnly", message: "is true, but it is OpenShift's: leave it out." }]
        : []),
      ...targetProblems(args, [mode], opts),
    ]);
    super("vllm-serving:index:KnativeServing", name, {}, opts);

    const { ready, kept } = buildPiece(
      "knative",
      { component: this, name, opts },
      { ...args, mode },
      {
        kubernetes: (build) => operatorAndServing(build, args),
        openshift: (build) => openShiftServerless(build, args),
      },
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}

/** The operator outlives what it has made: on destroy it still takes Knative Serving away. */
function operatorAndServing(build: PieceBuild, args: KnativeServingArgs): BuiltPiece {
  const operator = installRelease(build, knativeOperatorRelease(args));
  const wanted = knativeServing(args);
  const target = build.adopt
    ? []
    : [
        new k8s.core.v1.Namespace(
          `${build.name}-serving-namespace`,
          namespace(wanted.metadata.namespace),
          build.child(),
        ),
      ];
  const serving = operatorsObject(build, wanted, {
    suffix: "serving",
    timeoutSeconds: servingSeconds,
    dependsOn: [operator, ...target],
  });
  const made = [operator, serving];
  return { ready: [...made, ...guard(build, knativeKinds, made, ownServing(wanted))], kept: [knativeDefinitionsKept] };
}
