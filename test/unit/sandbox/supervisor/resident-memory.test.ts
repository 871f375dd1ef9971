import { describe, expect, it } from "vitest";
import { parseProcStatus, residentBytes } from "../../../../packages/sandbox/src/supervisor/resident-memory";

describe("resident memory", () => {
  it("is VmRSS, in KiB", () => {
    expect(parseProcStatus("Name:\tetcd\nVmHWM:\t  70000 kB\nVmRSS:\t   51200 kB\nRssAnon:\t 1 kB\n")).toBe(52_428_800);
    expect(parseProcStatus("Name:\tkthreadd\n")).toBeUndefined();
  });

  it("is this process's as Node tells it, about", () => {
    const now = residentBytes(process.pid) ?? 0;
    expect(Math.abs(now / process.memoryUsage.rss() - 1)).toBeLessThan(0.1);
  });

  it("is unknown of a process that is gone", () => {
    expect(residentBytes(2 ** 22 + 1)).toBeUndefined();
  });
});
