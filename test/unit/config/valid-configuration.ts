/** A valid configuration of one model; each call gives a fresh one. */
export function validConfiguration(): Record<string, unknown> {
  return {
    cluster: { expect: { context: "gpu-production" } },
    platform: validPlatform(),
    models: [validModel()],
  };
}

export function validPlatform(): Record<string, unknown> {
  return { distribution: "kubernetes", prometheus: { url: "http://prometheus.monitoring.svc:9090" } };
}

export function validModel(): Record<string, unknown> {
  return {
    name: "llama",
    namespace: "llm",
    weights: { nfs: { server: "nfs.example.com", path: "/models" } },
    slo: { itl: { atMostMs: 75 } },
    replicas: { min: 1, max: 7 },
    capacity: { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1200 },
  };
}
