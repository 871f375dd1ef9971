/** A namespace. */
export function namespace(name: string) {
  return {
    apiVersion: "v1" as const,
    kind: "Namespace" as const,
    metadata: { name, labels: { "app.kubernetes.io/part-of": "vllm-serving" } },
  };
}
