import * as k8s from "@pulumi/kubernetes";
import { namespace } from "../../../manifests/namespace";
import { serverlessOperator, serverlessServing } from "../../../manifests/platform/openshift/serverless";
import { operatorsObject } from "../custom-resource";
import type { KnativeServingArgs } from "../knative-serving-args";
import { installOperator, keptDefinitions } from "../olm-operator";
import type { BuiltPiece, PieceBuild } from "../piece";

/** A dozen Deployments with two replicas each. */
const servingSeconds = 900;

/**
 * OpenShift Serverless, and Knative Serving in a namespace that its operator does not make. Where OpenShift AI makes Knative Serving,
 * only the two others.
 */
export function openShiftServerless(build: PieceBuild, args: KnativeServingArgs): BuiltPiece {
  const operator = installOperator(build, serverlessOperator(args.operator), "operator");
  const object = serverlessServing(args);
  const target = `${build.name}-serving-namespace`;
  const before = build.adopt
    ? []
    : [new k8s.core.v1.Namespace(target, namespace(object.metadata.namespace), build.child([operator]))];
  if (args.operatorOnly === true) {
    return { ready: [operator, ...before], kept: [keptDefinitions("OpenShift Serverless")] };
  }
  const serving = operatorsObject(build, object, {
    suffix: "serving",
    timeoutSeconds: servingSeconds,
    dependsOn: [operator, ...before],
  });
  return { ready: [operator, serving], kept: [keptDefinitions("OpenShift Serverless")] };
}
