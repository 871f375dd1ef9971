import type { DemoEvent, DemoRun } from "./demo-run";
import { peakReady, type TimelinePoint, windowSeconds } from "./timeline";

/** A line of a chart. What is drawn is described here; how is in `assets/demo-page/charts.js`. */
export interface ChartSeries {
  label: string;
  /** Values as the legend and the table show them. */
  values: (number | null)[];
  /** Heights to draw where they differ from the values: stacked on another series. */
  drawnAt?: (number | null)[];
  /** Index of the series this one is stacked on. */
  stackedOn?: number;
  /** CSS variable of the line's colour, without the dashes; `<colour>-soft` is the fill. */
  colour: string;
  style: "line" | "dashed" | "step" | "filled" | "filled step";
  /** Digits after the point. */
  digits: number;
}

export interface ChartMark {
  t: number;
  label: string;
}

/** A chart over the timeline's seconds. */
export interface Chart {
  id: string;
  title: string;
  /** Title of the vertical axis, with the unit. */
  axis: string;
  /** What there is to see, for those who do not see it. */
  description: string;
  series: ChartSeries[];
  /** Least range of the vertical axis; it grows with the data. */
  range: [number, number];
  /** Only whole numbers make sense on the vertical axis. */
  whole: boolean;
  marks: ChartMark[];
}

export function demoCharts(run: DemoRun): Chart[] {
  return [loadChart(run), replicasChart(run), latencyChart(run), requestsChart(run)];
}

function loadChart({ timeline, load }: DemoRun): Chart {
  const rates = timeline.map((point) => point.rps);
  return {
    id: "load",
    title: "Load",
    axis: "requests/s",
    description: `Requests sent a second, mean of the last ${windowSeconds} s. It rises to ${highest(rates)} requests/s; ${load.peakRequestsPerSecond.toFixed(1)} was asked for.`,
    series: [{ label: "Sent", values: rates, colour: "load", style: "filled", digits: 1 }],
    range: [0, 1],
    whole: false,
    marks: [],
  };
}

function replicasChart({ timeline, events, model }: DemoRun): Chart {
  const ready = timeline.map((point) => point.ready);
  const pending = timeline.map((point) => point.pending);
  return {
    id: "replicas",
    title: "Replicas",
    axis: "replicas",
    description: `Replicas ready, pending above them, and desired by the autoscaler. At most ${peakReady(timeline)} were ready at once, ${timeline.at(-1)?.ready ?? 0} at the end. Numbered lines are the autoscaler's decisions, listed under Events.`,
    series: [
      { label: "Ready", values: ready, colour: "ready", style: "filled step", digits: 0 },
      {
        label: "Pending",
        values: pending,
        drawnAt: timeline.map((point) => point.ready + point.pending),
        stackedOn: 0,
        colour: "pending",
        style: "step",
        digits: 0,
      },
      { label: "Desired", values: timeline.map((point) => point.desired), colour: "desired", style: "step", digits: 0 },
    ],
    range: [0, model.maxReplicas + 0.5],
    whole: true,
    marks: scalingDecisions(events).map((event, i) => ({ t: event.t, label: String(i + 1) })),
  };
}

function latencyChart({ timeline, model }: DemoRun): Chart {
  const { atMostMs, quantile } = model.objective;
  const client = timeline.map((point) => point.itlP50Ms);
  return {
    id: "latency",
    title: "Inter-token latency (p50) against the SLO",
    axis: "milliseconds",
    description: `Median gap between two tokens. Clients: the last ${windowSeconds} s, exact. Servers: the last 30 s from vLLM's histogram, interpolated between its bucket edges. The objective is ${percentile(quantile)} at most ${atMostMs} ms. The clients' median was at most ${highest(client)} ms.`,
    series: [
      { label: "Clients", values: client, colour: "latency", style: "line", digits: 1 },
      {
        label: "Servers",
        values: timeline.map((point) => point.serverItlP50Ms),
        colour: "muted-line",
        style: "line",
        digits: 1,
      },
      { label: "SLO", values: timeline.map(() => atMostMs), colour: "slo", style: "dashed", digits: 0 },
    ],
    range: [atMostMs * 0.6, atMostMs * 1.3],
    whole: false,
    marks: [],
  };
}

function requestsChart({ timeline, model }: DemoRun): Chart {
  const running = timeline.map((point) => point.running);
  const waiting = timeline.map((point) => point.waiting);
  return {
    id: "requests",
    title: "Requests in the servers",
    axis: "requests",
    description: `Requests running and waiting, all replicas together, and what the ready replicas are asked to carry: ${model.targetConcurrency} each. At most ${highest(running)} ran and ${highest(waiting)} waited.`,
    series: [
      { label: "Running", values: running, colour: "ready", style: "filled", digits: 0 },
      { label: "Waiting", values: waiting, colour: "pending", style: "filled", digits: 0 },
      {
        label: `Target (${model.targetConcurrency} × ready)`,
        values: timeline.map((point) => point.ready * model.targetConcurrency),
        colour: "desired",
        style: "dashed",
        digits: 0,
      },
    ],
    range: [0, model.targetConcurrency],
    whole: true,
    marks: [],
  };
}

/** The autoscaler's decisions while the load ran, in the order of time. */
export function scalingDecisions(events: DemoEvent[]): DemoEvent[] {
  return events.filter((event) => event.reason === "SuccessfulRescale" && event.t >= 0);
}

/** Every fifth second: enough to read; the JSON has all. */
export function tableRows(timeline: TimelinePoint[]): number[] {
  const every = 5;
  return timeline.flatMap((_, i) => (i % every === 0 || i === timeline.length - 1 ? [i] : []));
}

export function percentile(quantile: number): string {
  return `p${Math.round(quantile * 1000) / 10}`;
}

function highest(values: (number | null)[]): string {
  return String(Math.max(0, ...values.map((value) => value ?? 0)));
}
