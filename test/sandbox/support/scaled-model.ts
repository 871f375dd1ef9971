import {
  type KubernetesObject,
  type PrometheusAuthentication,
  platformReference,
  type ServingPlatformOptions,
  servedModelManifests,
} from "vllm-serving/manifests";

/** All objects of a model that is scaled by an objective, exactly as the components make them; KEDA asks this Prometheus. */
export function scaledModelObjects(
  name: string,
  namespace: string,
  prometheus: NonNullable<ServingPlatformOptions["prometheus"]> & { authentication: PrometheusAuthentication },
): KubernetesObject[] {
  const result = servedModelManifests(
    name,
    {
      namespace,
      backend: "deployment",
      weights: { existingClaim: "weights" },
      slo: { itl: { atMostMs: 75 } },
      replicas: { max: 4 },
      capacity: { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1200 },
      prometheusAuthentication: prometheus.authentication,
    },
    platformReference({ distribution: "kubernetes", prometheus, kserve: { mode: "none" } }),
  );
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.objects.map(({ object }) => object);
}
