import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const hasProc = existsSync("/proc/self/status");

/** Memory of a process that is in RAM, in bytes, with the pages of its program; undefined when it has just ended. */
export function residentBytes(pid: number): number | undefined {
  try {
    return hasProc ? parseProcStatus(readFileSync(`/proc/${pid}/status`, "utf8")) : residentFromPs(pid);
  } catch {
    return undefined;
  }
}

/** VmRSS in the text of `/proc/<pid>/status`, which the kernel gives in KiB. */
export function parseProcStatus(text: string): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** macOS has no /proc. */
function residentFromPs(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim()) * 1024;
}
