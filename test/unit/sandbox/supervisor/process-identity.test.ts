import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  identifyProcess,
  isRunning,
  parseProcStat,
  signalProcess,
} from "../../../../packages/sandbox/src/supervisor/process-identity";
import {
  endRecordedProcesses,
  readRecordedProcesses,
  recordProcess,
} from "../../../../packages/sandbox/src/supervisor/process-record";

const children: ChildProcess[] = [];

function start(): { child: ChildProcess; pid: number } {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" });
  children.push(child);
  if (child.pid === undefined) throw new Error("not started");
  return { child, pid: child.pid };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describe("parseProcStat", () => {
  it("counts the fields after a name that holds spaces and parentheses", () => {
    const fields = ["S", ...Array.from({ length: 18 }, (_, index) => String(index)), "4711", "rest"];
    expect(parseProcStat(`42 (a (b) c) ${fields.join(" ")}`)).toEqual({ state: "S", startTicks: 4711 });
  });
});

describe("identity of a process", () => {
  it("is the same each time it is asked for, and gone with the process", async () => {
    const { child, pid } = start();
    const identity = identifyProcess(pid);
    expect(identity).toEqual(identifyProcess(pid));
    expect(identity !== undefined && isRunning(identity)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(identifyProcess(pid)).toBeUndefined();
  });

  it("tells a process from a later one with the same id, and never signals that", async () => {
    const { child, pid } = start();
    const identity = identifyProcess(pid);
    const earlier = { pid, startedAt: (identity?.startedAt ?? 0) - 60_000 };
    expect(isRunning(earlier)).toBe(false);
    signalProcess(earlier, "SIGKILL");
    expect(child.signalCode).toBeNull();
    expect(isRunning({ pid, startedAt: identity?.startedAt ?? 0 })).toBe(true);
  });
});

describe("record of processes", () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "record-"));
    file = join(directory, "processes.jsonl");
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("ends what it holds and still runs, and nothing that reused an id", async () => {
    const [first, second, stranger] = [start(), start(), start()];
    recordProcess(file, "first", first.pid);
    recordProcess(file, "second", second.pid);
    const strangerStart = identifyProcess(stranger.pid)?.startedAt ?? 0;
    writeFileSync(file, `${JSON.stringify({ name: "old", pid: stranger.pid, startedAt: strangerStart - 60_000 })}\n`, {
      flag: "a",
    });
    const gone = Promise.all([once(first.child, "exit"), once(second.child, "exit")]);
    await endRecordedProcesses(file);
    expect(await gone).toEqual([
      [null, "SIGKILL"],
      [null, "SIGKILL"],
    ]);
    expect(identifyProcess(stranger.pid)?.startedAt).toBe(strangerStart);
  });

  it("is empty where nothing was recorded, and leaves out a line that a crash cut off", () => {
    expect(readRecordedProcesses(file)).toEqual([]);
    writeFileSync(file, '{"name":"etcd","pid":7,"startedAt":1}\n{"name":"kw');
    expect(readRecordedProcesses(file)).toEqual([{ name: "etcd", pid: 7, startedAt: 1 }]);
  });
});
