import { z } from "zod";
import type { ProcessIdentity } from "../sandbox-state";
import { readJson } from "./json-file";
import { isRunning } from "./process-identity";
import type { SandboxFiles } from "./sandbox-directory";

const identity = z.object({ pid: z.number(), startedAt: z.number() });

export interface Owner {
  daemon: ProcessIdentity;
  running: boolean;
}

/** The daemon a sandbox belongs to; undefined when there is no sandbox in the folder. */
export function readOwner(files: SandboxFiles): Owner | undefined {
  const json = readJson(files.owner);
  if (json === undefined) return undefined;
  const daemon = identity.parse(json);
  return { daemon, running: isRunning(daemon) };
}
