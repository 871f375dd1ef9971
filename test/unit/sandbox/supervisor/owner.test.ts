import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeJson } from "../../../../packages/sandbox/src/supervisor/json-file";
import { daemonName, readOwner } from "../../../../packages/sandbox/src/supervisor/owner";
import { readPhase, writePhase } from "../../../../packages/sandbox/src/supervisor/phase-file";
import { identifyProcess } from "../../../../packages/sandbox/src/supervisor/process-identity";
import { readRecordedProcesses, recordProcess } from "../../../../packages/sandbox/src/supervisor/process-record";
import { type SandboxFiles, sandboxFiles } from "../../../../packages/sandbox/src/supervisor/sandbox-directory";

let files: SandboxFiles;
const self = identifyProcess(process.pid) ?? { pid: 0, startedAt: 0 };

beforeEach(() => {
  files = sandboxFiles(mkdtempSync(join(tmpdir(), "owner-")));
  mkdirSync(files.logs);
});
afterEach(() => rmSync(files.directory, { recursive: true }));

describe("the owner of a sandbox", () => {
  it("is the daemon in its file", () => {
    expect(readOwner(files)).toBeUndefined();
    writeJson(files.owner, self);
    expect(readOwner(files)).toEqual({ daemon: self, running: true });
    writeJson(files.owner, { ...self, startedAt: 1 });
    expect(readOwner(files)).toEqual({ daemon: { ...self, startedAt: 1 }, running: false });
  });

  it.each(["", '{"pid"', '{"pid": "x"}'])("is found in the record of processes where the file holds %j", (text) => {
    writeFileSync(files.owner, text);
    expect(readOwner(files)).toEqual({ running: false });
    recordProcess(files.processes, daemonName, process.pid);
    recordProcess(files.processes, "etcd", process.ppid);
    expect(readOwner(files)).toEqual({ daemon: self, running: true });
  });
});

describe("the record of processes", () => {
  it("leaves out what a crash has damaged", () => {
    recordProcess(files.processes, "etcd", process.pid);
    writeFileSync(files.processes, '\0\0\0\n{"name": 1}\n{"name": "kwok", "pid": 1', { flag: "a" });
    expect(readRecordedProcesses(files.processes)).toEqual([{ name: "etcd", ...self }]);
  });
});

describe("the phase of a daemon", () => {
  it("is starting until it says something else, also where its file is damaged", () => {
    expect(readPhase(files)).toEqual({ phase: "starting", steps: [] });
    writePhase(files, { phase: "stopping" });
    expect(readPhase(files)).toEqual({ phase: "stopping" });
    writeFileSync(files.phase, "{");
    expect(readPhase(files)).toEqual({ phase: "starting", steps: [] });
  });
});
