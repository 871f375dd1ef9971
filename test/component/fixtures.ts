import type { PlatformReference } from "../../src";
import type { ServedModelOptions, SloAutoscalerOptions } from "../../src/manifests";
import { platformReference } from "../../src/manifests";

export const kubernetes: PlatformReference = platformReference({
  distribution: "kubernetes",
  prometheus: { url: "http://prometheus-operated.monitoring.svc:9090" },
});

export const openShift: PlatformReference = platformReference({
  distribution: "openshift",
  prometheus: { url: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092" },
});

/** Llama-3.1-8B on L4 with its published objective. */
export const llama: ServedModelOptions & Pick<SloAutoscalerOptions, "slo" | "capacity"> = {
  namespace: "models",
  weights: { nfs: { server: "nfs.example.com", path: "/exports/llama" } },
  slo: { itl: { atMostMs: 75 } },
  replicas: { min: 1, max: 7 },
  capacity: { profile: "llama-3.1-8b-l4", promptTokens: 1000, outputTokens: 500 },
};
