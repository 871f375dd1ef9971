import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePolicy, type LoadInput, type PolicyInput } from "../../../src/policy";
import { inFlightOfBurst } from "../../../src/policy/load";
import { compiled, standardInput } from "./policy-inputs";

function problemsOf(change: Partial<PolicyInput>): string[] {
  const result = compilePolicy({ ...standardInput, ...change });
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const withLoad = (load: LoadInput, change: Partial<PolicyInput> = {}) => problemsOf({ ...change, load });
const bounds = (min: number, max: number) => ({ replicas: { min, max } });

describe("a drain that is shorter than a request", () => {
  const drains = (longestGenerationSeconds: number, change: Partial<PolicyInput> = {}) =>
    compiled({ ...standardInput, timing: { ...standardInput.timing, longestGenerationSeconds }, ...change }).warnings;

  // 87.862 s, as below.
  it("is warned of with the share of requests that a scale-down cuts off", () => {
    expect(drains(88)).toEqual([]);
    expect(drains(87)).toEqual([
      "longestGenerationSeconds: a replica that is removed has 87 s to finish what it runs, and a request takes 87.9 s on average with 5 in flight: about 1 % of them are cut off. Give what the longest request takes, at least 88 s, or shorter lengths.",
    ]);
    expect(drains(22)).toEqual([expect.stringContaining("about 75 % of them are cut off")]);
    expect(drains(87.87)).toEqual([expect.stringContaining("about 0.01 % of them are cut off")]);
  });

  it("is known of a measured concurrency by the seconds of a request that are measured with it", () => {
    const capacity = { concurrencyPerReplica: 10 };
    expect(drains(60, { capacity })).toEqual([]);
    expect(drains(60, { capacity, load: { requestsPerSecond: 0.1, secondsPerRequest: 60 } })).toEqual([]);
    expect(drains(60, { capacity, load: { requestsPerSecond: 0.1, secondsPerRequest: 80 } })).toEqual([
      expect.stringContaining(
        "has 60 s to finish what it runs, and a request takes 80 s on average with 8 in flight: about 25 % of them",
      ),
    ]);
  });
});

describe("the peak of the load", () => {
  // With 5 in flight a request takes 5 x 721.92 ms of prefills and 1200 x 70.221 ms of steps: 87.9 s.
  it("that replicas.max cannot carry is refused with the replicas that could", () => {
    expect(withLoad({ requestsPerSecond: 0.5 })).toEqual([
      "replicas.max: 7 cannot carry load.requestsPerSecond: 0.5 requests a second of 87.9 s each are 43.9 in flight (0.5 x 87.9), a replica is asked to carry 5, and ceil(43.9 / 5) = 9. Set it to at least 9, or use a faster GPU, shorter requests, a looser objective or less headroom.",
    ]);
    expect(withLoad({ requestsPerSecond: 0.5 }, bounds(1, 9))).toEqual([]);
    expect(withLoad({ requestsPerSecond: 0.5 }, bounds(1, 8))).toHaveLength(1);
  });

  it("takes more replicas with more headroom, since each is asked to carry less", () => {
    const capacity = { ...standardInput.capacity, headroom: "contractual" } as const;
    expect(withLoad({ requestsPerSecond: 0.39 })).toEqual([]);
    expect(withLoad({ requestsPerSecond: 0.39 }, { capacity })).toEqual([
      expect.stringContaining(
        "are 31.8 in flight (0.39 x 81.5), a replica is asked to carry 3, and ceil(31.8 / 3) = 11.",
      ),
    ]);
  });

  it("is explained beside the bound it fits", () => {
    const { explanation } = compiled({ ...standardInput, load: { requestsPerSecond: 0.2 } });
    expect(explanation.find(({ path }) => path === "spec.maxReplicaCount")?.because).toBe(
      "As given: 7 x 1 = 7 GPUs. 0.2 requests a second are 17.6 in flight, which need 4.",
    );
  });

  it("takes what binary fractions add for no request", () => {
    // 0.07 * 100 is 7.000000000000001.
    const capacity = { concurrencyPerReplica: 8.75 };
    const { explanation } = compiled({
      ...standardInput,
      capacity,
      replicas: { min: 1, max: 1 },
      load: { requestsPerSecond: 0.07, secondsPerRequest: 100 },
    });
    expect(explanation.find(({ path }) => path === "spec.maxReplicaCount")?.because).toBe(
      "As given: 1 x 1 = 1 GPUs. 0.07 requests a second are 7 in flight, which need 1.",
    );
  });

  it("is said with the decimals that its division needs", () => {
    const capacity = { concurrencyPerReplica: 8.75 };
    expect(withLoad({ requestsPerSecond: 0.07, secondsPerRequest: 100.2 }, { capacity, ...bounds(1, 1) })).toEqual([
      expect.stringContaining(
        "are 7.01 in flight (0.07 x 100.2), a replica is asked to carry 7, and ceil(7.01 / 7) = 2.",
      ),
    ]);
    const few = { ...standardInput, capacity, load: { requestsPerSecond: 0.001, secondsPerRequest: 10 } };
    expect(compiled(few).explanation.find(({ path }) => path === "spec.maxReplicaCount")?.because).toBe(
      "As given: 7 x 1 = 7 GPUs. 0.001 requests a second are 0.01 in flight, which need 1.",
    );
    const burst = { requestsPerSecond: 0.07, withinSeconds: 0 };
    expect(
      withLoad(
        { requestsPerSecond: 0.07, secondsPerRequest: 100.2, burst },
        { capacity: { concurrencyPerReplica: 7 } },
      ),
    ).toEqual([
      expect.stringContaining(
        "By then 7.01 requests are in flight, a replica carries 7 within the objective, and ceil(7.01 / 7) = 2.",
      ),
    ]);
  });

  it("with a measured concurrency needs the time of a request", () => {
    const capacity = { concurrencyPerReplica: 10 };
    expect(withLoad({ requestsPerSecond: 2 }, { capacity })).toEqual([
      "load.secondsPerRequest: Missing: with capacity.concurrencyPerReplica nothing says how long a request takes, and so how many are in flight. Give the mean time from arrival to last token that you measured at that concurrency.",
    ]);
    expect(withLoad({ requestsPerSecond: 2, secondsPerRequest: 28 }, { capacity })).toEqual([]);
    expect(withLoad({ requestsPerSecond: 2, secondsPerRequest: 28.1 }, { capacity })).toEqual([
      expect.stringContaining(
        "2 requests a second of 28.1 s each are 56.2 in flight (2 x 28.1), a replica is asked to carry 8",
      ),
    ]);
  });
});

describe("a burst", () => {
  it("that is over before a new replica serves must be carried by replicas.min", () => {
    // With 7 in flight, all that keep the objective, a request takes 94.2 s.
    expect(withLoad({ requestsPerSecond: 0.3, burst: { requestsPerSecond: 0.2, withinSeconds: 30 } })).toEqual([
      "replicas.min: 1 cannot carry load.burst: within 30 s the load rises to 0.2 requests a second, and a replica that is asked for when it begins serves after 195 s (scrape 15 s, HPA sync 15 s, start 165 s). By then 18.8 requests are in flight, a replica carries 7 within the objective, and ceil(18.8 / 7) = 3. Set it to 3, shorten the start, or leave load.burst out if the objective may be missed that long.",
    ]);
    const burst = { requestsPerSecond: 0.2, withinSeconds: 30 };
    expect(withLoad({ requestsPerSecond: 0.3, burst }, bounds(3, 7))).toEqual([]);
    expect(withLoad({ requestsPerSecond: 0.3, burst }, bounds(2, 7))).toHaveLength(1);
  });

  it("slower than a start needs only what has come until then", () => {
    const burst = { requestsPerSecond: 0.2, withinSeconds: 390 };
    // The rise over 390 s has come to half in 195 s, and of what came with it the last 94.2 s are there: 0.2 / 780 x (195^2 - 100.8^2).
    expect(withLoad({ requestsPerSecond: 0.3, burst }, bounds(2, 7))).toEqual([]);
    expect(withLoad({ requestsPerSecond: 0.3, burst })).toEqual([expect.stringContaining("ceil(7.1 / 7) = 2")]);
  });

  it("needs no more than what arrives until a new replica serves", () => {
    const burst = { requestsPerSecond: 0.2, withinSeconds: 10 };
    const timing = { ...standardInput.timing, startupSeconds: 9 };
    expect(withLoad({ requestsPerSecond: 0.3, burst }, { timing })).toEqual([]);
    expect(withLoad({ requestsPerSecond: 0.3, burst }, { timing: { ...timing, startupSeconds: 11 } })).toEqual([
      expect.stringContaining("serves after 41 s (scrape 15 s, HPA sync 15 s, start 11 s). By then 7.2 requests"),
    ]);
  });

  it("that rises until a new replica serves has brought half of its rate until then", () => {
    const capacity = { concurrencyPerReplica: 12.5, headroom: "loose" } as const;
    const burst = { requestsPerSecond: 0.1, withinSeconds: 195 };
    const load = { requestsPerSecond: 0.1, secondsPerRequest: 400, burst };
    // 0.1 x 195 / 2 = 9.75.
    expect(withLoad(load, { capacity: { concurrencyPerReplica: 10 } })).toEqual([]);
    expect(withLoad(load, { capacity: { ...capacity, concurrencyPerReplica: 9 } })).toEqual([
      expect.stringContaining("By then 9.8 requests are in flight, a replica carries 9 within the objective"),
    ]);
  });

  it("at once brings its whole rate, and says so", () => {
    const burst = { requestsPerSecond: 1 / 3, withinSeconds: 0 };
    expect(withLoad({ requestsPerSecond: 1 / 3, burst })).toEqual([
      expect.stringMatching(
        /^replicas\.min: 1 cannot carry load\.burst: at once the load rises to 0\.3333 requests a second, .* By then 31\.4 requests .* Set it to 5,/,
      ),
    ]);
  });

  it("has in flight what the integral of its rate over the last request's time is, however long each takes", () => {
    const seconds = fc.double({ min: 0, max: 1000, noNaN: true });
    fc.assert(
      fc.property(seconds, seconds, seconds, (withinSeconds, secondsPerRequest, after) => {
        const rate = (t: number) => (t < withinSeconds ? t / withinSeconds : 1);
        const from = Math.max(0, after - secondsPerRequest);
        // The rate bends where the rise ends: by the midpoint rule on each side it is exact but for rounding.
        const parts = [from, Math.min(Math.max(from, withinSeconds), after), after];
        const sum = [0, 1].reduce((total, i) => {
          const [begin = 0, end = 0] = parts.slice(i, i + 2);
          const steps = 64;
          const width = (end - begin) / steps;
          return (
            total +
            Array.from({ length: steps }, (_, k) => rate(begin + (k + 0.5) * width) * width).reduce((a, b) => a + b, 0)
          );
        }, 0);
        expect(inFlightOfBurst({ requestsPerSecond: 2, withinSeconds }, secondsPerRequest, after)).toBeCloseTo(
          2 * sum,
          6,
        );
      }),
    );
  });

  it("cannot be carried from zero, which no number of replicas mends", () => {
    const load = { requestsPerSecond: 0.3, burst: { requestsPerSecond: 0.2, withinSeconds: 30 } };
    const told =
      "load.burst: cannot be carried from no replica: the first one is asked for when it begins and serves after 195 s (scrape 15 s, HPA sync 15 s, start 165 s), and by then 18.8 requests wait for it. Leave load.burst out, or take a strategy that keeps replicas, with replicas.min of at least 3.";
    expect(withLoad(load, { ...bounds(0, 7), zero: {} })).toEqual([told]);
    expect(withLoad(load, { ...bounds(3, 7), zero: {} })).toEqual([
      "replicas.min: 3 is never zero, so nothing would have to be woken: write 0.",
      told,
    ]);
  });

  it("is not above the peak", () => {
    expect(
      withLoad({ requestsPerSecond: 0.1, burst: { requestsPerSecond: 0.2, withinSeconds: 999 } }, bounds(7, 7)),
    ).toEqual([
      "load.burst.requestsPerSecond: 0.2 is above load.requestsPerSecond, 0.1, which is the peak: raise that one.",
    ]);
  });
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("%d is no figure of a load", (figure) => {
  expect(
    withLoad({
      requestsPerSecond: figure,
      secondsPerRequest: figure,
      burst: { requestsPerSecond: figure, withinSeconds: figure },
    }),
  ).toEqual([
    `load.requestsPerSecond: ${figure} must be a number of requests a second above 0.`,
    `load.secondsPerRequest: ${figure} must be a number of seconds above 0.`,
    `load.burst.requestsPerSecond: ${figure} must be a number of requests a second above 0.`,
    ...(figure === 0
      ? []
      : [`load.burst.withinSeconds: ${figure} must be a number of seconds of at least 0, which is at once.`]),
  ]);
});

describe("an objective that a cold start misses", () => {
  const slo = {
    itl: { atMostMs: 75 },
    ttft: { atMostMs: 2500 },
    e2e: { atMostMs: 120_000 },
    queueTime: { atMostMs: 500 },
  };
  const atZero: Partial<PolicyInput> = { slo, replicas: { min: 0, max: 3 }, zero: {} };

  it("is refused unless the cold start is accepted", () => {
    expect(problemsOf(atZero)).toEqual([
      "zero.acceptColdStart: is not true, but with replicas.min 0 whoever asks while there is no replica waits for its start of 165 s, which misses slo.ttft of 2500 ms and slo.e2e of 120000 ms and slo.queueTime of 500 ms. Say true if that is meant, or keep at least one replica.",
    ]);
    expect(problemsOf({ ...atZero, zero: { acceptColdStart: false } })).toHaveLength(1);
    expect(problemsOf({ ...atZero, zero: { acceptColdStart: true } })).toEqual([]);
  });

  it("is one of a request's wait, not of its tokens, and below the start", () => {
    expect(problemsOf({ ...atZero, slo: { itl: { atMostMs: 75 } } })).toEqual([]);
    expect(problemsOf({ ...atZero, slo: { e2e: { atMostMs: 165_000 } } })).toEqual([]);
    expect(problemsOf({ ...atZero, slo: { e2e: { atMostMs: 164_999 } } })).toHaveLength(1);
  });
});
