import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PartStatus } from "../../../../packages/sandbox/src/sandbox-state";
import type { PartSpec } from "../../../../packages/sandbox/src/supervisor/cluster-context";
import { readJson } from "../../../../packages/sandbox/src/supervisor/json-file";
import { partStatuses } from "../../../../packages/sandbox/src/supervisor/part-statuses";
import { type PartFailure, Parts } from "../../../../packages/sandbox/src/supervisor/parts";
import { identifyProcess } from "../../../../packages/sandbox/src/supervisor/process-identity";
import { readRecordedProcesses } from "../../../../packages/sandbox/src/supervisor/process-record";
import { type SandboxFiles, sandboxFiles } from "../../../../packages/sandbox/src/supervisor/sandbox-directory";

let files: SandboxFiles;
let parts: Parts;

beforeEach(() => {
  files = sandboxFiles(mkdtempSync(join(tmpdir(), "parts-")));
  mkdirSync(files.logs);
  parts = new Parts(files, self);
});

afterEach(async () => {
  vi.useRealTimers();
  await parts.stopAll(100);
  rmSync(files.directory, { recursive: true });
});

const self: PartStatus = {
  name: "supervisor",
  pid: 1,
  state: "running",
  log: "supervisor.log",
  listensWiderOn: [],
  restarts: 0,
};

/** A part that runs a shell line. */
function shell(name: string, line: string, restart = true): PartSpec {
  return { name, command: "sh", args: ["-c", line], restart };
}

const statusOf = (name: string): PartStatus | undefined =>
  readJson(files.parts, partStatuses)?.find((part) => part.name === name);

/** Lets waiting restarts happen at once until the condition holds. */
async function restartingUntil(condition: () => Promise<boolean>): Promise<void> {
  await expect
    .poll(async () => (await condition()) || void vi.advanceTimersToNextTimer(), { timeout: 10_000 })
    .toBe(true);
}

describe("a part", () => {
  it("runs with a log, a record and its environment", async () => {
    const part = parts.start({ ...shell("one", 'echo "$COLOUR"; exec sleep 60'), env: { COLOUR: "green" } });
    expect(statusOf("one")).toEqual({
      name: "one",
      state: "running",
      log: join(files.logs, "one.log"),
      listensWiderOn: [],
      restarts: 0,
      pid: part.pid,
    });
    expect(readRecordedProcesses(files.processes)).toEqual([{ name: "one", ...identifyProcess(part.pid ?? 0) }]);
    await expect.poll(() => readFileSync(join(files.logs, "one.log"), "utf8")).toBe("green\n");
  });

  it("is stopped by a signal, or killed after the grace period, and then forgotten", async () => {
    const polite = parts.start(shell("polite", "exec sleep 60"));
    const stubborn = parts.start(shell("stubborn", 'trap "" TERM; echo ready; while :; do sleep 0.05; done'));
    await expect.poll(() => readFileSync(join(files.logs, "stubborn.log"), "utf8")).toBe("ready\n");
    await Promise.all([polite.stop(), stubborn.stop("SIGTERM", 50)]);
    expect(await polite.exited).toEqual({ code: null, signal: "SIGTERM" });
    expect(await stubborn.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(readJson(files.parts, partStatuses)).toEqual([self]);
  });

  it("is started again when it ends on its own, and its last lines are kept", async () => {
    parts.start(
      shell(
        "shaky",
        `echo oops; test -e ${files.directory}/second && exec sleep 60; touch ${files.directory}/second; exit 3`,
      ),
    );
    await expect.poll(() => statusOf("shaky")?.lastLines).toEqual(["shaky ended with exit code 3.", "oops"]);
    await expect.poll(() => statusOf("shaky")?.state).toBe("running");
    expect(statusOf("shaky")).toMatchObject({
      restarts: 1,
      lastExit: { at: expect.stringMatching(/^\d{4}-.*Z$/), how: "ended with exit code 3" },
    });
    await expect
      .poll(() => readFileSync(join(files.logs, "shaky.log"), "utf8"))
      .toMatch(/^oops\n--- .*Z start 2\noops\n$/);
  });

  it("is not started again when it shall not be", async () => {
    const good = parts.start(shell("good", "exit 0", false));
    const bad = parts.start(shell("bad", "echo broken; exit 4", false));
    expect([await good.exited, await bad.exited]).toEqual([
      { code: 0, signal: null },
      { code: 4, signal: null },
    ]);
    expect(statusOf("good")?.state).toBe("stopped");
    expect(statusOf("bad")).toMatchObject({ state: "failed", lastLines: ["bad ended with exit code 4.", "broken"] });
    await bad.stop();
    expect(statusOf("bad")).toBeUndefined();
  });

  it("says so when its program cannot be started", async () => {
    const part = parts.start({ name: "none", command: "/no/such/program", args: [], restart: false });
    expect(await part.exited).toEqual({ code: null, signal: null });
    expect(statusOf("none")?.state).toBe("failed");
    expect(statusOf("none")?.lastLines?.[0]).toBe("none could not be started: spawn /no/such/program ENOENT.");
  });

  it("is given up when it ends again and again and shall be", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const part = parts.start({ ...shell("broken", "exit 5"), givesUp: true });
    const exited = part.exited.then((exit) => ({ exit, ...statusOf("broken") }));
    await restartingUntil(async () => (await Promise.race([exited, undefined])) !== undefined);
    expect(await exited).toMatchObject({ exit: { code: 5, signal: null }, state: "failed", restarts: 5 });
  });

  it("has failed when it ends again and again, is still tried, and has to run for a while to count as running", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const room = join(files.directory, "room");
    parts.start(shell("etcd", `echo "write: no space left on device"; test -e ${room} && exec sleep 60; exit 1`));
    await restartingUntil(async () => statusOf("etcd")?.state === "failed");
    expect(statusOf("etcd")).toMatchObject({
      restarts: 5,
      lastExit: { how: "ended with exit code 1" },
      advice: expect.stringMatching(/^The disk is full: free some space\./),
    });
    writeFileSync(room, "");
    vi.advanceTimersToNextTimer();
    expect(statusOf("etcd")).toMatchObject({ state: "failed", restarts: 6, pid: expect.any(Number) });
    vi.advanceTimersByTime(9_999);
    expect(statusOf("etcd")?.state).toBe("failed");
    vi.advanceTimersByTime(1);
    expect(statusOf("etcd")?.state).toBe("running");
    expect(statusOf("etcd")?.advice).toBeUndefined();
  });

  it("is started again where its log cannot be written for a while", async () => {
    parts.start(shell("one", "exec sleep 60"));
    rmSync(join(files.logs, "one.log"));
    mkdirSync(join(files.logs, "one.log"));
    process.kill(statusOf("one")?.pid ?? 0, "SIGKILL");
    await expect.poll(() => statusOf("one")?.lastLines?.[0]).toMatch(/^one could not be started: EISDIR/);
    rmSync(join(files.logs, "one.log"), { recursive: true });
    await expect.poll(() => statusOf("one")?.state, { timeout: 10_000 }).toBe("running");
  }, 30_000);

  it("runs on where the states cannot be written, and they are written later", async () => {
    parts.start(shell("one", "exec sleep 60"));
    rmSync(files.parts);
    mkdirSync(files.parts);
    const silent = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const two = parts.start(shell("two", "exec sleep 60"));
    expect(silent).toHaveBeenCalledOnce();
    silent.mockRestore();
    rmSync(files.parts, { recursive: true });
    await expect.poll(() => statusOf("two")?.pid, { timeout: 10_000 }).toBe(two.pid);
  }, 30_000);

  it("has a name of its own", () => {
    parts.start(shell("twin", "exec sleep 60"));
    expect(() => parts.start(shell("twin", "exec sleep 60"))).toThrow("A part named twin runs already.");
  });
});

describe("while the sandbox is being started", () => {
  it("the first part that ends is told with its last lines, and is not started again", async () => {
    const failure = new Promise<PartFailure>((resolve) => parts.whileStarting(resolve));
    parts.start(shell("etcd", "echo first; echo 'listen tcp: address already in use'; exit 1"));
    const log = join(files.logs, "etcd.log");
    expect((await failure).message).toBe(
      [
        `etcd ended with exit code 1. Last lines of ${log}:`,
        "  first",
        "  listen tcp: address already in use",
        "Another program has taken a port that was free when the sandbox chose it. Start the sandbox again: it chooses other ports.",
      ].join("\n"),
    );
    expect(statusOf("etcd")?.state).toBe("failed");
  });
});

describe("stopAll", () => {
  it("leaves no process, and the states in the file", async () => {
    const started = ["a", "b"].map((name) => parts.start(shell(name, "exec sleep 60")));
    const pids = started.map((part) => part.pid ?? 0);
    await parts.stopAll(1_000);
    expect(pids.map((pid) => identifyProcess(pid))).toEqual([undefined, undefined]);
    expect([statusOf("a")?.state, statusOf("b")?.state]).toEqual(["stopped", "stopped"]);
  });
});
