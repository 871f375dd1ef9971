import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { abortOnSignals } from "../abort";
import { loadSandbox } from "../sandbox-package";
import { figures, type Machine, type MeasuredStart, withFigures } from "./sandbox-figures";

/** Go's runtimes give back what they needed for the start only after a while. */
const settleMs = 15_000;

/** `vllm-serving sandbox measure`: what a start takes on this machine, and what the parts hold. */
export function addMeasureCommand(sandbox: Command): void {
  sandbox
    .command("measure")
    .description("start a sandbox of its own several times, and print how long each step took and what each part holds")
    .addOption(new Option("--runs <count>", "how many starts").default(5).argParser(atLeastOne))
    .option("--write <file>", "put the tables into a Markdown file, between the lines <!-- sandbox measure: ... -->")
    .action(async ({ runs, write }: { runs: number; write?: string }) => {
      const page = write === undefined ? "" : readFileSync(write, "utf8");
      // Before minutes of measuring, not after.
      if (write !== undefined) withFigures(page, "");
      const starts = await abortOnSignals((signal) => measureStarts(runs, signal));
      const text = figures(starts, thisMachine());
      console.log(text);
      if (write !== undefined) writeFileSync(write, withFigures(page, text));
    });
}

async function measureStarts(count: number, signal: AbortSignal): Promise<MeasuredStart[]> {
  const { ensureTools } = await loadSandbox();
  await ensureTools({ signal });
  const starts: MeasuredStart[] = [];
  for (let i = 1; i <= count; i += 1) {
    const start = await measureStart(`measure-${process.pid}`, signal);
    console.error(`Start ${i} of ${count}: ${start.seconds.toFixed(1)} s`);
    starts.push(start);
  }
  return starts;
}

async function measureStart(name: string, signal: AbortSignal): Promise<MeasuredStart> {
  const { down, status, up } = await loadSandbox();
  const steps: MeasuredStart["steps"] = [];
  const begin = performance.now();
  const sinceBegin = (): number => (performance.now() - begin) / 1000;
  await up({
    name,
    signal,
    endWithCaller: true,
    onProgress: ({ id, title, state }) => {
      if (state === "done" && id.startsWith("start:")) steps.push({ title, doneAfter: sinceBegin() });
    },
  });
  const seconds = sinceBegin();
  try {
    await sleep(settleMs, undefined, { signal });
    const parts = (await status(name))?.parts ?? [];
    return { seconds, steps, parts: parts.map((part) => ({ name: part.name, bytes: part.residentBytes ?? 0 })) };
  } finally {
    await down(name);
  }
}

function thisMachine(): Machine {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: first?.model.trim() ?? "unknown",
    gigabytes: Math.round(totalmem() / 1e9),
  };
}

function atLeastOne(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number from 1 on.");
}
