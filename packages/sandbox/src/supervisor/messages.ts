import { z } from "zod";

const progress = z.object({
  type: z.literal("progress"),
  event: z.object({
    id: z.string(),
    title: z.string(),
    state: z.enum(["waiting", "running", "done", "failed"]),
    elapsedSeconds: z.number(),
    done: z.number(),
    total: z.number(),
  }),
});

const failed = z.object({ type: z.literal("failed"), message: z.string() });

const ready = z.object({ type: z.literal("ready") });

/**
 * What the supervisor tells the daemon, one JSON object a line on its standard output, and the daemon passes on to the process
 * that started it. When the daemon says `ready`, the state file is written.
 */
export const startMessage = z.discriminatedUnion("type", [progress, failed, ready]);

export type StartMessage = z.infer<typeof startMessage>;
