import type { Problem } from "../../policy/policy-input";
import { channels, versions } from "../../versions";
import { objectNameProblems } from "../naming";
import { versionProblems } from "../problems";
import { chartOf, type HelmRelease } from "./helm-release";
import { kedaValues } from "./keda-values";
import { type OperatorInstallation, operatorInstallation } from "./operator";
import { Distribution, type PlatformPiece, pieceProblems } from "./piece";

/** KEDA, or Red Hat's Custom Metrics Autoscaler. */
export interface PlatformKeda extends PlatformPiece {
  /** ServiceAccount of KEDA's operator, which must be allowed to issue bound tokens. @default `keda-operator` */
  serviceAccount?: string | undefined;
}

/** Where KEDA runs and which one it is. */
export interface ResolvedKeda {
  version: string;
  namespace: string;
  serviceAccount: string;
}

const defaults: Record<Distribution, { version: string; namespace: string }> = {
  kubernetes: { version: versions.keda, namespace: "keda" },
  openshift: { version: versions.customMetricsAutoscaler, namespace: "openshift-keda" },
};

export function resolveKeda(distribution: Distribution, given: PlatformKeda = {}): ResolvedKeda {
  return {
    version: given.version ?? defaults[distribution].version,
    namespace: given.namespace ?? defaults[distribution].namespace,
    serviceAccount: given.serviceAccount ?? "keda-operator",
  };
}

/** Everything wrong with a KEDA by itself. */
export function kedaProblems(distribution: Distribution, given: PlatformKeda = {}, prefix = "keda."): Problem[] {
  return [
    ...pieceProblems("keda", distribution, given, prefix),
    ...versionProblems(`${prefix}version`, given.version, versions.keda),
    ...(given.serviceAccount === undefined ? [] : objectNameProblems(`${prefix}serviceAccount`, given.serviceAccount)),
  ];
}

/** Upstream's chart. */
export function kedaRelease(given: PlatformKeda): HelmRelease {
  const { namespace, version, serviceAccount } = resolveKeda(Distribution.Kubernetes, given);
  return {
    name: "keda",
    namespace,
    ...chartOf("keda", { repository: "https://kedacore.github.io/charts", version }, given.chart),
    values: kedaValues(serviceAccount),
    timeoutSeconds: 600,
  };
}

export function customMetricsAutoscaler(given: PlatformKeda): OperatorInstallation {
  return operatorInstallation(
    {
      package: "openshift-custom-metrics-autoscaler-operator",
      namespace: resolveKeda(Distribution.OpenShift, given).namespace,
      channel: channels.customMetricsAutoscaler,
      catalog: "redhat-operators",
      targetNamespaces: undefined,
      // So that the cluster's Prometheus reads KEDA's own metrics.
      monitored: true,
    },
    given.operator,
  );
}

/** The one KedaController there may be: the operator reads no other name. */
export function kedaController(namespace: string) {
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "KedaController",
    metadata: {
      name: "keda",
      namespace,
      annotations: { "pulumi.com/waitFor": "jsonpath={.status.phase}=Installation Succeeded" },
    },
    spec: { watchNamespace: "" },
  };
}

/**
 * What KEDA puts its finalizer on: without KEDA none of these scales any more, and none can be deleted, nor can its namespace. Their
 * definitions stay.
 */
export const kedaKinds = [
  ...["ScaledObject", "ScaledJob", "TriggerAuthentication", "ClusterTriggerAuthentication"].map((kind) => ({
    apiVersion: "keda.sh/v1alpha1",
    kind,
  })),
  ...["CloudEventSource", "ClusterCloudEventSource"].map((kind) => ({
    apiVersion: "eventing.keda.sh/v1alpha1",
    kind,
  })),
];

/** KEDA serves when the API server reaches its metrics. */
export const externalMetrics = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  name: "v1beta1.external.metrics.k8s.io",
  condition: "Available",
};
