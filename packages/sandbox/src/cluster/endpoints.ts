import type { V1EndpointSlice, V1Pod } from "@kubernetes/client-node";
import { sandboxAnnotations } from "./sandbox-annotations";

/** A pod that may get requests of a Service. */
export interface Endpoint {
  namespace: string;
  pod: string;
  /** Where its simulator listens, `127.0.0.1:<port>`. */
  address: string;
}

/** A Service with the endpoints that are ready. */
export interface ServiceEndpoints {
  namespace: string;
  service: string;
  endpoints: Endpoint[];
}

const serviceNameLabel = "kubernetes.io/service-name";

/**
 * The endpoints of all Services that have EndpointSlices: those that are ready, as kube-proxy takes them, whose port is the
 * one vLLM listens on. Where a Service leads to another port a cluster would refuse the connection.
 */
export function serviceEndpoints(slices: readonly V1EndpointSlice[], pods: readonly V1Pod[]): ServiceEndpoints[] {
  const annotationsOf = new Map(pods.map((pod) => [podKey(pod), pod.metadata?.annotations ?? {}]));
  const services = new Map<string, ServiceEndpoints & { pods: Set<string> }>();
  for (const slice of slices) {
    const namespace = slice.metadata?.namespace ?? "";
    const service = slice.metadata?.labels?.[serviceNameLabel];
    if (service === undefined) continue;
    const key = `${namespace}/${service}`;
    const entry = services.get(key) ?? { namespace, service, endpoints: [], pods: new Set() };
    services.set(key, entry);
    const ports = (slice.ports ?? []).map((port) => String(port.port));
    // The API server sends null for a Service without endpoints, whatever the client's type says.
    // A Service without pods has null there, whatever the type says.
    for (const { conditions, targetRef } of slice.endpoints ?? []) {
      const pod = targetRef?.kind === "Pod" ? targetRef.name : undefined;
      // Absent conditions mean ready.
      if (pod === undefined || conditions?.ready === false || entry.pods.has(pod)) continue;
      const annotations = annotationsOf.get(`${namespace}/${pod}`) ?? {};
      const address = annotations[sandboxAnnotations.address];
      const port = annotations[sandboxAnnotations.port];
      if (address === undefined || port === undefined || !ports.includes(port)) continue;
      entry.pods.add(pod);
      entry.endpoints.push({ namespace, pod, address });
    }
  }
  return [...services.values()].map(({ namespace, service, endpoints }) => ({ namespace, service, endpoints }));
}

/** Identifies a pod in maps: `<namespace>/<name>`. */
export function podKey(pod: V1Pod): string {
  return `${pod.metadata?.namespace ?? ""}/${pod.metadata?.name ?? ""}`;
}

/**
 * The endpoint with the fewest requests in flight; among equals a random one, so that idle replicas share single requests.
 * kube-proxy picks at random, which loads replicas unevenly when requests last minutes; gateways made for LLMs look at load.
 */
export function leastLoaded(
  endpoints: Endpoint[],
  inFlight: (endpoint: Endpoint) => number,
  random: () => number,
): Endpoint | undefined {
  const least = Math.min(...endpoints.map(inFlight));
  const candidates = endpoints.filter((endpoint) => inFlight(endpoint) === least);
  return candidates[Math.floor(random() * candidates.length)];
}
