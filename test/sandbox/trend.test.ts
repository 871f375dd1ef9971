import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureTools } from "@vllm-serving/sandbox";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TrendFunction } from "../../src/policy";
import { compiled, queryOf, standardInput } from "../unit/policy/policy-inputs";

const labels = '{namespace="models",model_name="llama-3.1-8b",instance="a"}';
/** Of a start of 165 s: 165 s ahead, from 330 s back, in steps of 15 s. */
const trendBy = (drawn: TrendFunction) =>
  queryOf(compiled({ ...standardInput, trend: { function: drawn } }), "in-flight-trend");

interface Case {
  what: string;
  /** Requests that run and wait, one value every 15 s, in promtool's notation. */
  running: string;
  waiting: string;
  at: string;
  /** Absent where there is no result. */
  value?: number | Record<TrendFunction, number>;
}

/** Loads whose future is known. */
const cases: Case[] = [
  // 20 + t / 30: 40 after ten minutes, 5.5 more in 165 s.
  { what: "a steady rise", running: "20+0.5x60", waiting: "0x60", at: "10m", value: 45.5 },
  { what: "a rise of both", running: "10+0.25x60", waiting: "10+0.25x60", at: "10m", value: 45.5 },
  { what: "a steady load", running: "6x60", waiting: "1x60", at: "10m", value: 7 },
  { what: "a fall, which is not followed", running: "60-0.5x60", waiting: "0x60", at: "10m", value: 40 },
  // The line through 21 readings of 20 and one of 30 ends at 21.7 and rises by 30 / 23 in 165 s, which is below what is there.
  {
    what: "one high reading",
    running: "20x39 30",
    waiting: "0x40",
    at: "10m",
    value: { predict_linear: 30, deriv: 31.304347826086957 },
  },
  // Halfway through the window the line ends at 44.35 and rises by 15.03 in 165 s.
  {
    what: "a jump that stays",
    running: "20x29 40x10",
    waiting: "0x40",
    at: "10m",
    value: { predict_linear: 59.37888198757763, deriv: 55.03105590062112 },
  },
  // 160 in 165 s.
  { what: "a steep rise, of which twice is believed", running: "0+10x60", waiting: "0x60", at: "1m", value: 80 },
  { what: "no load", running: "0x60", waiting: "0x60", at: "10m", value: 0 },
  { what: "a load that has just ended", running: "40-4x10 0x60", waiting: "0x70", at: "3m", value: 0 },
  { what: "a first look, through which there is no line", running: "8x60", waiting: "0x60", at: "0s", value: 8 },
  { what: "a replica that is gone", running: "8x20 stale", waiting: "0x20 stale", at: "6m" },
  { what: "nothing scraped", running: "_x60", waiting: "_x60", at: "10m" },
];

function samplesOf(value: number | undefined) {
  return value === undefined ? [] : [{ labels: "{}", value }];
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trend-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(Object.values(TrendFunction))(
  "is what the requests in flight will be, by Prometheus' own %s",
  async (drawn) => {
    const tests = cases.map(({ what, running, waiting, at, value }) => ({
      name: what,
      interval: "15s",
      input_series: Object.entries({ running, waiting }).map(([state, values]) => ({
        series: `vllm:num_requests_${state}${labels}`,
        values,
      })),
      promql_expr_test: [
        {
          expr: trendBy(drawn),
          eval_time: at,
          exp_samples: samplesOf(typeof value === "object" ? value[drawn] : value),
        },
      ],
    }));
    const file = join(folder, "trend.yaml");
    await writeFile(file, JSON.stringify({ fuzzy_compare: true, tests }));
    const { promtool } = (await ensureTools()).binaries;
    const { stdout } = await promisify(execFile)(promtool, ["test", "rules", file]);
    expect(stdout).toMatch(/SUCCESS/);
  },
);
