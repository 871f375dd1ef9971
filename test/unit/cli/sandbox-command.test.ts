import { execFileSync } from "node:child_process";
import type { SandboxStatus } from "@vllm-serving/sandbox";
import { describe, expect, it } from "vitest";
import { shellExports, statusText } from "../../../packages/cli/src/commands/sandbox";

const status: SandboxStatus = {
  healthy: false,
  state: {
    name: "default",
    directory: "/state/default",
    logsDirectory: "/state/default/logs",
    daemon: { pid: 10, startedAt: 0 },
    isolation: "none",
    endpoints: { apiServer: "https://127.0.0.1:1", prometheus: "http://127.0.0.1:2", router: "http://127.0.0.1:3" },
    kubeconfig: "/state/default/kubeconfig",
    pulumiEnvironment: {},
    programsDirectory: "/programs",
    provider: "stand-in",
    versions: {},
    startedAt: "2026-01-01T00:00:00Z",
  },
  parts: [
    { name: "etcd", pid: 11, state: "running", log: "logs/etcd.log", listensWiderOn: [] },
    {
      name: "keda-operator",
      state: "failed",
      log: "logs/keda-operator.log",
      listensWiderOn: ["*:8080"],
      lastLines: ["one", "panic: two"],
    },
  ],
};

describe("sandbox status", () => {
  it("says which part failed with its last lines, and what listens wider where there is no isolation", () => {
    const text = statusText(status);
    expect(text).toContain("not healthy");
    expect(text).toContain("keda-operator failed; the last lines of logs/keda-operator.log:\n  one\n  panic: two");
    expect(text).toContain("these listen on more than 127.0.0.1: keda-operator on *:8080.");
  });

  it("says that everything is on 127.0.0.1 with isolation", () => {
    const text = statusText({ ...status, healthy: true, state: { ...status.state, isolation: "network-namespace" } });
    expect(text).toContain("Everything listens on 127.0.0.1 only");
    expect(text).not.toContain("more than 127.0.0.1");
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
