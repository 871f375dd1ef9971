import { Role, standardLabels } from "./labels";
import { childName, fitName } from "./naming";
import { HttpRouteKind, type HttpScaling } from "./scaling-options";
import { answerSeconds, coldStartSeconds, waitSeconds } from "./timeouts";
import { httpPort } from "./vllm-arguments";
import type { VllmServerSettings } from "./vllm-server-options";

/** Services of the HTTP add-on (kedacore/charts, `http-add-on`) and their ports. */
export const interceptorService = "keda-add-ons-http-interceptor-proxy";
export const interceptorPort = 8080;
const scaler = { service: "keda-add-ons-http-external-scaler", port: 9090 } as const;

/** A model whose requests are held while it has no replica. */
export interface HttpActivationOptions {
  namespace: string;
  http: HttpScaling;
  settings: VllmServerSettings;
  /** Deployment that is scaled; the legacy resource names it. */
  deploymentName: string;
  /** Requests in flight for each replica. */
  targetConcurrency: number;
  maxReplicas: number;
  /** Hosts of `expose`. */
  exposedHosts: string[];
}

/** Name of the Service by which clients inside the cluster reach the interceptor. */
export function wakeServiceName(name: string): string {
  return childName(name, "wake");
}

/** Base URL inside the cluster of a model that may have no replica. */
export function wakeUrl(name: string, namespace: string): string {
  return `http://${wakeServiceName(name)}.${namespace}.svc:${interceptorPort}`;
}

/** Address of the scaler, for a trigger of type `external-push`. */
export function scalerAddress(addOnNamespace: string): string {
  return `${scaler.service}.${addOnNamespace}:${scaler.port}`;
}

/**
 * The interceptor under a name of the model's own, so that a Host header leads back to it. A CNAME is a full name: the cluster's
 * domain is the usual one.
 */
export function wakeService<S>(name: string, namespace: string, externalName: S) {
  return {
    apiVersion: "v1" as const,
    kind: "Service" as const,
    metadata: { name: wakeServiceName(name), namespace, labels: standardLabels(name, Role.Server) },
    spec: {
      type: "ExternalName",
      externalName,
      ports: [{ name: httpPort.name, port: interceptorPort, protocol: "TCP" }],
    },
  };
}

/** Full name of the interceptor's Service. */
export function interceptorHost(addOnNamespace: string): string {
  return `${interceptorService}.${addOnNamespace}.svc.cluster.local`;
}

/** Which requests are the model's, how long they wait, and how many of them a replica is asked to carry. */
export function httpRoute(name: string, options: HttpActivationOptions) {
  return options.http.kind === HttpRouteKind.HttpScaledObject
    ? httpScaledObject(name, options)
    : interceptorRoute(name, options);
}

function interceptorRoute(name: string, options: HttpActivationOptions) {
  const { namespace, settings, targetConcurrency } = options;
  return {
    apiVersion: "http.keda.sh/v1beta1" as const,
    kind: "InterceptorRoute" as const,
    metadata: { name: fitName(name), namespace, labels: standardLabels(name, Role.Autoscaler) },
    spec: {
      target: { service: fitName(name), port: httpPort.number },
      rules: [{ hosts: hosts(name, options) }],
      scalingMetric: { concurrency: { targetValue: targetConcurrency } },
      timeouts: {
        readiness: `${coldStartSeconds(settings)}s`,
        responseHeader: `${answerSeconds(settings)}s`,
        request: `${waitSeconds(settings, true, 0)}s`,
      },
    },
  };
}

/** Before 0.14. The add-on would make a ScaledObject of its own for it, and KEDA takes only one for a Deployment. */
function httpScaledObject(name: string, options: HttpActivationOptions) {
  const { namespace, settings, deploymentName, targetConcurrency, maxReplicas } = options;
  return {
    apiVersion: "http.keda.sh/v1alpha1" as const,
    kind: "HTTPScaledObject" as const,
    metadata: {
      name: fitName(name),
      namespace,
      labels: standardLabels(name, Role.Autoscaler),
      annotations: { "httpscaledobject.keda.sh/skip-scaledobject-creation": "true" },
    },
    spec: {
      hosts: hosts(name, options),
      scaleTargetRef: {
        name: deploymentName,
        kind: "Deployment",
        apiVersion: "apps/v1",
        service: fitName(name),
        port: httpPort.number,
      },
      replicas: { min: 0, max: maxReplicas },
      scalingMetric: { concurrency: { targetValue: targetConcurrency } },
      timeouts: { conditionWait: `${coldStartSeconds(settings)}s`, responseHeader: `${answerSeconds(settings)}s` },
    },
  };
}

/** The interceptor looks at the Host header without its port. A name without the namespace would be that of any namespace. */
function hosts(name: string, { namespace, http, exposedHosts }: HttpActivationOptions): string[] {
  const inside = `${wakeServiceName(name)}.${namespace}`;
  return [...new Set([inside, `${inside}.svc`, `${inside}.svc.cluster.local`, ...exposedHosts, ...(http.hosts ?? [])])];
}
