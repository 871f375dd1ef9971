import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type OperatorInstallation, operatorsNamespace } from "../../manifests/platform/operator";
import { OlmInstallation } from "../cluster/olm-installation";
import { forced } from "./custom-resource";
import type { BuiltPiece, PieceBuild } from "./piece";

/** Image pulls and rollouts of an operator take minutes; a catalog that has to be pulled first takes some more. */
const installSeconds = 900;

/** Namespaces every OpenShift cluster has. */
const ownedByTheCluster = ["openshift-operators"];

/** An operator by OLM in a namespace of its own. Custom resources of its kinds wait for the result. */
export function installOperator(
  build: PieceBuild,
  operator: OperatorInstallation,
  suffix: string,
  dependsOn: pulumi.Resource[] = [],
): OlmInstallation {
  const name = `${build.name}-${suffix}`;
  return new OlmInstallation(
    name,
    { operator, adopt: build.adopt, kubeconfig: build.kubeconfig, timeoutSeconds: installSeconds },
    build.child([...dependsOn, ...operatorNamespace(build, operator, name)]),
  );
}

/** An operator for whoever gives it something to do. */
export function operatorAlone(build: PieceBuild, operator: OperatorInstallation, title: string): BuiltPiece {
  return { ready: [installOperator(build, operator, "operator")], kept: [keptDefinitions(title)] };
}

function operatorNamespace(build: PieceBuild, operator: OperatorInstallation, name: string): pulumi.Resource[] {
  if (ownedByTheCluster.includes(operator.namespace)) return [];
  const object = operatorsNamespace(operator);
  if (!build.adopt) {
    return [new k8s.core.v1.Namespace(`${name}-namespace`, object, build.child())];
  }
  return operator.monitored
    ? [new k8s.core.v1.NamespacePatch(`${name}-namespace`, forced(object), build.child([], { retainOnDelete: true }))]
    : [];
}

/** OLM removes neither the definitions nor their objects when an operator goes. */
export function keptDefinitions(operator: string): string {
  return `The custom resource definitions of ${operator}, with the objects of others in them: OLM leaves them.`;
}
