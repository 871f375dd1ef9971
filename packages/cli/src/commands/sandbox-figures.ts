import { max, median, min, sum } from "simple-statistics";

/** One start of a sandbox. */
export interface MeasuredStart {
  /** Until everything served. */
  seconds: number;
  /** Each with the seconds from the begin of the start until it was done. */
  steps: { title: string; doneAfter: number }[];
  /** Memory in RAM of each part. */
  parts: { name: string; bytes: number }[];
}

export interface Machine {
  cores: number;
  processor: string;
  gigabytes: number;
}

const begin = "<!-- sandbox measure: begin -->";
const end = "<!-- sandbox measure: end -->";

/** Two Markdown tables: when each step of a start was done, and what each part holds. `starts` has at least one. */
export function figures(starts: MeasuredStart[], machine: Machine): string {
  const steps = seriesByName(starts.map((start) => start.steps.map(({ title, doneAfter }) => [title, doneAfter])));
  const parts = seriesByName(starts.map((start) => start.parts.map(({ name, bytes }) => [name, bytes])));
  const totals = starts.map(({ parts }) => sum(parts.map(({ bytes }) => bytes)));
  const times = starts.length === 1 ? "One warm start" : `${starts.length} warm starts, one after another,`;
  return [
    `${times} on ${machine.cores} cores (${machine.processor}) with ${machine.gigabytes} GB.`,
    "",
    "| step | done after, median | lowest | highest |",
    "|---|---|---|---|",
    ...steps
      .sort((a, b) => median(a.values) - median(b.values))
      .map(({ name, values }) => `| ${name} | ${secondsOf(values)} |`),
    `| **everything serves** | ${secondsOf(starts.map(({ seconds }) => seconds))} |`,
    "",
    "| part | memory, median |",
    "|---|---|",
    ...parts
      .sort((a, b) => median(b.values) - median(a.values))
      .map(({ name, values }) => `| ${name} | ${megabytes(median(values))} |`),
    `| **all parts** | ${megabytes(median(totals))} (${megabytes(min(totals))} to ${megabytes(max(totals))}) |`,
  ].join("\n");
}

/** @throws Error when the page has no place for the figures. */
export function withFigures(page: string, text: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) {
    throw new Error(`The file has no lines ${begin} and ${end}, between which the figures are written.`);
  }
  return `${before}${begin}\n${text}\n${end}${after}`;
}

function seriesByName(starts: [name: string, value: number][][]): { name: string; values: number[] }[] {
  const series = new Map<string, number[]>();
  for (const [name, value] of starts.flat()) series.set(name, [...(series.get(name) ?? []), value]);
  return [...series].map(([name, values]) => ({ name, values }));
}

function secondsOf(values: number[]): string {
  return [median(values), min(values), max(values)].map((value) => `${value.toFixed(1)} s`).join(" | ");
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
