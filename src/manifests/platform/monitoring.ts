import type { Problem } from "../../policy/policy-input";
import { versions } from "../../versions";
import { namespaceProblems, objectNameProblems } from "../naming";
import { versionProblems } from "../problems";
import { chartOf, type HelmRelease } from "./helm-release";
import { Distribution, defaultModes, type PlatformPiece, pieceProblems, settingsWithoutInstall } from "./piece";
import { type PrometheusStackSettings, prometheusStackValues } from "./prometheus-stack-values";
import type { ReadyObject } from "./readiness";

/** An object of a namespace. */
export interface NamespacedName {
  namespace: string;
  name: string;
}

/** What is installed as monitoring: on Kubernetes the chart kube-prometheus-stack, whose version `version` is. */
export interface PlatformMonitoring extends PlatformPiece, PrometheusStackSettings {
  /**
   * A PodMonitor that is there and scrapes the models' pods in every namespace. Then no model may have one of its own: every sum, and
   * with it the replicas, would double.
   * @default those that are found, see `detectMonitors`
   */
  clusterPodMonitor?: NamespacedName | undefined;
  /**
   * Look in the cluster, in each preview and update, for PodMonitors and ServiceMonitors of others that scrape every model of a namespace:
   * models make none of their own there. Needs a `kubeconfig`, and leave to list both.
   * @default true with a `kubeconfig`
   */
  detectMonitors?: boolean | undefined;
}

/** Everything wrong with what is installed as monitoring. */
export function monitoringProblems(
  distribution: Distribution,
  given: PlatformMonitoring = {},
  prefix = "prometheus.",
): Problem[] {
  const mode = given.mode ?? defaultModes.prometheus;
  return [
    ...pieceProblems("prometheus", distribution, given, prefix),
    ...versionProblems(`${prefix}version`, given.version, versions.kubePrometheusStack),
    ...settingsWithoutInstall(given, ["retention", "storage", "storageClassName"], mode, prefix),
    ...(given.clusterPodMonitor === undefined
      ? []
      : [
          ...namespaceProblems(`${prefix}clusterPodMonitor.namespace`, given.clusterPodMonitor.namespace),
          ...objectNameProblems(`${prefix}clusterPodMonitor.name`, given.clusterPodMonitor.name),
        ]),
    ...(given.detectMonitors === true && given.clusterPodMonitor !== undefined
      ? [
          {
            path: `${prefix}detectMonitors`,
            message: "is true beside clusterPodMonitor, which is taken as it is. Leave one of them out.",
          },
        ]
      : []),
    ...(distribution === Distribution.OpenShift && given.storage !== undefined
      ? [
          {
            path: `${prefix}storage`,
            message: "is given, but on openshift the volume is set in user-workload-monitoring-config: leave it out.",
          },
        ]
      : []),
    ...(given.storageClassName !== undefined && given.storage === undefined
      ? [{ path: `${prefix}storageClassName`, message: "is given without a size: set storage, e.g. 50Gi." }]
      : []),
  ];
}

const releaseName = "kube-prometheus-stack";

/** Upstream's chart. Its definitions lie in `crds/`: Helm leaves them when the release goes. */
export function prometheusStackRelease(given: PlatformMonitoring): HelmRelease {
  return {
    name: releaseName,
    namespace: monitoringNamespace(given),
    ...chartOf(
      "kube-prometheus-stack",
      {
        repository: "https://prometheus-community.github.io/helm-charts",
        version: given.version ?? versions.kubePrometheusStack,
      },
      given.chart,
    ),
    values: prometheusStackValues(given),
    timeoutSeconds: 900,
  };
}

function monitoringNamespace({ namespace }: PlatformMonitoring): string {
  return namespace ?? "monitoring";
}

/** Helm waits for the operator only; this is the Prometheus it makes. */
export function prometheusAvailable(given: PlatformMonitoring): ReadyObject {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "Prometheus",
    namespace: monitoringNamespace(given),
    name: `${releaseName}-prometheus`,
    condition: "Available",
  };
}

/** Prometheus Operator gives every Prometheus of a namespace this Service. */
export function installedPrometheusUrl(given: PlatformMonitoring): string {
  return `http://prometheus-operated.${monitoringNamespace(given)}.svc.cluster.local:9090`;
}
