import type { OperatorSource } from "./piece";

/** An operator that OLM installs, as a plain value. */
export interface OperatorInstallation {
  /** Name of the package in the catalog. */
  package: string;
  namespace: string;
  channel: string;
  catalog: string;
  catalogNamespace: string;
  /** The one version to install and stay at; without it the channel's newest, with updates. */
  startingCsv: string | undefined;
  /** Namespaces the OperatorGroup selects; without any it is the whole cluster. */
  targetNamespaces: string[] | undefined;
}

/** An installation with what a user says instead of the defaults. */
export function operatorInstallation(
  defaults: Pick<OperatorInstallation, "package" | "namespace" | "channel" | "catalog" | "targetNamespaces">,
  source: OperatorSource = {},
): OperatorInstallation {
  return {
    ...defaults,
    channel: source.channel ?? defaults.channel,
    catalog: source.catalog ?? defaults.catalog,
    catalogNamespace: source.catalogNamespace ?? "openshift-marketplace",
    startingCsv: source.startingCsv,
  };
}
