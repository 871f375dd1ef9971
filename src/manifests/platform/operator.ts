import { namespace } from "../namespace";
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
  /** The cluster's own Prometheus reads the namespace. User-workload monitoring then does not, so it is never one with models. */
  monitored: boolean;
}

/** An installation with what a user says instead of the defaults. */
export function operatorInstallation(
  defaults: Pick<OperatorInstallation, "package" | "namespace" | "channel" | "catalog" | "targetNamespaces"> & {
    monitored?: boolean;
  },
  source: OperatorSource = {},
): OperatorInstallation {
  return {
    ...defaults,
    monitored: defaults.monitored ?? false,
    channel: source.channel ?? defaults.channel,
    catalog: source.catalog ?? defaults.catalog,
    catalogNamespace: source.catalogNamespace ?? "openshift-marketplace",
    startingCsv: source.startingCsv,
  };
}

/** Namespace of an operator, labelled if the cluster's own Prometheus shall read it. */
export function operatorsNamespace(operator: Pick<OperatorInstallation, "namespace" | "monitored">) {
  const object = namespace(operator.namespace);
  if (!operator.monitored) {
    return object;
  }
  const labels = { ...object.metadata.labels, "openshift.io/cluster-monitoring": "true" };
  return { ...object, metadata: { ...object.metadata, labels } };
}
