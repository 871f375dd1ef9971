import { describe, expect, it } from "vitest";
import {
  ClientView,
  medianGap,
  peakReady,
  secondsToOneReplica,
  settledAt,
  sloAttainment,
  type TimelinePoint,
  timelinePoint,
} from "../../../../packages/cli/src/demo/timeline";

const gap = (seconds: number, gapMs: number) => ({ atMs: seconds * 1000, gapMs });
const point = (t: number, desired: number, ready = desired): TimelinePoint => ({
  t,
  desired,
  ready,
  pending: Math.max(0, desired - ready),
  unscheduled: 0,
  rps: 0,
  itlP50Ms: null,
  serverItlP50Ms: null,
  running: 0,
  waiting: 0,
});

describe("ClientView", () => {
  const clients = new ClientView();
  for (const seconds of [1, 2, 5, 11, 12]) clients.add({ type: "sent", id: 1, atMs: seconds * 1000 });
  for (const [seconds, gapMs] of [
    [1, 60],
    [6, 70],
    [11, 80],
    [12, 90],
  ] as const) {
    clients.add({ type: "token", id: 1, atMs: seconds * 1000, gapMs });
  }
  clients.add({ type: "token", id: 1, atMs: 12_000 });
  clients.add({ type: "phase", name: "peak", atMs: 0 });

  it.each([
    [0, 0, null],
    [2, 1, 60],
    [5, 0.6, 60],
    [10, 0.3, 65],
    [11, 0.3, 75],
    [12, 0.3, 80],
    [30, 0, null],
  ])("at %d s: %d requests/s, median %s ms", (t, rps, itlP50Ms) => {
    expect(clients.at(t)).toEqual({ rps, itlP50Ms });
  });

  it("makes a point, rounded, with the cluster's sample", () => {
    const sample = { desired: 3, ready: 1, pending: 2, unscheduled: 1, running: 4, waiting: 5, itlP50Ms: 62.54 };
    expect(timelinePoint(12.04, sample, clients)).toEqual({
      t: 12,
      desired: 3,
      ready: 1,
      pending: 2,
      unscheduled: 1,
      rps: 0.3,
      itlP50Ms: 80,
      serverItlP50Ms: 62.5,
      running: 4,
      waiting: 5,
    });
  });
});

describe("sloAttainment", () => {
  const objective = { atMostMs: 75, quantile: 0.5 };

  it("is the share of windows of 10 s that keep the objective", () => {
    const gaps = [
      // Half of the gaps within the bound: kept.
      ...[gap(1, 75), gap(9.9, 76)],
      // A third: missed.
      ...[gap(10, 70), gap(12, 80), gap(19, 80)],
      // A window without tokens (20 to 30 s) does not count.
      gap(31, 60),
    ];
    expect(sloAttainment(gaps, objective)).toBeCloseTo(2 / 3, 12);
  });

  it("uses the objective's own quantile", () => {
    const gaps = [gap(1, 70), gap(2, 80)];
    expect(sloAttainment(gaps, { atMostMs: 75, quantile: 0.9 })).toBe(0);
  });

  it("is unknown without tokens", () => expect(sloAttainment([], objective)).toBeNull());
});

it("medianGap is the middle, or unknown", () => {
  expect(medianGap([gap(1, 50), gap(1, 60), gap(1, 100)])).toBe(60);
  expect(medianGap([])).toBeNull();
});

it("peakReady is the most that were ready at once", () => {
  expect(peakReady([point(0, 1), point(1, 7, 4), point(2, 6), point(3, 1)])).toBe(6);
  expect(peakReady([])).toBe(0);
});

describe("secondsToOneReplica", () => {
  const phases = [{ name: "peak", endSeconds: 10 }];

  it("counts from the end of the peak to the last change to one", () => {
    const timeline = [point(5, 6), point(20, 1), point(25, 2), point(40, 1, 2), point(43, 1), point(50, 1)];
    expect(secondsToOneReplica({ timeline, phases })).toBe(33);
  });

  it("is unknown when it was not reached, or when there was no peak", () => {
    expect(secondsToOneReplica({ timeline: [point(5, 6), point(20, 2)], phases })).toBeNull();
    expect(secondsToOneReplica({ timeline: [point(5, 1)], phases: [] })).toBeNull();
  });
});

describe("settledAt", () => {
  const steady = [point(0, 6), point(1, 1), point(2, 1), point(3, 1), point(4, 1)];

  it("is true once the last seconds show nothing else", () => {
    expect(settledAt(steady, 1, 3)).toBe(true);
    expect(settledAt(steady, 1, 4)).toBe(true);
    expect(settledAt([...steady, point(5, 1, 2)], 1, 3)).toBe(false);
    expect(settledAt([...steady, point(5, 2, 1)], 1, 3)).toBe(false);
  });

  it("is false while less than that was seen", () => {
    expect(settledAt([point(0, 1), point(1, 1)], 1, 3)).toBe(false);
    expect(settledAt([], 1, 3)).toBe(false);
  });
});
