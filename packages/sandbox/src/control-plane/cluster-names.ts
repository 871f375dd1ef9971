/** Address of a process of the sandbox. */
export interface Address {
  host: string;
  port: number;
}

/** Gives the address behind a cluster's name, and undefined for a name that stands for nothing. */
export type ResolveName = (host: string, port: number) => Address | undefined;

/** A Service of the cluster and the port clients ask it for. */
interface ServicePort {
  name: string;
  namespace: string;
  port: number;
}

/** Host names of a Service as pods write them: `name.namespace`, `name.namespace.svc`, and the full one. */
function serviceNames({ name, namespace }: ServicePort): string[] {
  const short = `${name}.${namespace}`;
  return [short, `${short}.svc`, `${short}.svc.cluster.local`];
}

/** Cluster DNS and kube-proxy in one: what runs in the sandbox by the names a cluster gives it. */
export class ClusterNames {
  private readonly addresses = new Map<string, Address>();

  /** From now on, connections to the Service's port go to the address. */
  register(service: ServicePort, address: Address): void {
    for (const host of serviceNames(service)) this.addresses.set(`${host}:${service.port}`, address);
  }

  readonly resolve: ResolveName = (host, port) => this.addresses.get(`${host}:${port}`);
}
