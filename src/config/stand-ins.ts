import { LatencyKind } from "../policy/slo";
import type { ModelConfiguration, PlatformConfiguration } from "./schema";

/** Stand-ins for what is missing or malformed, which cause no problem by themselves. */
export const neutralPlatform: PlatformConfiguration = {
  distribution: "kubernetes",
  prometheus: { url: "http://prometheus.invalid" },
};

export const neutralModel = modelOf(1);

/** Others, for what follows from neither. */
export const otherModel = modelOf(2);

function modelOf(times: 1 | 2): ModelConfiguration {
  const objective = { atMostMs: 1000 * times, quantile: 0.4 * times, goodRatio: 0.4 * times };
  return {
    name: "model",
    namespace: "models",
    weights: { existingClaim: "weights" },
    slo: Object.fromEntries(Object.values(LatencyKind).map((kind) => [kind, objective])),
    replicas: { min: times, max: 1000 * times },
    capacity: {
      promptTokens: 500 * times,
      outputTokens: 500 * times,
      concurrencyPerReplica: 500 * times,
      headroom: times === 1 ? "loose" : "contractual",
    },
    load: {
      requestsPerSecond: times,
      secondsPerRequest: times,
      burst: { requestsPerSecond: times, withinSeconds: times },
    },
    scaling: {
      scaledObject: { wokenElsewhere: true },
      http: {},
      knative: { metric: "rps", target: times },
      kserveKeda: { triggers: [{ query: "sum(requests)", threshold: times }] },
      hpa: { metric: "cpu", targetPercent: times },
    },
    gpus: times,
  };
}
