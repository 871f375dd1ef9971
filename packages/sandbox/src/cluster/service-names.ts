/** Host names of a Service as pods write them: `name.namespace`, `name.namespace.svc`, and the full one. */
export function serviceNames(name: string, namespace: string): string[] {
  const short = `${name}.${namespace}`;
  return [short, `${short}.svc`, `${short}.svc.cluster.local`];
}
