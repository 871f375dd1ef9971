import type { ClusterSample, LoadEvent, LoadOptions, LoadResult, RequestRecord } from "@vllm-serving/sandbox";
import { describe, expect, it } from "vitest";
import type { LiveState } from "../../../../packages/cli/src/demo/live";
import { demoEvents, type ObserveOptions, observeLoad } from "../../../../packages/cli/src/demo/observe-load";
import { exampleRun } from "../../../fixtures/demo/example-run";

const { model, load } = exampleRun();
const sampleOf = (desired: number, ready = desired): ClusterSample => ({
  desired,
  ready,
  pending: Math.max(0, desired - ready),
  unscheduled: 0,
  running: 0,
  waiting: 0,
});
const record = (phase: string, outcome: RequestRecord["outcome"], error?: string): RequestRecord => ({
  id: 0,
  phase,
  sentAtMs: 0,
  durationMs: 1,
  gapsMs: [],
  outcome,
  ...(error === undefined ? {} : { error }),
});

/** A load that goes through its phases at once and then runs until it is told to stop. */
function instantLoad(records: RequestRecord[]) {
  const asked: LoadOptions[] = [];
  const runLoad = async (options: LoadOptions): Promise<LoadResult> => {
    asked.push(options);
    const emit = (event: LoadEvent) => options.onEvent?.(event);
    for (const [i, phase] of options.phases.entries()) emit({ type: "phase", name: phase.name, atMs: i * 10 });
    emit({ type: "token", id: 0, atMs: 5, gapMs: 60 });
    emit({ type: "token", id: 0, atMs: 25, gapMs: 90 });
    for (const ended of records) emit({ type: "finished", record: ended, atMs: 26 });
    await new Promise<void>((resolve) => {
      for (const signal of [options.signal, options.stopSending]) {
        if (signal?.aborted === true) resolve();
        signal?.addEventListener("abort", () => resolve());
      }
    });
    const counts = { ok: 0, late: 0, failed: 0, incomplete: 0 };
    for (const { outcome } of records) counts[outcome] += 1;
    return { records, counts };
  };
  return { runLoad, asked };
}

function observe(more: Partial<ObserveOptions>) {
  return observeLoad({
    runLoad: instantLoad([]).runLoad,
    sample: async () => sampleOf(1),
    url: "http://127.0.0.1:1/llm/llama",
    model,
    load,
    signal: new AbortController().signal,
    onLive: () => {},
    sampleEveryMs: 1,
    ...more,
  });
}

/** The clock of a test that shall not wait: eight seconds in about a hundred samples. */
function quickly<T>(run: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const real = performance.now.bind(performance);
  performance.now = () => began + (real() - began) * 100;
  return run().finally(() => {
    performance.now = real;
  });
}

describe("observeLoad", () => {
  it("sends what was planned, and ends when one replica was all there is for a while", async () => {
    const { runLoad, asked } = instantLoad([
      record("quiet", "ok"),
      record("peak", "late"),
      record("peak", "failed", "HTTP 503: busy"),
      record("peak", "failed", "HTTP 503: busy"),
    ]);
    const live: LiveState[] = [];
    const observation = await quickly(() => observe({ runLoad, onLive: (state) => live.push(state) }));

    expect(asked[0]).toMatchObject({
      url: "http://127.0.0.1:1/llm/llama",
      request: { model: "llama", promptTokens: 3600, outputTokens: 95 },
      phases: load.phases,
      seed: load.seed,
      objective: { atMostMs: 75, quantile: 0.5 },
    });
    expect(observation.requests).toEqual({ ok: 1, late: 1, failed: 2, incomplete: 0 });
    expect(observation.failures).toEqual(["HTTP 503: busy"]);
    expect(observation.timeline.at(-1)?.t).toBeGreaterThanOrEqual(8);
    expect(observation.sloAttainment).toBe(1);
    expect(observation.phases.map(({ name, title, load: of }) => [name, title, of])).toEqual([
      ["quiet", "Quiet", { sent: 1, itlP50Ms: 60, sloAttainment: 1 }],
      ["ramp", "Ramp up", { sent: 0, itlP50Ms: null, sloAttainment: null }],
      ["peak", "Peak load", { sent: 3, itlP50Ms: 90, sloAttainment: 0 }],
      ["scale-down", "Scale down", { sent: 0, itlP50Ms: null, sloAttainment: null }],
    ]);
    expect(live[0]).toMatchObject({ phase: "Scale down", phaseNumber: 4, phases: 4, maxReplicas: 7 });
    expect(live[0]?.requests).toMatchObject({ ok: 1, late: 1, failed: 2 });
    expect(live[0]).not.toHaveProperty("phaseSeconds");
  });

  it("goes on through samples that fail, and keeps those that do not", async () => {
    let asked = 0;
    const observation = await quickly(() =>
      observe({
        sample: async () => {
          asked += 1;
          if (asked <= 10) throw new Error("connection refused");
          return sampleOf(1);
        },
      }),
    );
    expect(observation.timeline.length).toBe(asked - 10);
  });

  it("gives up when the cluster cannot be read any more, and stops the load", async () => {
    const { runLoad, asked } = instantLoad([]);
    const failing = observe({
      runLoad,
      sample: async () => {
        throw new Error("connection refused");
      },
    });
    await expect(failing).rejects.toThrow("connection refused");
    expect(asked[0]?.signal?.aborted).toBe(true);
  });

  it("stops with the reason it was aborted for", async () => {
    const controller = new AbortController();
    const observing = observe({ signal: controller.signal, sample: async () => sampleOf(6) });
    controller.abort(new Error("stopped on request"));
    await expect(observing).rejects.toThrow("stopped on request");
  });
});

it("demoEvents gives times relative to the load's beginning", () => {
  const event = {
    uid: "u",
    at: 11_500,
    lastAt: 12_000,
    count: 2,
    type: "Normal" as const,
    reason: "R",
    note: "n",
    object: "o",
    reporter: "r",
  };
  expect(demoEvents([event], 10_000)).toEqual([
    { t: 1.5, count: 2, type: "Normal", reason: "R", note: "n", object: "o", reporter: "r" },
  ]);
});
