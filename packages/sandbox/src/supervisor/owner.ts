import { existsSync } from "node:fs";
import { z } from "zod";
import type { ProcessIdentity } from "../sandbox-state";
import { readJsonIfSound } from "./json-file";
import { isRunning } from "./process-identity";
import { readRecordedProcesses } from "./process-record";
import type { SandboxFiles } from "./sandbox-directory";

const identity = z.object({ pid: z.number(), startedAt: z.number() });

/** The daemon of a sandbox that runs, or a sandbox that was left behind. */
export type Owner = { running: true; daemon: ProcessIdentity } | { running: false; daemon?: ProcessIdentity };

/** Name of the daemon in the record of processes. */
export const daemonName = "daemon";

/** The daemon a sandbox belongs to; undefined when there is no sandbox in the folder. */
export function readOwner(files: SandboxFiles): Owner | undefined {
  if (!existsSync(files.owner)) return undefined;
  // A damaged file must not hide a daemon that runs.
  const daemon = readJsonIfSound(files.owner, identity) ?? recordedDaemon(files);
  if (daemon === undefined) return { running: false };
  return { daemon, running: isRunning(daemon) };
}

function recordedDaemon(files: SandboxFiles): ProcessIdentity | undefined {
  const entry = readRecordedProcesses(files.processes).findLast(({ name }) => name === daemonName);
  return entry === undefined ? undefined : { pid: entry.pid, startedAt: entry.startedAt };
}
