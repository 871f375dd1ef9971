import { z } from "zod";
import type { DemoRun, PhaseLoad } from "./demo-run";
import { round } from "./timeline";

const count = z.int().min(0);
const share = z.number().min(0).max(1).nullable();

/** The demo's result for programs: what `--json FILE` writes. */
export const demoReportSchema = z.strictObject({
  /** Versions of the real parts of the sandbox, by part. */
  versions: z.record(z.string(), z.string()),
  /** All parts of the sandbox; without a version where the sandbox's own code is the part. */
  parts: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(["real", "stand-in", "simulated"]),
      version: z.string().exactOptional(),
    }),
  ),
  /** Which Kubernetes provider ran the program. */
  provider: z.enum(["official", "stand-in"]),
  /** One entry a second from the beginning of the load until one replica was left. */
  timeline: z.array(
    z.strictObject({
      /** Seconds since the load began. */
      t: z.number(),
      desired: count,
      ready: count,
      pending: count,
      /** Requests sent a second, mean of the last 10 s. */
      rps: z.number().min(0),
      /** Median gap between tokens of the last 10 s as the clients saw it, in milliseconds; null without tokens. */
      itlP50Ms: z.number().min(0).nullable(),
    }),
  ),
  /** Every request that was sent, by how it ended: the four add up to all of them, so a late one is not also ok. */
  requests: z.strictObject({ ok: count, late: count, failed: count, incomplete: count }),
  /** Share of the windows of 10 s with tokens in which the objective was kept, 0 to 1; null without tokens. */
  sloAttainment: share,
  /** Seconds since the load began (negative before it), by phase in the order of time. */
  phases: z.record(
    z.string(),
    z.strictObject({
      startSeconds: z.number(),
      endSeconds: z.number(),
      sent: count.optional(),
      itlP50Ms: z.number().min(0).nullable().optional(),
      sloAttainment: share.optional(),
    }),
  ),
});

export type DemoReport = z.infer<typeof demoReportSchema>;

export function demoReport(run: DemoRun): DemoReport {
  const { inventory } = run.sandbox;
  return demoReportSchema.parse({
    versions: Object.fromEntries(
      inventory.flatMap(({ name, kind, version }) => (kind === "real" ? [[name, version]] : [])),
    ),
    parts: inventory.map(({ name, kind, version }) => ({ name, kind, ...(version !== undefined && { version }) })),
    provider: run.sandbox.provider,
    timeline: run.timeline.map(({ t, desired, ready, pending, rps, itlP50Ms }) => ({
      t,
      desired,
      ready,
      pending,
      rps,
      itlP50Ms,
    })),
    requests: run.requests,
    sloAttainment: run.sloAttainment === null ? null : round(run.sloAttainment, 4),
    phases: Object.fromEntries(
      run.phases.map(({ name, startSeconds, endSeconds, load }) => [
        name,
        { startSeconds: round(startSeconds, 1), endSeconds: round(endSeconds, 1), ...roundedLoad(load) },
      ]),
    ),
  });
}

function roundedLoad(load: PhaseLoad | undefined): Partial<PhaseLoad> {
  if (load === undefined) return {};
  const { sent, itlP50Ms, sloAttainment } = load;
  return {
    sent,
    itlP50Ms: itlP50Ms === null ? null : round(itlP50Ms, 1),
    sloAttainment: sloAttainment === null ? null : round(sloAttainment, 4),
  };
}
