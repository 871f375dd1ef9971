import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { demoChecks } from "../../../../packages/cli/src/demo/checks";
import { demoReport, demoReportSchema } from "../../../../packages/cli/src/demo/report";
import { demoSummary } from "../../../../packages/cli/src/demo/summary";
import { exampleRun } from "../../../fixtures/demo/example-run";

describe("demoReport", () => {
  const report = demoReport(exampleRun());

  it("has exactly the published form", () => {
    expect(Object.keys(report)).toEqual([
      "versions",
      "parts",
      "provider",
      "timeline",
      "requests",
      "sloAttainment",
      "phases",
    ]);
    expect(report.provider).toBe("stand-in");
    expect(report.requests).toEqual({ ok: 318, late: 47, failed: 0, incomplete: 0 });
    expect(report.sloAttainment).toBe(0.85);
    expect(report.timeline).toHaveLength(197);
    expect(report.timeline[0]).toEqual({ t: 0, desired: 1, ready: 1, pending: 0, rps: 0.27, itlP50Ms: null });
    expect(report.timeline.at(-1)).toMatchObject({ t: 196, desired: 1, ready: 1, pending: 0 });
  });

  it("names every part with its kind, and the versions of the real ones", () => {
    expect(report.parts).toHaveLength(21);
    expect(report.parts).toEqual(
      expect.arrayContaining([
        { name: "KServe", kind: "real", version: "0.20.0" },
        { name: "Pulumi's Kubernetes provider", kind: "stand-in", version: "for SDK 4.34.2" },
        { name: "vLLM", kind: "simulated", version: "llm-d-inference-sim 0.10.2" },
        { name: "Router", kind: "stand-in" },
      ]),
    );
    expect(report.versions).toMatchObject({ Kubernetes: "1.36.3", KEDA: "2.20.2", Pulumi: "3.259.0" });
    expect(Object.keys(report.versions)).toHaveLength(11);
  });

  it("has the phases in the order of time", () => {
    expect(Object.keys(report.phases)).toEqual([
      "sandbox",
      "deploy",
      "answer",
      "quiet",
      "ramp",
      "peak",
      "scale-down",
      "preview",
      "destroy",
    ]);
    expect(report.phases.sandbox).toEqual({ startSeconds: -46.2, endSeconds: -31.9 });
    expect(report.phases.peak).toEqual({
      startSeconds: 35,
      endSeconds: 113,
      sent: 287,
      itlP50Ms: 71.2,
      sloAttainment: 0.75,
    });
  });

  it("is refused by its schema with anything more or less", () => {
    expect(demoReportSchema.safeParse({ ...report, more: 1 }).success).toBe(false);
    expect(demoReportSchema.safeParse({ ...report, provider: "other" }).success).toBe(false);
    expect(demoReportSchema.safeParse({ ...report, requests: { ok: 1, late: 0, failed: 0 } }).success).toBe(false);
  });
});

describe("demoChecks", () => {
  it("pass with enough replicas, one at the end and no failure, however many were late", () => {
    expect(demoChecks(exampleRun())).toEqual([
      { title: "At least 5 replicas ready under load", passed: true, found: "6 of at most 7" },
      { title: "Back at 1 replica after it", passed: true, found: "1 ready, 1 desired" },
      { title: "No request failed", passed: true, found: "0 of 365" },
    ]);
  });

  it.each<[string, (run: ReturnType<typeof exampleRun>) => void, boolean[]]>([
    [
      "too few replicas",
      (run) => {
        for (const point of run.timeline) point.ready = Math.min(4, point.ready);
      },
      [false, true, true],
    ],
    [
      "more than one desired at the end",
      (run) => Object.assign(run.timeline.at(-1) ?? {}, { desired: 2 }),
      [true, false, true],
    ],
    ["a failed request", (run) => Object.assign(run.requests, { failed: 1 }), [true, true, false]],
    ["no request at all", (run) => Object.assign(run.requests, { ok: 0, late: 0 }), [true, true, false]],
    ["no timeline", (run) => run.timeline.splice(0), [false, false, true]],
  ])("miss with %s", (_, change, passed) => {
    const run = exampleRun();
    change(run);
    expect(demoChecks(run).map((check) => check.passed)).toEqual(passed);
  });
});

it("demoSummary names what was promised and found, the numbers and the files", () => {
  const plain = pc.createColors(false);
  const text = demoSummary(exampleRun(), { page: "/out/demo.html", json: "/out/demo.json", logs: "/logs" }, plain);
  expect(text.split("\n").slice(-7)).toEqual([
    "Replicas  1 → 6 → 1, back at 1 63 s after the peak",
    "Requests  318 ok, 47 late, 0 failed, 0 incomplete",
    "SLO       p50 of ITL ≤ 75 ms held in 85 % of the 10 s windows",
    "Provider  stand-in",
    "Page      /out/demo.html",
    "JSON      /out/demo.json",
    "Logs      /logs",
  ]);
  expect(text.match(/│ passed │/g)).toHaveLength(3);
});
