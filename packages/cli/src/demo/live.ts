import { createLogUpdate } from "log-update";
import { type Colours, terminalColours } from "../colours";
import { duration } from "../progress";
import { percentile } from "./page-charts";
import type { TimelinePoint } from "./timeline";

/** What is shown while the load runs. */
export interface LiveState {
  /** Title of the phase. */
  phase: string;
  /** Seconds since the phase began. */
  phaseElapsedSeconds: number;
  /** Planned length of the phase; absent for one that ends when something is reached. */
  phaseSeconds?: number;
  /** Place of the phase among all, from 1. */
  phaseNumber: number;
  phases: number;
  point: TimelinePoint;
  objective: { atMostMs: number; quantile: number };
  maxReplicas: number;
  /** Requests that have ended, by how. */
  requests: { ok: number; late: number; failed: number };
}

/** Seconds between two lines where there is no terminal to draw on. */
const lineEverySeconds = 5;

/** Where progress is drawn: a terminal, or a file or pipe. */
export type MaybeTerminal = NodeJS.WritableStream & { isTTY?: boolean };

/** Draws the load's progress: a block that is redrawn on a terminal, a line now and then elsewhere. */
export class LiveView {
  private readonly draw: ReturnType<typeof createLogUpdate> | undefined;
  private lastLineAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly stream: MaybeTerminal) {
    this.draw = stream.isTTY === true ? createLogUpdate(stream) : undefined;
  }

  show(state: LiveState): void {
    if (this.draw !== undefined) {
      this.draw(liveBlock(state, terminalColours));
    } else if (state.point.t - this.lastLineAt >= lineEverySeconds) {
      this.lastLineAt = state.point.t;
      this.stream.write(`${liveLine(state)}\n`);
    }
  }

  /** Leaves nothing of the block behind: what follows says how it ended. */
  clear(): void {
    this.draw?.clear();
    this.draw?.done();
  }
}

/** Five lines for a terminal. */
export function liveBlock(state: LiveState, colours: Colours): string {
  const { point, objective, requests } = state;
  const row = (name: string, value: string): string => `  ${colours.dim(name.padEnd(10))}${value}`;
  const failed = requests.failed === 0 ? "0 failed" : colours.red(`${requests.failed} failed`);
  return [
    `${colours.cyan("▶")} ${colours.bold(state.phase)} ${colours.dim(`· ${phaseProgress(state)}`)}`,
    row("Load", `${point.rps.toFixed(1)} requests/s`),
    row(
      `ITL ${percentile(0.5)}`,
      `${latency(state, colours)} ${colours.dim(`SLO ${percentile(objective.quantile)} ≤ ${objective.atMostMs} ms`)}`,
    ),
    row("Replicas", `${replicaBar(point, state.maxReplicas, colours)} ${replicaText(point)}`),
    row(
      "Requests",
      `${point.running} running, ${point.waiting} waiting · ${requests.ok} ok, ${requests.late} late, ${failed}`,
    ),
  ].join("\n");
}

/** The same in one line, for logs. */
export function liveLine(state: LiveState): string {
  const { point, requests } = state;
  return [
    `${state.phase} ${phaseProgress(state)}`,
    `${point.rps.toFixed(1)} requests/s`,
    `ITL p50 ${point.itlP50Ms === null ? "–" : `${point.itlP50Ms.toFixed(0)} ms`} of ${state.objective.atMostMs} ms`,
    replicaText(point),
    `${point.running} running, ${point.waiting} waiting`,
    `${requests.ok} ok, ${requests.late} late, ${requests.failed} failed`,
  ].join(" | ");
}

function phaseProgress({ phaseNumber, phases, phaseElapsedSeconds, phaseSeconds }: LiveState): string {
  const elapsed = duration(phaseElapsedSeconds);
  const time =
    phaseSeconds === undefined ? `${elapsed}, until 1 replica is left` : `${elapsed} of ${duration(phaseSeconds)}`;
  return `${phaseNumber} of ${phases} · ${time}`;
}

function latency({ point, objective }: LiveState, colours: Colours): string {
  if (point.itlP50Ms === null) return "–";
  const text = `${point.itlP50Ms.toFixed(0)} ms`;
  return point.itlP50Ms <= objective.atMostMs ? colours.green(text) : colours.red(text);
}

/** For example `■■■■□□·`: ready, pending, and what there may be at most. */
function replicaBar({ ready, pending }: TimelinePoint, maxReplicas: number, colours: Colours): string {
  const rest = Math.max(0, maxReplicas - ready - pending);
  return colours.blue("■".repeat(ready)) + colours.yellow("□".repeat(pending)) + colours.dim("·".repeat(rest));
}

function replicaText({ ready, desired, pending, unscheduled }: TimelinePoint): string {
  const why = unscheduled > 0 ? ` (${unscheduled} without a node)` : "";
  return `${ready} ready, ${desired} desired, ${pending} pending${why}`;
}
