import { z } from "zod";
import type { PartStatus } from "../sandbox-state";

/** What the supervisor keeps about its parts. */
export const partStatuses: z.ZodType<PartStatus[]> = z.array(
  z.object({
    name: z.string(),
    pid: z.number().exactOptional(),
    state: z.enum(["starting", "running", "stopped", "failed"]),
    log: z.string(),
    listensWiderOn: z.array(z.string()),
    restarts: z.number(),
    lastExit: z.object({ at: z.string(), how: z.string() }).exactOptional(),
    lastLines: z.array(z.string()).exactOptional(),
    advice: z.string().exactOptional(),
  }),
);

/** The same part after everything was ended. */
export function endedPart({ pid: _, ...part }: PartStatus): PartStatus {
  return { ...part, state: part.state === "failed" ? "failed" : "stopped" };
}
