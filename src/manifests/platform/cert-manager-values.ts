import type { HelmValues } from "./helm-values";

/** Values of the chart `cert-manager` (cert-manager/cert-manager, `deploy/charts/cert-manager/values.yaml`). */
export function certManagerValues(): HelmValues {
  return {
    // The definitions hold everybody's certificates: they stay when the release goes.
    crds: { enabled: true, keep: true },
  };
}
