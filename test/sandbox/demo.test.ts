import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoReport, demoReportSchema } from "../../packages/cli/src/demo/report";
import { allProcesses } from "./support/processes";

const root = resolve(__dirname, "../..");
const command = resolve(root, "packages/cli/bin/vllm-serving.cjs");
const scratch = mkdtempSync(join(tmpdir(), "vllm-serving-demo-"));
const page = join(scratch, "page.html");
const json = join(scratch, "report.json");

/** Processes that were started for a sandbox of this folder: its name is in the command line of each. */
const ofScratch = (): string[] => allProcesses().flatMap((one) => (one.command.includes(scratch) ? [one.command] : []));

function demo(name: string, ...flags: string[]) {
  return execa(process.execPath, [command, "demo", "--name", name, "--page", page, ...flags], {
    cwd: root,
    env: { VLLM_SERVING_STATE: join(scratch, "state") },
    stdin: "ignore",
    reject: false,
    all: true,
  });
}

afterAll(() => rmSync(scratch, { recursive: true }));

describe("the demo", { timeout: 600_000 }, () => {
  let output: string;
  let report: DemoReport;

  beforeAll(async () => {
    const run = await demo("closed-loop", "--json", json);
    output = run.all;
    expect(run.exitCode, output).toBe(0);
    report = demoReportSchema.parse(JSON.parse(readFileSync(json, "utf8")));
  }, 600_000);

  it("follows the load up by the policy, to at least 5 replicas, and back to 1", () => {
    const { timeline } = report;
    expect(Math.max(...timeline.map((point) => point.ready))).toBeGreaterThanOrEqual(5);
    expect(Math.max(...timeline.map((point) => point.desired))).toBeLessThanOrEqual(7);
    expect(timeline[0]).toMatchObject({ desired: 1, ready: 1, pending: 0 });
    expect(timeline.at(-1)).toMatchObject({ desired: 1, ready: 1, pending: 0 });
  });

  it("goes down by at most a quarter of the replicas in 15 s, rounded up, as the behaviour says", () => {
    const { timeline } = report;
    const desired = timeline.map((point) => point.desired);
    const steps = desired.flatMap((now, i) => {
      const before = desired[i - 1] ?? now;
      return now < before ? [{ from: before, to: now, t: timeline[i]?.t ?? 0 }] : [];
    });
    expect(steps.length).toBeGreaterThanOrEqual(3);
    // The HPA truncates what 25 % leave: 7 -> 5, 5 -> 3, 3 -> 2.
    for (const { from, to } of steps) expect(to).toBeGreaterThanOrEqual(Math.floor(from * 0.75));
    const gaps = steps.slice(1).map((step, i) => step.t - (steps[i]?.t ?? 0));
    // A sample is taken once a second, later on a busy machine.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
  });

  it("answers every request while replicas come and go", () => {
    const { ok, late, failed, incomplete } = report.requests;
    expect({ failed, incomplete }).toEqual({ failed: 0, incomplete: 0 });
    expect(ok + late).toBeGreaterThan(100);
  });

  it("names what ran, and writes the page", () => {
    expect(report.provider).toMatch(/^(official|stand-in)$/);
    expect(report.versions).toMatchObject({ Kubernetes: "1.36.3", KEDA: "2.20.2", Pulumi: "3.259.0" });
    expect(report.parts).toContainEqual({ name: "KServe", kind: "real", version: "0.20.0" });
    const written = readFileSync(page, "utf8");
    expect(written).toContain("<title>");
    expect(written).toContain(`How each of the ${report.parts.length} parts differs from a cluster`);
    expect(output).toContain(page);
  });

  it("leaves no process behind", () => {
    expect(ofScratch()).toEqual([]);
  });
});

describe("the demo, stopped with Ctrl-C", { timeout: 300_000 }, () => {
  it("cleans up and ends with 130", async () => {
    const run = demo("interrupted");
    let seen = "";
    for await (const chunk of run.iterable({ from: "all" })) {
      seen += `${chunk}\n`;
      // Twice, as an impatient person does.
      if (chunk.includes("pulumi up")) for (let i = 0; i < 2; i++) run.kill("SIGINT");
    }
    const ended = await run;
    expect(ended.exitCode, seen).toBe(130);
    expect(ofScratch()).toEqual([]);
    expect(existsSync(join(scratch, "state/interrupted/state.json"))).toBe(false);
  });
});
