/** A namespace. */
export function namespace(name: string) {
  return {
    apiVersion: "v1" as const,
    kind: "Namespace" as const,
    metadata: { name, labels: { "app.kubernetes.io/part-of": "vllm-serving" } },
  };
}

/** A namespace whose pods may do what a node's own programs may (Pod Security's level `privileged`). */
export function privilegedNamespace(name: string) {
  const plain = namespace(name);
  const labels = { ...plain.metadata.labels, "pod-security.kubernetes.io/enforce": "privileged" };
  return { ...plain, metadata: { ...plain.metadata, labels } };
}
