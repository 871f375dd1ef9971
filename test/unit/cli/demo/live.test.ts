import { PassThrough } from "node:stream";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { type LiveState, LiveView, liveBlock, liveLine } from "../../../../packages/cli/src/demo/live";

const plain = pc.createColors(false);
const state = (t: number): LiveState => ({
  phase: "Peak load",
  phaseElapsedSeconds: 12.4,
  phaseSeconds: 70,
  phaseNumber: 3,
  phases: 4,
  point: {
    t,
    desired: 6,
    ready: 4,
    pending: 2,
    unscheduled: 0,
    rps: 3.7,
    itlP50Ms: 71.4,
    serverItlP50Ms: 64,
    running: 27,
    waiting: 3,
  },
  objective: { atMostMs: 75, quantile: 0.5 },
  maxReplicas: 7,
  requests: { ok: 120, late: 4, failed: 0 },
});

describe("liveBlock", () => {
  it("shows phase, load, latency against the SLO, replicas and requests", () => {
    expect(liveBlock(state(47), plain).split("\n")).toEqual([
      "▶ Peak load · 3 of 4 · 12 s of 70 s",
      "  Load      3.7 requests/s",
      "  ITL p50   71 ms SLO p50 ≤ 75 ms",
      "  Replicas  ■■■■□□· 4 ready, 6 desired, 2 pending",
      "  Requests  27 running, 3 waiting · 120 ok, 4 late, 0 failed",
    ]);
  });

  it("colours the latency by the SLO", () => {
    const colours = pc.createColors(true);
    const late = { ...state(1), point: { ...state(1).point, itlP50Ms: 80 } };
    expect(liveBlock(state(1), colours)).toContain(colours.green("71 ms"));
    expect(liveBlock(late, colours)).toContain(colours.red("80 ms"));
  });
});

describe("liveLine", () => {
  it("says the same in one line", () => {
    expect(liveLine(state(47))).toBe(
      "Peak load 3 of 4 · 12 s of 70 s | 3.7 requests/s | ITL p50 71 ms of 75 ms | 4 ready, 6 desired, 2 pending | 27 running, 3 waiting | 120 ok, 4 late, 0 failed",
    );
  });

  it("says what a phase without a planned end waits for, and what pods lack", () => {
    const { phaseSeconds: _, ...waiting } = state(47);
    const unscheduled = { ...waiting, point: { ...waiting.point, unscheduled: 1, itlP50Ms: null } };
    expect(liveLine(unscheduled)).toContain("12 s, until 1 replica is left | 3.7 requests/s | ITL p50 – of 75 ms");
    expect(liveLine(unscheduled)).toContain("2 pending (1 without a node)");
  });
});

it("without a terminal the view writes a line every five seconds", () => {
  const stream = new PassThrough();
  const view = new LiveView(stream);
  for (let t = 0; t < 11; t += 1) view.show(state(t));
  view.clear();
  expect(String(stream.read()).trimEnd().split("\n")).toEqual(Array(3).fill(liveLine(state(0))));
});
