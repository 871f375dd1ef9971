import { sandboxAnnotations } from "../cluster/sandbox-annotations";
import { loopback } from "./component-args";

export const monitoringNamespace = "monitoring";

/** As kube-prometheus names it. */
export const prometheusResourceName = { name: "k8s", namespace: monitoringNamespace };

/** The identity by which Prometheus finds its targets. */
export const prometheusAccount = { name: "prometheus", namespace: monitoringNamespace };

/** Port of Prometheus' pod and of its Service `prometheus-operated`. */
export const prometheusContainerPort = 9090;

export interface PrometheusResourceOptions {
  version: string;
  /** Where the Prometheus of the sandbox listens. */
  port: number;
  /** Of the API server. */
  server: string;
  clusterCa: string;
  tokenFile: string;
}

/** A Prometheus that takes the monitors and rules of all namespaces. Its pod stands for the sandbox's process. */
export function prometheusResource({ version, port, server, clusterCa, tokenFile }: PrometheusResourceOptions): object {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "Prometheus",
    metadata: prometheusResourceName,
    spec: {
      version: `v${version}`,
      replicas: 1,
      serviceAccountName: prometheusAccount.name,
      podMetadata: {
        annotations: {
          [sandboxAnnotations.address]: `${loopback}:${port}`,
          [sandboxAnnotations.port]: String(prometheusContainerPort),
        },
      },
      apiserverConfig: {
        host: server,
        authorization: { type: "Bearer", credentialsFile: tokenFile },
        tlsConfig: { caFile: clusterCa },
      },
      podMonitorSelector: {},
      podMonitorNamespaceSelector: {},
      serviceMonitorSelector: {},
      serviceMonitorNamespaceSelector: {},
      ruleSelector: {},
      ruleNamespaceSelector: {},
    },
  };
}
