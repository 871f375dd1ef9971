import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ProcessIdentity } from "../sandbox-state";
import { readJsonIfSound } from "./json-file";
import { readOwner } from "./owner";
import { signalProcess, waitUntilGone } from "./process-identity";
import { endRecordedProcesses } from "./process-record";
import { removeSocketDirectory, type SandboxFiles } from "./sandbox-directory";

/** The daemon gives its supervisor eight seconds. */
const stopTimeoutMs = 15_000;

/**
 * Ends every process of a sandbox: the daemon by asking it, then whatever is recorded and still runs, which is how the leftovers of
 * a killed sandbox go.
 * @throws Error that names what could not be ended.
 */
export async function endProcesses(files: SandboxFiles): Promise<void> {
  const owner = readOwner(files);
  if (owner?.running === true) await endDaemon(owner.daemon);
  await endRecordedProcesses(files.processes);
}

async function endDaemon(daemon: ProcessIdentity): Promise<void> {
  signalProcess(daemon, "SIGTERM");
  if ((await waitUntilGone([daemon], stopTimeoutMs)).length === 0) return;
  signalProcess(daemon, "SIGKILL");
  if ((await waitUntilGone([daemon], 5_000)).length === 0) return;
  throw new Error(`The sandbox's daemon (${daemon.pid}) could not be ended.`);
}

/** Removes the files of a sandbox whose processes have ended. */
export function removeFiles(files: SandboxFiles, { keepLogs }: { keepLogs: boolean }): void {
  const options = readJsonIfSound(files.daemonOptions, z.object({ socketDirectory: z.string() }));
  if (options !== undefined) removeSocketDirectory(options.socketDirectory, files.directory);
  if (!keepLogs) {
    // A Pulumi plugin that is just ending may still write into its folder.
    rmSync(files.directory, { recursive: true, force: true, maxRetries: 10 });
    return;
  }
  for (const entry of readdirSync(files.directory)) {
    const path = join(files.directory, entry);
    if (path !== files.logs) rmSync(path, { recursive: true, force: true });
  }
}
