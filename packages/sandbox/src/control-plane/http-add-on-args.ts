import { loopback } from "./component-args";
import { kedaNamespace } from "./keda-args";

/** The add-on's programs, named as the folders of its manifests. */
export const httpAddOnComponents = ["operator", "interceptor", "scaler"] as const;
export type HttpAddOnComponent = (typeof httpAddOnComponents)[number];

export interface HttpAddOnPorts {
  operator: { metrics: number; probes: number };
  /** `proxy` takes the users' requests; at `admin` the scaler asks how many there are. */
  interceptor: { proxy: number; admin: number; metrics: number };
  /** KEDA's operator asks at `grpc`. */
  scaler: { grpc: number; metrics: number };
}

/** Of the containers in upstream's Deployments. */
const httpAddOnPodPorts: HttpAddOnPorts = {
  operator: { metrics: 8080, probes: 8081 },
  interceptor: { proxy: 8080, admin: 9090, metrics: 2223 },
  scaler: { grpc: 9090, metrics: 2223 },
};

/** Where the process serves each port of its pod, `127.0.0.1:<port>`. */
export function httpAddOnAddresses(component: HttpAddOnComponent, ports: HttpAddOnPorts): Record<string, string> {
  const processPorts = new Map(Object.entries(ports[component]));
  return Object.fromEntries(
    Object.entries(httpAddOnPodPorts[component]).map(([name, podPort]) => [
      podPort,
      `${loopback}:${processPorts.get(name)}`,
    ]),
  );
}

/** Interceptor and scaler take no address: they listen on all of the network namespace's. */
export function httpAddOnArgs(component: HttpAddOnComponent, ports: HttpAddOnPorts): string[] {
  return [
    "--zap-log-level=info",
    "--zap-encoder=console",
    "--zap-time-encoding=rfc3339",
    ...(component === "operator"
      ? [
          // Without leader election, which ends the program when the API server is away for long.
          `--metrics-bind-address=${loopback}:${ports.operator.metrics}`,
          `--health-probe-bind-address=${loopback}:${ports.operator.probes}`,
        ]
      : []),
  ];
}

/** As upstream's Deployments have it. Other components are reached at the ports of their Services. */
export function httpAddOnEnvironment(component: HttpAddOnComponent, ports: HttpAddOnPorts): Record<string, string> {
  switch (component) {
    case "operator":
      return {
        KEDA_HTTP_OPERATOR_EXTERNAL_SCALER_SERVICE: "keda-add-ons-http-external-scaler",
        KEDA_HTTP_OPERATOR_EXTERNAL_SCALER_PORT: "9090",
        KEDA_HTTP_OPERATOR_NAMESPACE: kedaNamespace,
      };
    case "interceptor":
      return {
        KEDA_HTTP_PROXY_PORT: String(ports.interceptor.proxy),
        KEDA_HTTP_ADMIN_PORT: String(ports.interceptor.admin),
        OTEL_PROM_EXPORTER_PORT: String(ports.interceptor.metrics),
        // Upstream's 5 s let its endpoint be removed first; here it ends only with the sandbox.
        KEDA_HTTP_SHUTDOWN_DELAY: "0s",
      };
    case "scaler":
      return {
        KEDA_HTTP_SCALER_PORT: String(ports.scaler.grpc),
        KEDA_HTTP_SCALER_TARGET_ADMIN_NAMESPACE: kedaNamespace,
        KEDA_HTTP_SCALER_TARGET_ADMIN_DEPLOYMENT: "keda-add-ons-http-interceptor",
        KEDA_HTTP_SCALER_TARGET_ADMIN_SERVICE: "keda-add-ons-http-interceptor-admin",
        KEDA_HTTP_SCALER_TARGET_ADMIN_PORT: "9090",
        OTEL_PROM_EXPORTER_PORT: String(ports.scaler.metrics),
      };
  }
}
