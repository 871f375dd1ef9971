import { setTimeout as sleep } from "node:timers/promises";
import { type Address, type Destination, serviceNames } from "../cluster";

/** Why there is no connection: the name stands for nothing, or nothing accepts connections behind it. */
export type ConnectionFailure = "unknown-host" | "refused";

/** Gives the address behind a name and port of the cluster. */
export type ResolveName = (host: string, port: number) => Promise<Address | ConnectionFailure>;

/** A Service of the cluster and the port clients ask it for. */
interface ServicePort {
  name: string;
  namespace: string;
  port: number;
}

const pollMs = 50;

/** Cluster DNS and kube-proxy in one: what runs in the sandbox by the names a cluster gives it. */
export class ClusterNames {
  private readonly addresses = new Map<string, Address>();
  private destination: (host: string, port: number) => Destination = () => "unknown-host";

  /**
   * @param endpointsWaitMs How long a connection to a Service without ready pods waits for one before it is refused. Clients
   * that watch EndpointSlices themselves, as the HTTP add-on does, may learn of a pod before this process does, and take a
   * refusal for final where a cluster's network would only answer late. Milliseconds.
   */
  constructor(private readonly endpointsWaitMs = 5_000) {}

  /** From now on, connections to the Service's port go to the address. */
  register({ name, namespace, port }: ServicePort, address: Address): void {
    for (const host of serviceNames(name, namespace)) this.addresses.set(`${host}:${port}`, address);
  }

  /** From now on, all other names stand for what the objects of the cluster say. */
  follow(destination: (host: string, port: number) => Destination): void {
    this.destination = destination;
  }

  readonly resolve: ResolveName = async (host, port) => {
    const registered = this.addresses.get(`${host}:${port}`);
    if (registered !== undefined) return registered;
    const deadline = Date.now() + this.endpointsWaitMs;
    for (;;) {
      const destination = this.destination(host, port);
      if (destination !== "no-endpoints") return destination;
      if (Date.now() >= deadline) return "refused";
      await sleep(pollMs);
    }
  };
}
