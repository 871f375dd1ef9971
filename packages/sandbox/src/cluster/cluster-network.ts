import type { V1EndpointSlice, V1Pod, V1Service } from "@kubernetes/client-node";
import { isReady, podKey, serviceOfSlice } from "./endpoints";
import { processAddresses } from "./process-addresses";
import { serviceNames } from "./service-names";

/** Address of a process of the sandbox. */
export interface Address {
  host: string;
  port: number;
}

/**
 * Where a connection goes. "unknown-host": cluster DNS would not know the name, nor would anything have the address. "refused":
 * nothing listens on that port. "no-endpoints": the Service has no ready pod, for which a cluster refuses connections too.
 */
export type Destination = Address | "unknown-host" | "refused" | "no-endpoints";

export interface ClusterObjects {
  services: readonly V1Service[];
  slices: readonly V1EndpointSlice[];
  pods: readonly V1Pod[];
}

/**
 * Cluster DNS and kube-proxy: what a pod reaches under a Service's name, `name.namespace[.svc[.cluster.local]]`, a Service's
 * address or a pod's address.
 * @param random In [0, 1), decides between ready endpoints: a connection goes to any of them, as with kube-proxy.
 */
export function destinationOf(objects: ClusterObjects, host: string, port: number, random: () => number): Destination {
  const pod = objects.pods.find(({ status }) => status?.podIP === host);
  if (pod !== undefined) return addressOf(pod, port);
  const service = objects.services.find((one) => isReachedBy(one, host));
  if (service === undefined) return "unknown-host";

  const endpoints = readyEndpoints(service, port, objects);
  if (endpoints === undefined) return "refused";
  const chosen = endpoints[Math.floor(random() * endpoints.length)];
  return chosen === undefined ? "no-endpoints" : addressOf(chosen.pod, chosen.port);
}

function isReachedBy({ metadata, spec }: V1Service, host: string): boolean {
  // A name of something outside of the cluster; there is nothing outside here.
  if (spec?.type === "ExternalName") return false;
  return host === spec?.clusterIP || serviceNames(metadata?.name ?? "", metadata?.namespace ?? "").includes(host);
}

/** Ready pods of a Service and their port behind the Service's; undefined when the Service does not have that port. */
function readyEndpoints(
  { metadata, spec }: V1Service,
  port: number,
  { slices, pods }: ClusterObjects,
): { pod: V1Pod; port: number }[] | undefined {
  // The name of a headless Service stands for the pods' own addresses, so its ports do not matter.
  const headless = spec?.clusterIP === "None";
  const servicePort = spec?.ports?.find((one) => one.port === port && (one.protocol ?? "TCP") === "TCP");
  if (servicePort === undefined && !headless) return undefined;
  const podOf = new Map(pods.map((pod) => [podKey(pod), pod]));
  return slices
    .filter((slice) => serviceOfSlice(slice) === `${metadata?.namespace}/${metadata?.name}`)
    .flatMap((slice) => {
      const target = headless ? port : slice.ports?.find((one) => (one.name ?? "") === (servicePort?.name ?? ""))?.port;
      // A Service without pods has null there, whatever the type says.
      return (slice.endpoints ?? []).filter(isReady).flatMap(({ targetRef }) => {
        const pod = podOf.get(`${metadata?.namespace}/${targetRef?.name}`);
        return pod === undefined || target === undefined ? [] : [{ pod, port: target }];
      });
    });
}

function addressOf(pod: V1Pod, port: number): Destination {
  const [host, processPort] = processAddresses(pod).get(port)?.split(":") ?? [];
  return host === undefined ? "refused" : { host, port: Number(processPort) };
}
