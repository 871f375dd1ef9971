import type { DemoRun } from "./demo-run";
import { peakReady } from "./timeline";

/** One thing the demo promises. */
export interface Check {
  title: string;
  passed: boolean;
  /** What was found. */
  found: string;
}

/** Replicas the load must have brought up. */
const leastPeakReplicas = 5;

/** What the run must show for the demo to have succeeded. Late requests are counted, and do not fail it. */
export function demoChecks(run: DemoRun): Check[] {
  const peak = peakReady(run.timeline);
  const last = run.timeline.at(-1);
  const sent = Object.values(run.requests).reduce((sum, n) => sum + n, 0);
  return [
    {
      title: `At least ${leastPeakReplicas} replicas ready under load`,
      passed: peak >= leastPeakReplicas,
      found: `${peak} of at most ${run.model.maxReplicas}`,
    },
    {
      title: "Back at 1 replica after it",
      passed: last?.desired === 1 && last.ready === 1,
      found: last === undefined ? "nothing was seen" : `${last.ready} ready, ${last.desired} desired`,
    },
    {
      title: "No request failed",
      passed: sent > 0 && run.requests.failed === 0,
      found: `${run.requests.failed} of ${sent}`,
    },
  ];
}
