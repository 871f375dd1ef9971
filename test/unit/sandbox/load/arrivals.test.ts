import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrivals } from "../../../../packages/sandbox/src/load/arrivals";

const ramp = [
  { name: "ramp", seconds: 100, requestsPerSecond: { from: 0, to: 10 } },
  { name: "hold", seconds: 100, requestsPerSecond: 10 },
  { name: "down", seconds: 100, requestsPerSecond: { from: 10, to: 0 } },
];

describe("arrivals", () => {
  it("is the same list for the same seed, and another for another", () => {
    expect(arrivals(ramp, 7)).toEqual(arrivals(ramp, 7));
    expect(arrivals(ramp, 7)).not.toEqual(arrivals(ramp, 8));
  });

  it("follows the rate: a ramp has a quarter of its arrivals in its first half", () => {
    const seeds = Array.from({ length: 100 }, (_, seed) => seed);
    const all = seeds.flatMap((seed) => arrivals(ramp, seed));
    const expected = [
      { from: 0, to: 50, arrivals: 125 },
      { from: 50, to: 100, arrivals: 375 },
      { from: 100, to: 200, arrivals: 1000 },
      { from: 200, to: 250, arrivals: 375 },
      { from: 250, to: 300, arrivals: 125 },
    ];
    for (const part of expected) {
      const found = all.filter((a) => a.atMs >= part.from * 1000 && a.atMs < part.to * 1000).length;
      const mean = part.arrivals * seeds.length;
      // The variance of a Poisson process is its mean.
      expect(Math.abs(found - mean) / Math.sqrt(mean)).toBeLessThan(3);
    }
  });

  it("is empty at a rate of 0", () => {
    expect(arrivals([{ name: "idle", seconds: 1000, requestsPerSecond: 0 }], 1)).toEqual([]);
  });

  it("is ordered and inside its phases, for any phases", () => {
    const rate = fc.double({ min: 0, max: 20, noNaN: true });
    const phase = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      seconds: fc.double({ min: 0.1, max: 50, noNaN: true }),
      requestsPerSecond: fc.oneof(rate, fc.record({ from: rate, to: rate })),
    });
    fc.assert(
      fc.property(fc.array(phase, { maxLength: 5 }), fc.integer(), (phases, seed) => {
        const all = arrivals(phases, seed);
        const starts = phases.map((_, i) => phases.slice(0, i).reduce((sum, p) => sum + p.seconds * 1000, 0));
        for (const [i, arrival] of all.entries()) {
          expect(arrival.atMs).toBeGreaterThanOrEqual(all[i - 1]?.atMs ?? 0);
          const inside = phases.some((p, k) => {
            const start = starts[k] ?? 0;
            return (
              p.name === arrival.phase &&
              arrival.atMs >= start - 1e-6 &&
              arrival.atMs <= start + p.seconds * 1000 + 1e-6
            );
          });
          expect(inside).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
