import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { LoadOptions, LoadResult, ObjectReference, SandboxState } from "@vllm-serving/sandbox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DemoOptions, type DemoParts, type DemoStack, runDemo } from "../../../../packages/cli/src/demo/demo";
import { PulumiError } from "../../../../packages/cli/src/demo/pulumi-stack";
import { demoReportSchema } from "../../../../packages/cli/src/demo/report";
import { exampleRun } from "../../../fixtures/demo/example-run";

const { model, load, sandbox } = exampleRun();
const deployment: ObjectReference = { apiVersion: "apps/v1", kind: "Deployment", name: "llama", namespace: "llm" };

let directory: string;
let calls: string[];
let output: PassThrough;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "demo-"));
  calls = [];
  output = new PassThrough();
});
afterEach(() => rmSync(directory, { recursive: true }));

const said = () => String(output.read() ?? "");
const state = (): SandboxState => ({
  name: "demo",
  directory,
  logsDirectory: join(directory, "logs"),
  daemon: { pid: 1, startedAt: 0 },
  endpoints: {
    apiServer: "https://127.0.0.1:1",
    prometheus: "http://127.0.0.1:2",
    thanosQuerier: "https://127.0.0.1:5",
    router: "http://127.0.0.1:3",
    interceptor: "http://127.0.0.1:4",
  },
  kubeconfig: join(directory, "kubeconfig"),
  pulumiEnvironment: {},
  programsDirectory: "/programs",
  startedAt: "",
  ...sandbox,
});

/** A load that goes through its phases and ends, while the replicas go from 1 to `peak` and to `end`. */
function parts(peak: number, end: number, change: Partial<DemoParts> = {}, stack: Partial<DemoStack> = {}): DemoParts {
  const note =
    (name: string) =>
    async <T>(result: T): Promise<T> => {
      calls.push(name);
      return result;
    };
  let deployed: ObjectReference[] = [];
  let samples = 0;
  const replicas = () => [1, peak, peak, end][Math.min(3, samples++)] ?? end;
  return {
    up: () => note("sandbox up")(state()),
    down: (_, { keepLogs }) => note(`sandbox down, ${keepLogs ? "logs kept" : "logs removed"}`)(true),
    openStack: () => ({
      up: async () => {
        deployed = [deployment];
        return note("pulumi up")(undefined);
      },
      expectNoChanges: () => note("pulumi preview")(undefined),
      objects: async () => deployed,
      destroy: async () => {
        deployed = [];
        return note("pulumi destroy")(undefined);
      },
      ...stack,
    }),
    openView: () => ({
      sample: async () => {
        const n = replicas();
        return { desired: n, ready: n, pending: 0, unscheduled: 0, running: 0, waiting: 0 };
      },
      events: async () => [],
      existing: async () => deployed,
    }),
    waitUntilServed: ({ url }) => note(`ask ${url}`)("Hello."),
    runLoad: loadOf(0),
    mergeEvents: (known, listed) => [...known, ...listed],
    readModel: () => ({ model, load }),
    stream: output,
    sampleEveryMs: 5,
    ...change,
  };
}

function loadOf(failed: number) {
  return async ({ phases, onEvent, signal }: LoadOptions): Promise<LoadResult> => {
    calls.push("load");
    for (const [i, phase] of phases.entries()) onEvent?.({ type: "phase", name: phase.name, atMs: i * 10 });
    for (let i = 0; i < 20 && signal?.aborted !== true; i += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    return { records: [], counts: { ok: 10, late: 2, failed, incomplete: 0 } };
  };
}

function run(used: DemoParts, more: Partial<DemoOptions> = {}): Promise<number> {
  return runDemo(
    {
      name: "demo",
      pageFile: join(directory, "out/demo.html"),
      jsonFile: join(directory, "out/demo.json"),
      keep: false,
      ...more,
    },
    used,
  );
}

describe("runDemo", () => {
  it("goes through all steps and writes page and JSON", async () => {
    expect(await run(parts(6, 1))).toBe(0);
    expect(calls).toEqual([
      "sandbox up",
      "pulumi up",
      "ask http://127.0.0.1:3/llm/llama",
      "load",
      "pulumi preview",
      "pulumi destroy",
      "sandbox down, logs kept",
    ]);
    const report = demoReportSchema.parse(JSON.parse(readFileSync(join(directory, "out/demo.json"), "utf8")));
    expect(report.requests).toEqual({ ok: 10, late: 2, failed: 0, incomplete: 0 });
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
      "stop",
    ]);
    expect(readFileSync(join(directory, "out/demo.html"), "utf8")).toContain("<!doctype html>");
    expect(said()).toContain("1 → 6 → 1");
  });

  it.each<[string, DemoParts]>([
    ["fewer than five replicas were ready", parts(4, 1)],
    ["more than one replica was left", parts(6, 2)],
    ["a request failed", parts(6, 1, { runLoad: loadOf(1) })],
  ])("exits with 1 when %s, after it cleaned up", async (_, used) => {
    expect(await run({ ...used, stream: output })).toBe(1);
    expect(existsSync(join(directory, "out/demo.html"))).toBe(true);
  });

  it("says which step failed with what and where the logs are, and cleans up", async () => {
    const failing = parts(
      6,
      1,
      {},
      {
        up: () => Promise.reject(new PulumiError("pulumi up", "error: webhook denied it", "/logs/pulumi-up.log")),
      },
    );
    expect(await run(failing)).toBe(1);
    expect(calls).toEqual(["sandbox up", "sandbox down, logs kept"]);
    const text = said();
    expect(text).toContain("pulumi up --stack sandbox: pulumi up failed:\nerror: webhook denied it");
    expect(text).toContain("Log: /logs/pulumi-up.log");
    expect(text).toContain(`Logs of all parts: ${join(directory, "logs")}`);
    expect(existsSync(join(directory, "out/demo.html"))).toBe(false);
  });

  it("says what `up` said when the sandbox does not start", async () => {
    const failing = parts(6, 1, { up: () => Promise.reject(new Error("etcd ended; its last lines: ...")) });
    expect(await run(failing)).toBe(1);
    expect(said()).toContain("Start the sandbox: etcd ended; its last lines: ...");
  });

  it("still writes what it saw when a later step fails", async () => {
    const failing = parts(6, 1, {}, { expectNoChanges: () => Promise.reject(new Error("would change Service llama")) });
    expect(await run(failing)).toBe(1);
    expect(existsSync(join(directory, "out/demo.json"))).toBe(true);
    expect(said()).toContain("pulumi preview --expect-no-changes: would change Service llama");
  });

  it("fails when the stack's state is not empty after destroy", async () => {
    const failing = parts(6, 1, {}, { objects: async () => [deployment] });
    expect(await run(failing)).toBe(1);
    expect(said()).toContain("pulumi destroy: these are left: Deployment llm/llama");
  });

  it("leaves sandbox and stack with --keep", async () => {
    expect(await run(parts(6, 1), { keep: true })).toBe(0);
    expect(calls.slice(-1)).toEqual(["pulumi preview"]);
    expect(said()).toContain("vllm-serving sandbox down --name demo");
  });

  it("cleans up and exits with 130 when it is stopped on request", async () => {
    const stopped = parts(6, 1, {
      runLoad: (options) => {
        process.emit("SIGINT");
        return loadOf(0)(options);
      },
    });
    expect(await run(stopped)).toBe(130);
    expect(calls.slice(-2)).toEqual(["load", "sandbox down, logs removed"]);
    expect(existsSync(join(directory, "out/demo.html"))).toBe(false);
  });
});
