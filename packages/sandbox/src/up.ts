import { type ChildProcess, fork } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ExplainedError } from "./explained-error";
import { freeBytes } from "./free-bytes";
import type { ProgressListener, SandboxState } from "./sandbox-state";
import { explainStateProblem } from "./supervisor/describe-error";
import { endProcesses, removeFiles } from "./supervisor/end-sandbox";
import { writeJson } from "./supervisor/json-file";
import { lastLines } from "./supervisor/last-lines";
import { startMessage } from "./supervisor/messages";
import type { DaemonOptions } from "./supervisor/options";
import { daemonName, readOwner } from "./supervisor/owner";
import { readPhase } from "./supervisor/phase-file";
import { identifyProcess, waitUntilGone } from "./supervisor/process-identity";
import { recordProcess } from "./supervisor/process-record";
import {
  daemonLog,
  defaultSandboxName,
  makeSocketDirectory,
  type SandboxFiles,
  sandboxDirectory,
  sandboxFiles,
} from "./supervisor/sandbox-directory";
import { withSandboxLock } from "./supervisor/sandbox-lock";
import { readState } from "./supervisor/state-file";
import { ensureTools, type ToolPaths } from "./tools/ensure-tools";

export interface UpOptions {
  /** A DNS label; default "default". Sandboxes with different names run side by side. */
  name?: string;
  onProgress?: ProgressListener;
  /**
   * The sandbox is this process's alone: it ends with the process, however that ends, and one of this name that runs already is
   * refused. @default false: it runs until `down`
   */
  endWithCaller?: boolean;
  /** Stops the start and cleans up what was started. */
  signal?: AbortSignal;
}

/** The compiled program, also when this file itself runs from its source in tests. */
const daemonProgram = resolve(__dirname, "..", "dist", "supervisor", "daemon.js");

/**
 * Starts a sandbox and resolves when everything in it serves. When one of this name runs already, its state is returned.
 * @throws Error that names the part that failed, with the last lines of its log and where the log is. Nothing is left but the logs.
 * @throws the signal's reason when it is aborted. Nothing is left.
 */
export async function up(options: UpOptions = {}): Promise<SandboxState> {
  const name = options.name ?? defaultSandboxName;
  const files = sandboxFiles(sandboxDirectory(name));
  try {
    return await start(name, files, options);
  } catch (error) {
    throw explainStateProblem(error, files);
  }
}

async function start(name: string, files: SandboxFiles, options: UpOptions): Promise<SandboxState> {
  const running = await withSandboxLock(name, () => runningState(name, files));
  if (running !== undefined) return shared(running, options);
  const tools = await ensureTools({
    ...(options.onProgress && { onProgress: options.onProgress }),
    ...(options.signal && { signal: options.signal }),
  });
  options.signal?.throwIfAborted();
  const claimed = await withSandboxLock(name, () => claim(name, files, tools, options.endWithCaller === true));
  return "daemon" in claimed ? follow(claimed.daemon, name, files, options) : shared(claimed.running, options);
}

/** @throws Error when the caller wants one of its own. */
function shared(running: SandboxState, options: UpOptions): SandboxState {
  if (options.endWithCaller !== true) return running;
  throw new Error(
    `Sandbox ${running.name} runs already: stop it with \`vllm-serving sandbox down --name ${running.name}\`, or use another name.`,
  );
}

/** A daemon gives its supervisor eight seconds. */
const stopTimeoutMs = 20_000;

/**
 * Needs the lock, so that no other command is stopping it. One that stops for another reason is waited for.
 * @throws Error while another process starts it.
 */
async function runningState(name: string, files: SandboxFiles): Promise<SandboxState | undefined> {
  const owner = readOwner(files);
  if (owner?.running !== true) return undefined;
  const { phase } = readPhase(files);
  if (phase === "stopping") {
    await waitUntilGone([owner.daemon], stopTimeoutMs);
    return undefined;
  }
  const state = readState(files);
  if (state !== undefined) return state;
  throw new Error(
    `Sandbox ${name} is being started by another command (its daemon is process ${owner.daemon.pid}): wait for it, or stop it with \`vllm-serving sandbox down --name ${name}\`.`,
  );
}

/** Measured: etcd's first files take 125 MB, Pulumi's programs 130 MB where they cannot be linked; the rest is for what is written while it runs. */
const neededBytes = 500_000_000;

function requireDisk(directory: string): void {
  const free = freeBytes(directory);
  if (free >= neededBytes) return;
  throw new ExplainedError(
    `The disk of ${directory} has ${Math.floor(free / 1e6)} MB left, and a sandbox needs ${neededBytes / 1e6} MB there. Free some space, or set VLLM_SERVING_STATE to a folder on another disk.`,
  );
}

/** Starts the daemon, unless another process was faster; removes what a killed sandbox of this name left. */
async function claim(
  name: string,
  files: SandboxFiles,
  tools: ToolPaths,
  endWithCaller: boolean,
): Promise<{ daemon: ChildProcess } | { running: SandboxState }> {
  const running = await runningState(name, files);
  if (running !== undefined) return { running };
  await endProcesses(files);
  removeFiles(files, { keepLogs: false });

  const sandboxes = dirname(files.directory);
  mkdirSync(sandboxes, { recursive: true, mode: 0o700 });
  requireDisk(sandboxes);
  mkdirSync(files.logs, { recursive: true, mode: 0o700 });
  writeJson(files.daemonOptions, {
    name,
    directory: files.directory,
    socketDirectory: makeSocketDirectory(files.directory),
    tools,
    endWithCaller,
  } satisfies DaemonOptions);
  const log = openSync(daemonLog(files), "a", 0o600);
  const daemon = fork(daemonProgram, [files.daemonOptions], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    execArgv: [],
  });
  closeSync(log);
  const identity = daemon.pid === undefined ? undefined : identifyProcess(daemon.pid);
  if (identity !== undefined) {
    writeJson(files.owner, identity);
    recordProcess(files.processes, daemonName, identity.pid);
  }
  return { daemon };
}

async function follow(
  daemon: ChildProcess,
  name: string,
  files: SandboxFiles,
  { onProgress, signal, endWithCaller }: UpOptions,
): Promise<SandboxState> {
  try {
    await ready(daemon, name, files, onProgress, signal);
    const state = readState(files);
    if (state === undefined) throw new Error(`The sandbox is ready but wrote no ${files.state}.`);
    // The daemon sees the end of the process at the other end of the channel.
    if (endWithCaller === true) daemon.channel?.unref();
    else daemon.disconnect();
    daemon.unref();
    return state;
  } catch (error) {
    await withSandboxLock(name, async () => {
      // Another command may have stopped and removed it, and a third one started a new one of this name.
      if (readOwner(files)?.daemon?.pid !== daemon.pid) return;
      await endProcesses(files);
      removeFiles(files, { keepLogs: signal?.aborted !== true });
    });
    throw error;
  }
}

function ready(
  daemon: ChildProcess,
  name: string,
  files: SandboxFiles,
  onProgress: ProgressListener | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal?.reason);
    if (signal?.aborted === true) aborted();
    signal?.addEventListener("abort", aborted, { once: true });
    daemon.on("message", (value) => {
      const message = startMessage.parse(value);
      if (message.type === "progress") onProgress?.(message.event);
      else if (message.type === "failed") reject(new Error(message.message));
      else resolve();
    });
    daemon.once("error", reject);
    daemon.once("exit", (code, exitSignal) => {
      if (code === 0) reject(new Error(`Sandbox ${name} was stopped by another command while it was being started.`));
      const how = exitSignal === null ? `with exit code ${code}` : `by ${exitSignal}`;
      const lines = lastLines(daemonLog(files));
      reject(new Error([`The sandbox's daemon ended ${how}. Last lines of ${daemonLog(files)}:`, ...lines].join("\n")));
    });
  });
}
