import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessIdentity } from "../sandbox-state";

/** Unit of start times in /proc: USER_HZ is 100 on every architecture Node runs on. */
const ticksPerSecond = 100;

const hasProc = existsSync("/proc/self/stat");

/** State letter and start time in ticks since boot from the text of `/proc/<pid>/stat` (proc(5), fields 3 and 22). */
export function parseProcStat(text: string): { state: string; startTicks: number } {
  // The name in parentheses may itself hold spaces and parentheses, so the fields are counted from the last one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", startTicks: Number(fields[19]) };
}

/** Identity of a running process; undefined when there is none with this id, or when it only waits to be reaped. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = hasProc ? startTimeFromProc(pid) : startTimeFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether this very process still runs, and not a later one with the same id. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now?.startedAt === identity.startedAt;
}

/** Resolves with those that still run after `timeoutMs`. */
export async function waitUntilGone(identities: ProcessIdentity[], timeoutMs: number): Promise<ProcessIdentity[]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const left = identities.filter(isRunning);
    if (left.length === 0 || Date.now() >= deadline) return left;
    await sleep(20);
  }
}

/** Sends a signal to a process and the group it leads; nothing when it is gone or its id has a new owner. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  for (const target of [-identity.pid, identity.pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // It leads no group, or has just ended.
    }
  }
}

function startTimeFromProc(pid: number): number | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const { state, startTicks } = parseProcStat(text);
  if (state === "Z" || state === "X") return undefined;
  // Since boot, not since 1970: the system's clock may be set, or jump after a sleep, while the process runs.
  return (startTicks / ticksPerSecond) * 1000;
}

/** macOS has no /proc. */
function startTimeFromPs(pid: number): number | undefined {
  try {
    const [state = "", ...start] = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trim()
      .split(/\s+/);
    return state.startsWith("Z") ? undefined : Date.parse(start.join(" "));
  } catch {
    return undefined;
  }
}
