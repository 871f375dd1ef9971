import { describe, expect, it } from "vitest";
import { averageValue, proposalOf, value, within } from "./hpa";
import { compiled, metadataOf, queryOf, standardInput, triggerOf } from "./policy-inputs";

const policy = compiled(standardInput);
const proposal = (name: string, reading: number, replicas: number, ready = replicas) =>
  proposalOf(triggerOf(policy, name), reading, replicas, ready);
const inFlight = (requests: number, replicas: number) => proposal("in-flight", requests, replicas);
const guard = (missed: number, replicas: number, ready = replicas) => proposal("itl", missed, replicas, ready);
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
    expect(new Set(proposals.map((n) => inFlight(requests, n)))).toEqual(new Set([expected]));
  });

  it("asks for another replica before one carries more than it can within the SLO", () => {
    for (const replicas of counts) {
      const requests = policy.concurrencyAtSlo * replicas;
      expect(inFlight(requests, replicas)).toBeGreaterThan(replicas);
    }
  });
});

describe("the latency guard", () => {
  it("asks for nothing when no observation misses", () => {
    expect(counts.map((n) => guard(reading(0), n))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it("never asks for more replicas than run while the objective is kept", () => {
    for (let missed = 0; missed <= 0.495; missed += 0.005) {
      for (const n of counts) expect(guard(reading(missed), n)).toBeLessThanOrEqual(n);
    }
  });

  it("asks for more as soon as the objective is missed (trap 4)", () => {
    for (const n of counts) expect(guard(reading(0.5), n)).toBe(n + Math.ceil(n / 9));
  });

  it("keeps what runs while the objective is nearly missed", () => {
    expect(counts.map((n) => guard(reading(0.41), n))).toEqual(counts);
    expect(counts.map((n) => guard(reading(0.49), n))).toEqual(counts);
  });

  it("at most doubles the ready replicas in one sync (trap 6)", () => {
    expect(counts.map((n) => guard(reading(1), n))).toEqual(counts.map((n) => 2 * n));
  });

  it("does not ask for ever more while the replicas it asked for start (trap 9)", () => {
    expect(guard(reading(1), 4, 2)).toBe(4);
    expect(guard(reading(1), 6, 2)).toBe(4);
  });

  it("does not keep a large service large, as the interpolated median would (trap 5)", () => {
    // Every gap between 50 and 75 ms: the median reads 62.5, within 10 % of 68.
    expect(value(62.5, Math.floor(75 / 1.1), 7)).toBe(7);
    expect(guard(reading(0), 7)).toBe(0);
  });
});

describe("the published policy for 75 ms and seven GPUs", () => {
  // Three triggers without a metricType, which is AverageValue. No vLLM has the KV cache's series: KEDA reads an empty result as 0.
  const published = (waiting: number, itlSeconds: number, replicas: number) => ({
    waiting: averageValue(waiting, 2, replicas),
    cache: averageValue(0, 0.6, replicas),
    itl: averageValue(itlSeconds, 0.07, replicas),
  });

  it("asks for seven replicas by 13 waiting requests, and by latency only above six times its target (trap 2)", () => {
    expect(published(13, 0.085, 1)).toEqual({ waiting: 7, cache: 0, itl: 2 });
    expect(published(12, 0.42, 1)).toEqual({ waiting: 6, cache: 0, itl: 6 });
    expect(published(12, 0.421, 1)).toEqual({ waiting: 6, cache: 0, itl: 7 });
  });

  it("asks for two of seven while 85 ms miss the objective; ours keeps all that help (trap 2)", () => {
    expect(published(0, 0.085, 7)).toEqual({ waiting: 0, cache: 0, itl: 2 });
    // Every gap at 85 ms is above the bound.
    expect(guard(reading(1), 4)).toBe(8);
    expect(guard(reading(1), 7)).toBeGreaterThanOrEqual(7);
  });

  it("is called a success at a median of 82 ms, which misses the objective: ours asks for more at any size (trap 11)", () => {
    // A median above the bound: at least half of all gaps are.
    for (const n of counts) expect(guard(reading(0.5), n)).toBeGreaterThan(n);
  });
});

it("the fallback value of KEDA gives exactly the replicas that run", () => {
  for (const replicas of counts) {
    expect(inFlight(inFlightTarget * replicas, replicas)).toBe(replicas);
    for (let ready = 1; ready <= replicas; ready++) {
      const milli = Math.trunc(guardTarget * 1000 * (replicas / ready));
      expect(guard(milli / 1000, replicas, ready)).toBe(replicas);
    }
  }
});
