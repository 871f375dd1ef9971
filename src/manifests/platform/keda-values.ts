import type { HelmValues } from "./helm-values";

/** Values of the chart `keda` (kedacore/charts, `keda/values.yaml`). */
export function kedaValues(serviceAccount: string): HelmValues {
  return {
    // Without it Helm removes the definitions with the release, and every ScaledObject of the cluster with them.
    crds: { additionalAnnotations: { "helm.sh/resource-policy": "keep" } },
    serviceAccount: { operator: { name: serviceAccount } },
  };
}
