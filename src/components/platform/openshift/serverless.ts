import * as k8s from "@pulumi/kubernetes";
import { namespace } from "../../../manifests/namespace";
import { knativeKinds } from "../../../manifests/platform/knative";
import { serverlessOperator, serverlessServing } from "../../../manifests/platform/openshift/serverless";
import { operatorsObject } from "../custom-resource";
import { guard, ownServing } from "../guard";
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
  const serving =
    args.operatorOnly === true
      ? []
      : [
          operatorsObject(build, object, {
            suffix: "serving",
            timeoutSeconds: servingSeconds,
            dependsOn: [operator, ...before],
          }),
        ];
  const made = [operator, ...before, ...serving];
  return {
    ready: [...made, ...guard(build, knativeKinds, made, ownServing(object))],
    kept: [keptDefinitions("OpenShift Serverless")],
  };
}
