import { join } from "node:path";
import type { PartStatus, SandboxState, SandboxStatus } from "./sandbox-state";
import { readJson } from "./supervisor/json-file";
import { listensWiderThanLoopback } from "./supervisor/listening-sockets";
import { readOwner } from "./supervisor/owner";
import { endedPart, partStatuses } from "./supervisor/part-statuses";
import { endRecordedProcesses } from "./supervisor/process-record";
import { defaultSandboxName, sandboxDirectory, sandboxFiles } from "./supervisor/sandbox-directory";
import { readState } from "./supervisor/state-file";

/**
 * What runs in a sandbox, and what has failed. When the daemon was killed, its leftovers are ended and the sandbox is not healthy.
 * @returns undefined when there is no sandbox, or none that has finished its start.
 */
export async function status(name: string = defaultSandboxName): Promise<SandboxStatus | undefined> {
  const files = sandboxFiles(sandboxDirectory(name));
  const owner = readOwner(files);
  if (owner === undefined) return undefined;
  if (!owner.running) await endRecordedProcesses(files.processes);
  const state = readState(files);
  if (state === undefined) return undefined;
  const parts = partStatuses(readJson(files.parts));
  if (owner.running) {
    return {
      state,
      healthy: parts.every((part) => part.state === "running" || part.state === "stopped"),
      parts: parts.map((part) => withWiderSockets(part, state)),
    };
  }
  // When the supervisor was first to go, the daemon ended everything and wrote so; otherwise it was killed itself.
  const told = parts.some((part) => part.name === "supervisor");
  return { state, healthy: false, parts: [...(told ? [] : [deadDaemon(state)]), ...parts.map(endedPart)] };
}

function withWiderSockets(part: PartStatus, state: SandboxState): PartStatus {
  if (state.isolation === "network-namespace" || part.pid === undefined) return part;
  return { ...part, listensWiderOn: listensWiderThanLoopback(part.pid) };
}

function deadDaemon(state: SandboxState): PartStatus {
  return {
    name: "daemon",
    state: "failed",
    log: join(state.logsDirectory, "daemon.log"),
    listensWiderOn: [],
    lastLines: [`The daemon (process ${state.daemon.pid}) is gone, so nothing of this sandbox runs any more.`],
  };
}
