import { z } from "zod";
import { readJsonIfSound, writeJson } from "./json-file";
import type { SandboxFiles } from "./sandbox-directory";

const step = z.object({ title: z.string(), startedAt: z.string() });

const phase = z.discriminatedUnion("phase", [
  z.object({ phase: z.literal("starting"), steps: z.array(step) }),
  z.object({ phase: z.literal("running") }),
  z.object({ phase: z.literal("stopping") }),
]);

/** Where the daemon is between its start and its end, and which steps of the start run. */
export type Phase = z.infer<typeof phase>;

/** Written by the daemon alone. */
export function writePhase(files: SandboxFiles, value: Phase): void {
  writeJson(files.phase, value);
}

/** A daemon that has written nothing yet is starting. */
export function readPhase(files: SandboxFiles): Phase {
  return readJsonIfSound(files.phase, phase) ?? { phase: "starting", steps: [] };
}
