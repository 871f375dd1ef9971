import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { identifyProcess, isRunning } from "../../../../packages/sandbox/src/supervisor/process-identity";
import { runGo } from "../../../../packages/sandbox/src/tools/go-command";
import { ToolBuildError } from "../../../../packages/sandbox/src/tools/tool-build-error";

let scratch: string;

function installGo(script: string): void {
  writeFileSync(join(scratch, "go"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(scratch, "go"), 0o755);
}

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "vllm-serving-go-"));
  vi.stubEnv("PATH", `${scratch}${delimiter}${process.env.PATH ?? ""}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true });
});

const command = (signal?: AbortSignal) =>
  runGo({
    args: ["build", "-o", "a b"],
    directory: scratch,
    temporaryDirectory: "/some/temporary",
    purpose: "Building X 1",
    ...(signal && { signal }),
  });

describe("running Go", { timeout: 30_000 }, () => {
  // The second compiler stands for one that does not listen to SIGINT.
  it.each(["exec sleep 600", "trap '' INT; sleep 600"])("ends compilers with it: %s", async (compiler) => {
    const pidFile = join(scratch, "compiler");
    installGo(`sh -c 'echo $$ > ${pidFile}; ${compiler.replaceAll("'", `'\\''`)}'`);
    const controller = new AbortController();
    const building = command(controller.signal);
    while (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === "") await sleep(20);
    const started = identifyProcess(Number(readFileSync(pidFile, "utf8")));
    controller.abort(new Error("stopped by the test"));
    await expect(building).rejects.toThrow("stopped by the test");
    expect(started).toBeDefined();
    // Whoever reaps it may need a moment.
    await expect.poll(() => started && isRunning(started)).toBe(false);
  });

  it("shows the last lines without the downloads, and what helps against a full disk", async () => {
    installGo(
      `for i in $(seq 1 20); do echo "line $i" >&2; done; echo "go: downloading a.test v1" >&2; echo "write: no space left on device" >&2; exit 1`,
    );
    const lines = Array.from({ length: 14 }, (_, i) => `  line ${i + 7}`);
    await expect(command()).rejects.toThrow(
      new ToolBuildError(
        [
          "Building X 1 failed. Go's last lines:",
          ...lines,
          "  write: no space left on device",
          "The disk is full: free some space, or move Go's caches with GOCACHE and GOMODCACHE, and the tools with VLLM_SERVING_CACHE.",
          "Run this again to go on where it stopped, or the command by itself:",
          `  cd ${scratch} && CGO_ENABLED=0 GOWORK=off GOFLAGS= go build -o 'a b'`,
        ].join("\n"),
      ),
    );
  });

  it("builds for this machine, whatever the user builds for", async () => {
    vi.stubEnv("GOOS", "plan9");
    vi.stubEnv("GOARCH", "arm");
    vi.stubEnv("GOWORK", "/somewhere/go.work");
    vi.stubEnv("GOFLAGS", "-mod=vendor");
    installGo(`echo "[$GOOS][$GOARCH][$GOWORK][$GOFLAGS][$CGO_ENABLED][$GOTMPDIR]"`);
    await expect(command()).resolves.toBe("[][][off][][0][/some/temporary]");
  });
});
