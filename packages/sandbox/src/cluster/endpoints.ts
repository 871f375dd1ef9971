import type { V1Endpoint, V1EndpointSlice, V1Pod } from "@kubernetes/client-node";
import { processAddresses } from "./process-addresses";

/** A pod that may get requests of a Service. */
export interface Endpoint {
  namespace: string;
  pod: string;
  /** Where its process listens, `127.0.0.1:<port>`. */
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
 * The endpoints of all Services that have EndpointSlices: those that are ready, as kube-proxy takes them, whose port the pod's
 * process has. Where a Service leads to another port a cluster would refuse the connection.
 */
export function serviceEndpoints(slices: readonly V1EndpointSlice[], pods: readonly V1Pod[]): ServiceEndpoints[] {
  const addressesOf = new Map(pods.map((pod) => [podKey(pod), processAddresses(pod)]));
  const services = new Map<string, ServiceEndpoints & { pods: Set<string> }>();
  for (const slice of slices) {
    const namespace = slice.metadata?.namespace ?? "";
    const key = serviceOfSlice(slice);
    if (key === undefined) continue;
    const entry = services.get(key) ?? {
      namespace,
      service: key.slice(namespace.length + 1),
      endpoints: [],
      pods: new Set(),
    };
    services.set(key, entry);
    // The API server sends null for a Service without endpoints, whatever the client's type says.
    for (const { targetRef } of (slice.endpoints ?? []).filter(isReady)) {
      const pod = targetRef?.kind === "Pod" ? targetRef.name : undefined;
      if (pod === undefined || entry.pods.has(pod)) continue;
      const addresses = addressesOf.get(`${namespace}/${pod}`);
      const address = (slice.ports ?? []).flatMap(({ port }) => addresses?.get(port ?? 0) ?? [])[0];
      if (address === undefined) continue;
      entry.pods.add(pod);
      entry.endpoints.push({ namespace, pod, address });
    }
  }
  return [...services.values()].map(({ namespace, service, endpoints }) => ({ namespace, service, endpoints }));
}

/** `<namespace>/<name>` of the Service that a slice belongs to. */
export function serviceOfSlice({ metadata }: V1EndpointSlice): string | undefined {
  const service = metadata?.labels?.[serviceNameLabel];
  return service === undefined ? undefined : `${metadata?.namespace ?? ""}/${service}`;
}

/** Absent conditions mean ready. */
export function isReady({ conditions }: V1Endpoint): boolean {
  return conditions?.ready !== false;
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
