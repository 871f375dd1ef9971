import { appendFileSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { ProcessIdentity } from "../sandbox-state";
import { identifyProcess, isRunning, signalProcess, waitUntilGone } from "./process-identity";

const recordedProcess = z.object({ name: z.string(), pid: z.number(), startedAt: z.number() });

type RecordedProcess = z.infer<typeof recordedProcess>;

/** Adds a process that was just started. Synchronous, so that no process runs unrecorded for longer than a moment. */
export function recordProcess(file: string, name: string, pid: number): void {
  const identity = identifyProcess(pid);
  if (identity === undefined) return;
  appendFileSync(file, `${JSON.stringify({ name, ...identity })}\n`);
}

/** All processes ever recorded; none when there is no record. Lines that a crash has cut off or damaged are left out. */
export function readRecordedProcesses(file: string): RecordedProcess[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      return [recordedProcess.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

/**
 * Kills every recorded process that still runs, with its group, but not the one that asks.
 * @throws Error that names what could not be ended within five seconds.
 */
export async function endRecordedProcesses(file: string): Promise<void> {
  const others = readRecordedProcesses(file).filter(({ pid }) => pid !== process.pid);
  await endProcesses(others.filter(isRunning));
}

async function endProcesses(processes: RecordedProcess[]): Promise<void> {
  for (const identity of processes) signalProcess(identity, "SIGKILL");
  const left: ProcessIdentity[] = await waitUntilGone(processes, 5_000);
  if (left.length === 0) return;
  const names = processes.filter((entry) => left.includes(entry)).map(({ name, pid }) => `${name} (${pid})`);
  throw new Error(`These processes of the sandbox could not be ended: ${names.join(", ")}.`);
}
