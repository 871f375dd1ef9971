import { certManagerOperator, certManagerParts } from "../../../manifests/platform/openshift/cert-manager-operator";
import { ReadyObjects } from "../../cluster/ready-objects";
import type { CertManagerArgs } from "../cert-manager-args";
import { installOperator, keptDefinitions } from "../olm-operator";
import type { BuiltPiece, PieceBuild } from "../piece";

/** Three small images. */
const partsSeconds = 300;

export function redHatCertManager(build: PieceBuild, args: CertManagerArgs): BuiltPiece {
  const operator = installOperator(build, certManagerOperator(args), "operator");
  const parts = new ReadyObjects(
    `${build.name}-parts`,
    { objects: certManagerParts, kubeconfig: build.kubeconfig, timeoutSeconds: partsSeconds },
    build.child([operator]),
  );
  return {
    ready: [operator, parts],
    kept: [
      keptDefinitions("cert-manager"),
      "cert-manager itself in the namespace cert-manager: its operator leaves it.",
    ],
  };
}
