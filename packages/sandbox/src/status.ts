import { freeBytes } from "./free-bytes";
import type { PartStatus, ProcessIdentity, SandboxState, SandboxStatus, StartingSandbox } from "./sandbox-state";
import { readJson, readJsonIfSound } from "./supervisor/json-file";
import { listensWiderThanLoopback } from "./supervisor/listening-sockets";
import { daemonName, readOwner } from "./supervisor/owner";
import { endedPart, partStatuses } from "./supervisor/part-statuses";
import { readPhase } from "./supervisor/phase-file";
import { endRecordedProcesses } from "./supervisor/process-record";
import { residentBytes } from "./supervisor/resident-memory";
import {
  daemonLog,
  defaultSandboxName,
  type SandboxFiles,
  sandboxDirectory,
  sandboxFiles,
} from "./supervisor/sandbox-directory";
import { readState } from "./supervisor/state-file";

/**
 * What runs in a sandbox, and what has failed. When the daemon was killed, its leftovers are ended and the sandbox is not healthy.
 * @returns undefined when there is no sandbox, or none that has finished its start or is in it.
 * @throws DamagedFile with what to do, when a crash has left a file of the sandbox unreadable.
 */
export async function status(name: string = defaultSandboxName): Promise<SandboxStatus | undefined> {
  const files = sandboxFiles(sandboxDirectory(name));
  const owner = readOwner(files);
  if (owner === undefined) return undefined;
  const state = readState(files);
  if (!owner.running) {
    await endRecordedProcesses(files.processes);
    return state === undefined ? undefined : ended(state, files);
  }
  const phase = readPhase(files);
  if (state === undefined) return starting(name, files, owner.daemon);
  const parts = [daemon("running", files, owner.daemon.pid), ...(readJson(files.parts, partStatuses) ?? [])].map(
    (part) => withMeasurements(part, state),
  );
  const problems = [...diskProblems(files.directory)];
  const calm = parts.every((part) => part.state === "running" || part.state === "stopped");
  return {
    phase: phase.phase === "stopping" ? "stopping" : "running",
    state,
    healthy: calm && problems.length === 0 && phase.phase !== "stopping",
    parts,
    problems,
    residentBytes: parts.reduce((sum, part) => sum + (part.residentBytes ?? 0), 0),
  };
}

function starting(name: string, files: SandboxFiles, identity: ProcessIdentity): StartingSandbox {
  const phase = readPhase(files);
  const steps = phase.phase === "starting" ? phase.steps : [];
  return {
    phase: "starting",
    name,
    daemon: identity,
    logsDirectory: files.logs,
    healthy: false,
    steps: steps.map(({ title, startedAt }) => ({
      title,
      elapsedSeconds: (Date.now() - Date.parse(startedAt)) / 1000,
    })),
    parts: [daemon("running", files, identity.pid), ...(readJsonIfSound(files.parts, partStatuses) ?? [])],
  };
}

/** When the supervisor was first to go, the daemon ended everything and wrote so; otherwise it was killed itself. */
function ended(state: SandboxState, files: SandboxFiles): SandboxStatus {
  const parts = readJson(files.parts, partStatuses) ?? [];
  const told = parts.some((part) => part.name === "supervisor" && part.state === "failed");
  const first: PartStatus = told
    ? daemon("stopped", files)
    : {
        ...daemon("failed", files),
        lastLines: [`The daemon (process ${state.daemon.pid}) is gone, so nothing of this sandbox runs any more.`],
      };
  return {
    phase: "ended",
    state,
    healthy: false,
    parts: [first, ...parts.map(endedPart)],
    problems: diskProblems(files.directory),
    residentBytes: 0,
  };
}

function daemon(state: PartStatus["state"], files: SandboxFiles, pid?: number): PartStatus {
  return {
    name: daemonName,
    state,
    log: daemonLog(files),
    listensWiderOn: [],
    restarts: 0,
    ...(pid !== undefined && { pid }),
  };
}

function withMeasurements(part: PartStatus, state: SandboxState): PartStatus {
  if (part.pid === undefined) return part;
  const bytes = residentBytes(part.pid);
  const wider = state.isolation === "network-namespace" ? [] : listensWiderThanLoopback(part.pid);
  return { ...part, listensWiderOn: wider, ...(bytes !== undefined && { residentBytes: bytes }) };
}

/** etcd takes its log files in pieces of 64 MB. */
const scarceBytes = 64_000_000;

function diskProblems(directory: string): string[] {
  const free = freeBytes(directory);
  if (free >= scarceBytes) return [];
  return [
    `The disk of ${directory} has ${Math.floor(free / 1e6)} MB left, and the parts write there: free some space. Parts that ended because of it are started again by themselves.`,
  ];
}
