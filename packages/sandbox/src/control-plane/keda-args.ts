import { join } from "node:path";
import { loopback } from "./component-args";

/** Namespace of KEDA, as in upstream's manifests. */
export const kedaNamespace = "keda";

export interface KedaPorts {
  /** gRPC service by which the adapter asks the operator for metrics. */
  metricsService: number;
  operatorMetrics: number;
  operatorHealth: number;
  /** The external metrics API. */
  adapter: number;
  adapterMetrics: number;
  webhooks: number;
  webhooksMetrics: number;
  webhooksHealth: number;
}

export interface KedaOptions {
  ports: KedaPorts;
  kubeconfig: string;
  /** Folder with ca.crt, tls.crt and tls.key. */
  certificates: string;
}

/** Environment of all three programs. */
export function kedaEnvironment(kubeconfig: string): Record<string, string> {
  return {
    KUBECONFIG: kubeconfig,
    WATCH_NAMESPACE: "",
    POD_NAMESPACE: kedaNamespace,
    KEDA_CLUSTER_OBJECT_NAMESPACE: kedaNamespace,
  };
}

export function kedaOperatorArgs({ ports, certificates }: KedaOptions): string[] {
  return [
    "--zap-log-level=info",
    "--zap-encoder=console",
    "--zap-time-encoding=rfc3339",
    `--cert-dir=${certificates}`,
    `--metrics-bind-address=${loopback}:${ports.operatorMetrics}`,
    `--health-probe-bind-address=${loopback}:${ports.operatorHealth}`,
    `--metrics-service-bind-address=${loopback}:${ports.metricsService}`,
  ];
}

/** `--port`, its metrics, takes no address: it listens on all of the network namespace's. */
export function kedaAdapterArgs({ ports, kubeconfig, certificates }: KedaOptions): string[] {
  return [
    `--bind-address=${loopback}`,
    `--secure-port=${ports.adapter}`,
    `--port=${ports.adapterMetrics}`,
    `--cert-dir=${certificates}`,
    `--tls-cert-file=${join(certificates, "tls.crt")}`,
    `--tls-private-key-file=${join(certificates, "tls.key")}`,
    `--metrics-service-address=${loopback}:${ports.metricsService}`,
    // The name in the operator's certificate.
    `--metrics-service-grpc-authority=keda-operator.${kedaNamespace}.svc`,
    `--lister-kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    "--zap-log-level=error",
  ];
}

/** `--port` takes no address: it listens on all of the network namespace's. */
export function kedaWebhooksArgs({ ports, certificates }: KedaOptions): string[] {
  return [
    "--zap-log-level=info",
    "--zap-encoder=console",
    "--zap-time-encoding=rfc3339",
    `--cert-dir=${certificates}`,
    `--port=${ports.webhooks}`,
    `--metrics-bind-address=${loopback}:${ports.webhooksMetrics}`,
    `--health-probe-bind-address=${loopback}:${ports.webhooksHealth}`,
  ];
}
