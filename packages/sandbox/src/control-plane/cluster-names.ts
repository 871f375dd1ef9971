/** Address of a process of the sandbox. */
export interface Address {
  host: string;
  port: number;
}

/** Gives the address behind a cluster's name, and undefined for a name that stands for nothing. */
export type ResolveName = (host: string, port: number) => Address | undefined;

/** Host names of a Service as pods write them: `name.namespace`, `name.namespace.svc`, and the full one. */
function serviceNames(name: string, namespace: string): string[] {
  const short = `${name}.${namespace}`;
  return [short, `${short}.svc`, `${short}.svc.cluster.local`];
}

/** Where Prometheus Operator serves Prometheus. */
const prometheusNames = new Set(serviceNames("prometheus-operated", "monitoring"));
const prometheusServicePort = 9090;

/** Names of what the sandbox itself runs. */
export function sandboxNames({ prometheus }: { prometheus: Address }): ResolveName {
  return (host, port) => (prometheusNames.has(host) && port === prometheusServicePort ? prometheus : undefined);
}
