import * as pulumi from "@pulumi/pulumi";
import {
  customMetricsAutoscaler,
  externalMetrics,
  kedaController,
  kedaKinds,
  kedaProblems,
  kedaRelease,
  resolveKeda,
} from "../../manifests/platform/keda";
import { defaultModes } from "../../manifests/platform/piece";
import { refuse } from "../arguments";
import { ReadyObjects } from "../cluster/ready-objects";
import { operatorsObject } from "./custom-resource";
import { guard } from "./guard";
import { installRelease } from "./helm-release";
import type { KedaArgs } from "./keda-args";
import { installOperator, keptDefinitions } from "./olm-operator";
import { afterAll, type BuiltPiece, buildPiece, type PieceBuild, targetProblems } from "./piece";

/** The API server looks at a new APIService within seconds; the adapter's first start takes longer. */
const servingSeconds = 300;

/**
 * KEDA, which reads metrics and moves replicas: upstream's Helm chart on Kubernetes, Red Hat's Custom Metrics Autoscaler on
 * OpenShift. A cluster has one: two adapters cannot serve external metrics.
 */
export class Keda extends pulumi.ComponentResource {
  /** Namespace of KEDA's operator, once KEDA serves. */
  readonly namespace: pulumi.Output<string>;
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: KedaArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.keda;
    refuse("Keda", name, [...kedaProblems(args.distribution, args, ""), ...targetProblems(args, [mode], opts)]);
    super("vllm-serving:index:Keda", name, {}, opts);

    const { ready, kept } = buildPiece(
      "keda",
      { component: this, name, opts },
      { ...args, mode },
      {
        kubernetes: (build) => serving(build, [installRelease(build, kedaRelease(args))], [kedaDefinitionsKept]),
        openshift: (build) => serving(build, ...autoscaler(build, args)),
      },
    );
    this.namespace = afterAll(ready, resolveKeda(args.distribution, args).namespace);
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ namespace: this.namespace, kept: this.kept });
  }
}

const kedaDefinitionsKept =
  "The custom resource definitions of KEDA, with all ScaledObjects and TriggerAuthentications: its chart is told to keep them.";

/** KEDA is there when the API server reaches its metrics, whoever brought it. */
function serving(build: PieceBuild, made: pulumi.Resource[], kept: string[]): BuiltPiece {
  const { name, kubeconfig, child } = build;
  const metrics = new ReadyObjects(
    `${name}-metrics`,
    { objects: [externalMetrics], kubeconfig, timeoutSeconds: servingSeconds },
    child(made),
  );
  const serves = [...made, metrics];
  return { ready: [...serves, ...guard(build, kedaKinds, serves)], kept };
}

function autoscaler(build: PieceBuild, args: KedaArgs): [pulumi.Resource[], string[]] {
  const operator = installOperator(build, customMetricsAutoscaler(args), "operator");
  const controller = operatorsObject(build, kedaController(resolveKeda(args.distribution, args).namespace), {
    suffix: "controller",
    timeoutSeconds: servingSeconds,
    dependsOn: [operator],
  });
  return [[operator, controller], [keptDefinitions("the Custom Metrics Autoscaler")]];
}
