import { execFileSync } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import type { SandboxStatus, StartedSandbox } from "@vllm-serving/sandbox";
import { describe, expect, it } from "vitest";
import { shellExports } from "../../../packages/cli/src/commands/sandbox";
import * as colored from "../../../packages/cli/src/commands/sandbox-text";

const statusText = (found: SandboxStatus): string => stripVTControlCharacters(colored.statusText(found));

const status: StartedSandbox = {
  phase: "running",
  healthy: false,
  problems: ["The disk of /state has 3 MB left: free some space."],
  residentBytes: 1_260_000_000,
  state: {
    name: "default",
    directory: "/state/default",
    logsDirectory: "/state/default/logs",
    daemon: { pid: 10, startedAt: 0 },
    isolation: "none",
    isolationProblem: "operation not permitted",
    endpoints: {
      apiServer: "https://127.0.0.1:1",
      prometheus: "http://127.0.0.1:2",
      thanosQuerier: "https://127.0.0.1:5",
      router: "http://127.0.0.1:3",
      interceptor: "http://127.0.0.1:4",
    },
    kubeconfig: "/state/default/kubeconfig",
    pulumiEnvironment: {},
    programsDirectory: "/programs",
    provider: "stand-in",
    inventory: [],
    startedAt: "2026-01-01T00:00:00Z",
  },
  parts: [
    {
      name: "etcd",
      pid: 11,
      state: "running",
      log: "logs/etcd.log",
      listensWiderOn: [],
      restarts: 0,
      residentBytes: 51_400_000,
    },
    {
      name: "keda-operator",
      state: "failed",
      log: "logs/keda-operator.log",
      listensWiderOn: ["*:8080"],
      restarts: 5,
      lastExit: { at: "2026-01-01T00:01:00Z", how: "ended with exit code 1" },
      lastLines: ["one", "panic: two"],
      advice: "The disk is full.",
    },
  ],
};

describe("sandbox status", () => {
  it("says which part failed with its last lines and what helps, and what listens wider and why", () => {
    const text = statusText(status);
    expect(text).toContain("not healthy");
    expect(text).toContain(
      "keda-operator failed (started again 5 times); the last lines of logs/keda-operator.log:\n  one\n  panic: two\nThe disk is full.",
    );
    expect(text).toContain("these listen on more than 127.0.0.1: keda-operator on *:8080.");
    expect(text).toContain(
      "Parts without a host setting listen on all addresses, because of this: operation not permitted.",
    );
    expect(text).toContain("The disk of /state has 3 MB left: free some space.");
  });

  it("shows memory, restarts, and when a part that runs again had ended", () => {
    const [etcd, keda] = status.parts;
    if (etcd === undefined || keda === undefined) throw new Error("two parts");
    const { lastLines: _, advice: __, ...again } = { ...keda, pid: 12, state: "running" as const, restarts: 1 };
    const lines = statusText({ ...status, parts: [etcd, again] }).split("\n");
    expect(lines.map((line) => line.split("│").map((cell) => cell.trim()))).toEqual(
      expect.arrayContaining([
        ["", "part", "state", "pid", "restarts", "memory", ""],
        ["", "etcd", "running", "11", "0", "51 MB", ""],
        ["", "keda-operator", "running", "12", "1", "", ""],
      ]),
    );
    expect(lines).toContain("Memory in RAM: 1.3 GB.");
    expect(lines.at(-1)).toBe(
      "keda-operator ended with exit code 1 at 2026-01-01T00:01:00Z; its log is logs/keda-operator.log.",
    );
  });

  it("says that everything is on 127.0.0.1 with isolation", () => {
    const { isolationProblem: _, ...state } = status.state;
    const text = statusText({ ...status, healthy: true, state: { ...state, isolation: "network-namespace" } });
    expect(text).toContain("Everything listens on 127.0.0.1 only");
    expect(text).not.toContain("more than 127.0.0.1");
    expect(text).not.toContain("because of this");
  });

  it("says what a start does now", () => {
    const text = statusText({
      phase: "starting",
      name: "demo",
      daemon: { pid: 7, startedAt: 0 },
      logsDirectory: "/state/demo/logs",
      healthy: false,
      steps: [{ title: "Starting KEDA", elapsedSeconds: 4.2 }],
      parts: [],
    });
    expect(text).toContain("Sandbox demo: starting (by the daemon, process 7)");
    expect(text).toContain("  Starting KEDA · 4 s\n  Logs        /state/demo/logs");
  });

  it("says that it is being stopped", () => {
    expect(statusText({ ...status, phase: "stopping" })).toMatch(/^Sandbox default: being stopped/);
  });
});

describe("sandbox up", () => {
  it("says how long it took and what it holds", () => {
    expect(stripVTControlCharacters(colored.upText(status.state, 11.6, status)).split("\n")[0]).toBe(
      "Sandbox default is up: it took 12 s, its 2 parts hold 1.3 GB of memory.",
    );
  });
});

describe("sandbox env", () => {
  it.each(["plain", "it's; $(echo no) `no`", 'a "b" \\c', "two\nlines"])(
    "exports %j so that a shell reads the same value",
    (value) => {
      const script = `${shellExports({ VALUE: value }, "/programs")}\nprintf %s "$VALUE"`;
      expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(value);
    },
  );

  it("puts the sandbox's programs before the shell's own PATH, which stays", () => {
    const script = `PATH=/mine\n${shellExports({ PATH: "/programs:/of/another/time" }, "/pro grams")}\nprintf %s "$PATH"`;
    expect(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" })).toBe("/pro grams:/mine");
  });
});
