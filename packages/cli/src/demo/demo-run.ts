import type { ClusterEvent, RequestOutcome, SandboxState } from "@vllm-serving/sandbox";
import type { DemoLoad } from "./demo-load";
import type { DemoModel } from "./demo-model";
import type { TimelinePoint } from "./timeline";

/** A step of the demo. Seconds since the load began, so what comes before it has negative ones. */
export interface DemoPhase {
  /** Key in the report. */
  name: string;
  title: string;
  startSeconds: number;
  endSeconds: number;
  /** Of the phases of the load only. */
  load?: PhaseLoad;
}

export interface PhaseLoad {
  /** Requests sent in it. */
  sent: number;
  /** Median gap between tokens of all its requests; null without tokens. */
  itlP50Ms: number | null;
  /** See `sloAttainment`. */
  sloAttainment: number | null;
}

export interface DemoEvent extends Omit<ClusterEvent, "uid" | "at" | "lastAt"> {
  /** Seconds since the load began, when it happened first. */
  t: number;
}

/** Everything the demo found out: what the report, the page and the summary are made of. */
export interface DemoRun {
  /** When the load began, ISO 8601. */
  startedAt: string;
  sandbox: Pick<SandboxState, "inventory" | "provider" | "isolation">;
  model: DemoModel;
  load: DemoLoad;
  timeline: TimelinePoint[];
  events: DemoEvent[];
  phases: DemoPhase[];
  requests: Record<RequestOutcome, number>;
  sloAttainment: number | null;
}
