import { z } from "zod";
import { partKinds } from "../parts/sandbox-part";
import type { SandboxState } from "../sandbox-state";
import { readJson } from "./json-file";
import type { SandboxFiles } from "./sandbox-directory";

const schema: z.ZodType<SandboxState> = z.object({
  name: z.string(),
  directory: z.string(),
  logsDirectory: z.string(),
  programsDirectory: z.string(),
  daemon: z.object({ pid: z.number(), startedAt: z.number() }),
  isolation: z.enum(["network-namespace", "none"]),
  isolationProblem: z.string().exactOptional(),
  endpoints: z.object({
    apiServer: z.string(),
    prometheus: z.string(),
    thanosQuerier: z.string(),
    router: z.string(),
    interceptor: z.string(),
  }),
  kubeconfig: z.string(),
  pulumiEnvironment: z.record(z.string(), z.string()),
  provider: z.enum(["official", "stand-in"]),
  inventory: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(partKinds),
      includes: z.string().exactOptional(),
      version: z.string().exactOptional(),
      difference: z.string(),
    }),
  ),
  startedAt: z.string(),
});

/**
 * Undefined before everything was ready.
 * @throws DamagedFile
 */
export function readState(files: SandboxFiles): SandboxState | undefined {
  return readJson(files.state, schema);
}
