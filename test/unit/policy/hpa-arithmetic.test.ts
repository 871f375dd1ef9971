import { describe, expect, it } from "vitest";
import { compiled, metadataOf, queryOf, standardInput } from "./policy-inputs";

/** The HPA's formulas for external metrics: kubernetes `pkg/controller/podautoscaler/replica_calculator.go`. */
const tolerance = 0.1;
const within = (ratio: number) => ratio >= 1 - tolerance && ratio <= 1 + tolerance;
const averageValue = (value: number, target: number, replicas: number) =>
  within(value / (target * replicas)) ? replicas : Math.ceil(value / target);
const value = (reading: number, target: number, replicas: number, ready = replicas) =>
  within(reading / target) ? replicas : Math.ceil((reading / target) * ready);

const policy = compiled(standardInput);
const inFlightTarget = Number(metadataOf(policy, "in-flight").threshold);
const guardTarget = Number(metadataOf(policy, "itl").threshold);
const guardCap = Number(/, (\d+)\) >= 0/.exec(queryOf(policy, "itl"))?.[1]);
/** What the guard's query returns when this share of the gaps is above the bound of a median. */
const reading = (missedShare: number) => Math.min((100 * missedShare) / 0.5, guardCap);
const counts = [1, 2, 3, 4, 5, 6, 7];

describe("the in-flight trigger", () => {
  it.each([
    [0, 0],
    [4, 1],
    [12, 3],
    [22, 5],
    [35, 7],
  ])("with %i requests asks for %i replicas, whatever runs (traps 6, 7)", (requests, expected) => {
    const proposals = counts.filter((n) => !within(requests / (inFlightTarget * n)));
    expect(new Set(proposals.map((n) => averageValue(requests, inFlightTarget, n)))).toEqual(new Set([expected]));
  });

  it("asks for another replica before one carries more than it can within the SLO", () => {
    for (const replicas of counts) {
      const requests = policy.concurrencyAtSlo * replicas;
      expect(averageValue(requests, inFlightTarget, replicas)).toBeGreaterThan(replicas);
    }
  });
});

describe("the latency guard", () => {
  it("asks for nothing when no observation misses", () => {
    expect(counts.map((n) => value(reading(0), guardTarget, n))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it("never asks for more replicas than run while the objective is kept", () => {
    for (let missed = 0; missed <= 0.495; missed += 0.005) {
      for (const n of counts) expect(value(reading(missed), guardTarget, n)).toBeLessThanOrEqual(n);
    }
  });

  it("asks for more as soon as the objective is missed (trap 4)", () => {
    for (const n of counts) expect(value(reading(0.5), guardTarget, n)).toBe(n + Math.ceil(n / 9));
  });

  it("keeps what runs while the objective is nearly missed", () => {
    expect(counts.map((n) => value(reading(0.41), guardTarget, n))).toEqual(counts);
    expect(counts.map((n) => value(reading(0.49), guardTarget, n))).toEqual(counts);
  });

  it("at most doubles the ready replicas in one sync (trap 6)", () => {
    expect(counts.map((n) => value(reading(1), guardTarget, n))).toEqual(counts.map((n) => 2 * n));
  });

  it("does not ask for ever more while the replicas it asked for start (trap 9)", () => {
    expect(value(reading(1), guardTarget, 4, 2)).toBe(4);
    expect(value(reading(1), guardTarget, 6, 2)).toBe(4);
  });

  it("does not keep a large service large, as the interpolated median would (trap 5)", () => {
    // Every gap between 50 and 75 ms: the median reads 62.5, within 10 % of 68.
    expect(value(62.5, Math.floor(75 / 1.1), 7)).toBe(7);
    expect(value(reading(0), guardTarget, 7)).toBe(0);
  });
});

it("the fallback value of KEDA gives exactly the replicas that run", () => {
  for (const replicas of counts) {
    expect(averageValue(inFlightTarget * replicas, inFlightTarget, replicas)).toBe(replicas);
    for (let ready = 1; ready <= replicas; ready++) {
      const milli = Math.trunc(guardTarget * 1000 * (replicas / ready));
      expect(value(milli / 1000, guardTarget, replicas, ready)).toBe(replicas);
    }
  }
});
