import { channels } from "../../../versions";
import { type OperatorInstallation, operatorInstallation } from "../operator";
import type { PlatformPiece } from "../piece";
import type { ReadyObject } from "../readiness";

/** Red Hat's operator. It makes cert-manager itself, always in the namespace `cert-manager`. */
export function certManagerOperator(given: PlatformPiece): OperatorInstallation {
  const namespace = given.namespace ?? "cert-manager-operator";
  return operatorInstallation(
    {
      package: "openshift-cert-manager-operator",
      namespace,
      channel: channels.certManager,
      catalog: "redhat-operators",
      targetNamespaces: [namespace],
    },
    given.operator,
  );
}

/** An Issuer is refused before the webhook runs, and no certificate is made before the other two do. */
export const certManagerParts: ReadyObject[] = ["cert-manager", "cert-manager-cainjector", "cert-manager-webhook"].map(
  (name) => ({ apiVersion: "apps/v1", kind: "Deployment", namespace: "cert-manager", name, condition: "Available" }),
);
