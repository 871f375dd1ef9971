import { z } from "zod";
import type { PartStatus } from "../sandbox-state";

const schema = z.array(
  z.object({
    name: z.string(),
    pid: z.number().optional(),
    state: z.enum(["starting", "running", "stopped", "failed"]),
    log: z.string(),
    listensWiderOn: z.array(z.string()),
    lastLines: z.array(z.string()).optional(),
  }),
);

/** What the supervisor last wrote about its parts; empty before it wrote anything. */
export function partStatuses(json: unknown): PartStatus[] {
  return schema.parse(json ?? []).map(({ pid, lastLines, ...part }) => ({
    ...part,
    ...(pid !== undefined && { pid }),
    ...(lastLines !== undefined && { lastLines }),
  }));
}

/** The same part after everything was ended. */
export function endedPart({ pid: _, ...part }: PartStatus): PartStatus {
  return { ...part, state: part.state === "failed" ? "failed" : "stopped" };
}
