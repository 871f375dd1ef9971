import { afterEach, describe, expect, it } from "vitest";
import type { LoadEvent } from "../../../../packages/sandbox/src/load/load-types";
import { type LoadOptions, runLoad } from "../../../../packages/sandbox/src/load/run-load";
import { type Behaviour, type FakeServer, startFakeServer } from "./fake-server";

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const outputTokens = 4;
/** Three arrivals with seed 10, all within a fifth of a second. */
const burst = [{ name: "burst", seconds: 0.2, requestsPerSecond: 20 }];

async function load(behaviour: Behaviour, more: Partial<LoadOptions> = {}) {
  server = await startFakeServer(behaviour);
  const events: LoadEvent[] = [];
  const result = await runLoad({
    url: server.url,
    request: { model: "m", promptTokens: 3, outputTokens },
    phases: burst,
    seed: 10,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { result, events };
}

describe("runLoad", () => {
  it("sends forced lengths and measures every token", async () => {
    const { result, events } = await load("complete");

    expect(result.counts).toEqual({ ok: 3, late: 0, failed: 0, incomplete: 0 });
    expect(server?.bodies).toEqual(
      Array(3).fill({ model: "m", prompt: "token token token", max_tokens: 4, ignore_eos: true, stream: true }),
    );
    for (const record of result.records) {
      expect(record).toMatchObject({ phase: "burst", status: 200, outcome: "ok" });
      expect(record.gapsMs).toHaveLength(outputTokens - 1);
      const total = (record.timeToFirstTokenMs ?? 0) + record.gapsMs.reduce((sum, gap) => sum + gap, 0);
      expect(total).toBeLessThanOrEqual(record.durationMs);
    }
    const of = <T extends LoadEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<LoadEvent, { type: T }> => event.type === type);
    expect(of("phase")).toMatchObject([{ name: "burst" }]);
    expect(of("sent").map((event) => event.id)).toEqual([0, 1, 2]);
    expect(of("token")).toHaveLength(3 * outputTokens);
    expect(of("token").filter((event) => event.gapMs === undefined)).toHaveLength(3);
    expect(of("finished").map((event) => event.record)).toEqual(expect.arrayContaining(result.records));
  });

  it("counts a request as late when too few of its own gaps are within the bound", async () => {
    const { result } = await load("complete", { objective: { atMostMs: 0, quantile: 0.5 } });
    expect(result.counts).toEqual({ ok: 0, late: 3, failed: 0, incomplete: 0 });
  });

  it.each<[Behaviour, string, number | undefined]>([
    ["HTTP 503", "HTTP 503: no ready endpoint", 503],
    ["end without done", "the stream ended before the server said it was complete", 200],
    ["error in the stream", "engine died", 200],
    ["not JSON", "the stream has a piece that is no completion: <html>", 200],
  ])("counts as failed: %s", async (behaviour, error, status) => {
    const { result } = await load(behaviour);
    expect(result.counts).toEqual({ ok: 0, late: 0, failed: 3, incomplete: 0 });
    for (const record of result.records) expect(record).toMatchObject({ error, status });
  });

  it("counts as failed: the connection is cut in the middle of the stream", async () => {
    const { result } = await load("cut the connection");
    expect(result.counts).toEqual({ ok: 0, late: 0, failed: 3, incomplete: 0 });
    for (const record of result.records) expect(record.gapsMs).toHaveLength(1);
  });

  it("counts as failed: nobody listens", async () => {
    server = await startFakeServer("complete");
    const { url } = server;
    await server.close();
    const { counts, records } = await runLoad({
      url,
      request: { model: "m", promptTokens: 1, outputTokens: 1 },
      phases: burst,
      seed: 10,
    });
    expect(counts).toEqual({ ok: 0, late: 0, failed: 3, incomplete: 0 });
    expect(records[0]?.error).toContain("ECONNREFUSED");
    expect(records[0]).not.toHaveProperty("status");
  });

  it("counts as failed: no answer within the limit", async () => {
    const { result } = await load("never answer", { timeoutSeconds: 0.05 });
    expect(result.counts).toEqual({ ok: 0, late: 0, failed: 3, incomplete: 0 });
    expect(result.records[0]?.error).toContain("Timeout");
  });

  it("counts what still runs when it is aborted as incomplete, and sends nothing more", async () => {
    const controller = new AbortController();
    const { result } = await load("never answer", {
      phases: [...burst, { name: "never", seconds: 60, requestsPerSecond: 1 }],
      signal: controller.signal,
      onEvent: (event) => event.type === "phase" && event.name === "never" && controller.abort(),
    });
    expect(result.counts).toEqual({ ok: 0, late: 0, failed: 0, incomplete: 3 });
  });

  it("lets what runs finish when it is only told to send nothing more", async () => {
    const controller = new AbortController();
    const { result } = await load("complete", {
      phases: [...burst, { name: "never", seconds: 60, requestsPerSecond: 1 }],
      stopSending: controller.signal,
      onEvent: (event) => event.type === "phase" && event.name === "never" && controller.abort(),
    });
    expect(result.counts).toEqual({ ok: 3, late: 0, failed: 0, incomplete: 0 });
  });
});
