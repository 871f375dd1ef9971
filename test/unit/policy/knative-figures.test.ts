import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveKnative, type KnativeFigures } from "../../../src/policy/knative-figures";
import { standardInput } from "./policy-inputs";

const capacity = { concurrencyAtSlo: 7, targetConcurrency: 5, because: "Seven, less the headroom." };
const { timing } = standardInput;
const annotation = (name: string) => `spec.predictor.annotations["autoscaling.knative.dev/${name}"]`;

describe("Knative's figures from an objective", () => {
  it("are these for Llama-3.1-8B on L4, each with its formula", () => {
    const { figures, explanation } = deriveKnative({}, capacity, timing, true);
    expect(figures).toEqual({
      target: 5,
      targetUtilizationPercent: 100,
      containerConcurrency: 7,
      windowSeconds: 60,
      scaleDownDelaySeconds: 225,
      podRetentionSeconds: 210,
    });
    expect(explanation).toEqual([
      { path: "spec.predictor.scaleTarget", value: "5", because: "Seven, less the headroom." },
      {
        path: annotation("target-utilization-percentage"),
        value: "100",
        because: "The headroom is in the target already; Knative's own 70 % would make 3.5 of 5.",
      },
      {
        path: "spec.predictor.containerConcurrency",
        value: "7",
        because:
          "floor(7): what a replica carries within the objective. More wait in front of it while others start, and are counted there.",
      },
      {
        path: annotation("window"),
        value: "60",
        because: "Knative's own average, written out because the times below count on it.",
      },
      {
        path: annotation("scale-down-delay"),
        value: "225",
        because:
          "Time until a new replica's effect is seen, 165 s start + 120 s longest generation = 285 s, less the 60 s of the window, kept between 0 and 3600 s: for so long the load must be lower before a replica goes.",
      },
      {
        path: annotation("scale-to-zero-pod-retention-period"),
        value: "210",
        because:
          "The last replica shall stay for three starts of 165 s, at least 60 s, after the last request: 495 s, less 60 s of window and 225 s of delay, kept between 0 and 3600 s. Knative's 30 s of grace pass in any case.",
      },
    ]);
  });

  it("have no retention where a replica always stays", () => {
    const { figures, explanation } = deriveKnative({}, capacity, timing, false);
    expect(figures).not.toHaveProperty("podRetentionSeconds");
    expect(explanation).toHaveLength(5);
  });

  it("are as given where they are given, and the others follow from those", () => {
    const given = { containerConcurrency: 20, windowSeconds: 120, scaleDownDelaySeconds: 60 };
    const { figures, explanation } = deriveKnative(given, capacity, timing, true);
    expect(figures).toEqual({ target: 5, targetUtilizationPercent: 100, ...given, podRetentionSeconds: 315 });
    expect(explanation.filter(({ because }) => because === "As given.").map(({ value }) => value)).toEqual([
      "20",
      "120",
      "60",
    ]);
  });

  it("have no target above a limit that is given", () => {
    const { figures, explanation } = deriveKnative({ containerConcurrency: 2 }, capacity, timing, false);
    expect(figures).toMatchObject({ target: 2, targetUtilizationPercent: 100, containerConcurrency: 2 });
    expect(explanation.slice(0, 2).map(({ because }) => because)).toEqual([
      "Seven, less the headroom. containerConcurrency lets no more than 2 in at once.",
      "The headroom is in the target already; Knative's own 70 % would make 1.4 of 2.",
    ]);
  });

  it("let a replica go at once that starts sooner than the window ends", () => {
    const short = { startupSeconds: 10, longestGenerationSeconds: 15, scrapeIntervalSeconds: 5 };
    expect(deriveKnative({}, capacity, short, true).figures).toMatchObject({
      scaleDownDelaySeconds: 0,
      podRetentionSeconds: 0,
    });
  });

  it("have a limit of whole requests, and none above what Knative takes", () => {
    const limitOf = (concurrencyAtSlo: number) =>
      deriveKnative({}, { ...capacity, concurrencyAtSlo }, timing, false).figures.containerConcurrency;
    expect([1.9, 12.5, 1000, 1001].map(limitOf)).toEqual([1, 12, 1000, undefined]);
  });

  it("are within Knative's bounds for any times, and keep an idle replica for three starts where those allow it", () => {
    const seconds = (max: number) => fc.double({ min: 0.1, max, noNaN: true });
    fc.assert(
      fc.property(seconds(5000), seconds(5000), fc.integer({ min: 6, max: 3600 }), (start, generation, window) => {
        const times = { startupSeconds: start, longestGenerationSeconds: generation, scrapeIntervalSeconds: 15 };
        const { figures } = deriveKnative({ windowSeconds: window }, capacity, times, true);
        const { scaleDownDelaySeconds: delay = -1, podRetentionSeconds: retention = -1 }: KnativeFigures = figures;
        for (const value of [delay, retention]) {
          expect(Number.isInteger(value) && value >= 0 && value <= 3600).toBe(true);
        }
        if (retention < 3600) expect(window + delay + retention).toBeGreaterThanOrEqual(3 * start);
      }),
    );
  });
});
