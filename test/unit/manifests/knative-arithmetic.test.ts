import { describe, expect, test } from "vitest";
import { platformReference, type ServedModelOptions } from "../../../src/manifests";
import { effectiveTarget, idleSeconds } from "../../../src/manifests/knative-arithmetic";
import { compileModel, predictorOf } from "../../../src/manifests/model-scaling";
import { predictorReasons, reasonLine } from "../../../src/manifests/scaling-explanation";

const platform = platformReference({ distribution: "kubernetes", prometheus: { url: "http://prometheus:9090" } });
const base: ServedModelOptions = { namespace: "models", weights: { existingClaim: "weights" }, replicas: { max: 2 } };
const objective = { slo: { itl: { atMostMs: 75 } }, capacity: { concurrencyPerReplica: 10 } };

function explanationOf(change: Partial<ServedModelOptions>): string[] {
  const options = { ...base, ...change };
  const compiled = compileModel("llama", options, platform);
  const policy = compiled?.ok === true ? compiled.policy : undefined;
  const predictor = predictorOf("llama", options, policy, "http://prometheus:9090");
  if (predictor === undefined) throw new Error("not scaled by KServe");
  return predictorReasons(options, predictor, policy).map(reasonLine);
}

// knative/serving 0.51, `ResolveMetricTarget` and `hpa/resources/hpa.go`.
describe("what a replica carries before Knative adds another", () => {
  test.each([
    [{}, 2, 1.4],
    [{ target: 2 }, 2, 1.4],
    [{ target: 100 }, 100, 70],
    [{ target: 2, targetUtilizationPercent: 100 }, 2, 2],
    [{ target: 10, containerConcurrency: 5 }, 10, 3.5],
    [{ target: 10, containerConcurrency: 20 }, 10, 7],
    [{ metric: "rps", target: 5 }, 5, 3.5],
    [{ metric: "cpu", target: 80 }, 80, 80],
    [{ metric: "memory", target: 4096 }, 4096, 4096],
  ] as const)("%j with a target of %d: %d (traps 53, 54)", (knative, target, effective) => {
    expect(effectiveTarget(knative, target)).toBeCloseTo(effective, 9);
  });

  test("is told, as requests in the replica and not in a queue (traps 53, 54)", () => {
    const scaling = { knative: { target: 2, containerConcurrency: 10 } };
    expect(explanationOf({ scaling })).toEqual(
      expect.arrayContaining([
        "Knative adds a replica above 1.4 requests in each, running or waiting, 70 % of the target.",
        "A replica gets 10 requests at once at most (containerConcurrency).",
      ]),
    );
    const single = { target: 1, targetUtilizationPercent: 100, containerConcurrency: 1 };
    expect(explanationOf({ scaling: { knative: single } })).toEqual(
      expect.arrayContaining([
        "Knative adds a replica above 1 request in each, running or waiting.",
        "A replica gets 1 request at once at most (containerConcurrency).",
      ]),
    );
    expect(explanationOf({ scaling: { knative: { metric: "rps", target: 5 } } })).toContain(
      "Knative adds a replica above 3.5 requests a second for each, 70 % of the target.",
    );
    expect(explanationOf({ ...objective, scaling: { knative: {} } })).toContain(
      "Knative adds a replica above 8 requests in each, running or waiting.",
    );
  });
});

// knative/serving 0.51, `handleScaleToZero` and the delay window of `Scale`.
describe("the end of the last replica", () => {
  test.each([
    [{}, 90],
    [{ podRetentionSeconds: 20 }, 90],
    [{ podRetentionSeconds: 60 }, 120],
    [{ podRetentionSeconds: 60, windowSeconds: 120 }, 180],
    [{ podRetentionSeconds: 60, scaleDownDelaySeconds: 600 }, 720],
  ])("%j: %d s after the last request (trap 55)", (knative, seconds) => {
    expect(idleSeconds(knative)).toBe(seconds);
  });

  test("is told where there may be no replica, and only there (trap 55)", () => {
    const scaling = { knative: { target: 2, podRetentionSeconds: 60 } };
    const line =
      "The last replica goes about 120 s after the last request: 60 s of window, 0 s of scale-down delay, then the longer of 30 s (Knative's grace period) and 60 s of retention.";
    expect(explanationOf({ scaling, replicas: { min: 0, max: 2 } })).toContain(line);
    expect(explanationOf({ scaling: { knative: { target: 2 } } }).join()).not.toContain("last replica");
  });
});
