import Table from "cli-table3";
import { type Colours, terminalColours } from "../colours";
import { demoChecks } from "./checks";
import type { DemoRun } from "./demo-run";
import { percentile } from "./page-charts";
import { peakReady, secondsToOneReplica, windowSeconds } from "./timeline";

export interface SummaryPaths {
  page: string;
  json?: string;
  logs: string;
}

/** What the demo ends with: what was promised and found, the numbers, and where to look further. */
export function demoSummary(run: DemoRun, paths: SummaryPaths, colours: Colours = terminalColours): string {
  const { requests, model } = run;
  const checks = new Table({ style: { head: [], border: [] }, head: ["", "what", "found"] });
  for (const { passed, title, found } of demoChecks(run)) {
    checks.push([passed ? colours.green("passed") : colours.red("missed"), title, found]);
  }
  const toOne = secondsToOneReplica(run);
  const attainment = run.sloAttainment === null ? "no tokens" : `${Math.round(run.sloAttainment * 100)} %`;
  const lines: [string, string][] = [
    [
      "Replicas",
      `1 → ${peakReady(run.timeline)} → ${run.timeline.at(-1)?.ready ?? 0}${toOne === null ? "" : `, back at 1 ${Math.round(toOne)} s after the peak`}`,
    ],
    [
      "Requests",
      `${requests.ok} ok, ${requests.late} late, ${requests.failed} failed, ${requests.incomplete} incomplete`,
    ],
    [
      "SLO",
      `${percentile(model.objective.quantile)} of ITL ≤ ${model.objective.atMostMs} ms held in ${attainment} of the ${windowSeconds} s windows`,
    ],
    ["Provider", run.sandbox.provider],
    ["Page", paths.page],
    ...(paths.json === undefined ? [] : [["JSON", paths.json] satisfies [string, string]]),
    ["Logs", paths.logs],
  ];
  return [checks.toString(), ...lines.map(([name, value]) => `${colours.dim(name.padEnd(10))}${value}`)].join("\n");
}
