import { describe, expect, it } from "vitest";
import {
  decodeStepMs,
  inFlightConcurrencyAt,
  kvCacheConcurrency,
  LatencyKind,
  latencyMs,
  prefillMs,
} from "../../../src/policy";
import { llamaOnL4 } from "./policy-inputs";

const published = { promptTokens: 3072, outputTokens: 1200 };

describe("Llama-3.1-8B on an L4 at 3072 prompt and 1200 output tokens", () => {
  it.each([
    [1, 62.0442],
    [4, 68.1768],
    [7, 74.3094],
    [8, 76.3536],
  ])("a decode step with %i requests takes %f ms", (concurrency, ms) => {
    expect(decodeStepMs(llamaOnL4, concurrency, published)).toBeCloseTo(ms, 4);
  });

  it("a prompt is prefilled in 721.92 ms, and the KV cache holds 7 requests (trap 65)", () => {
    expect(prefillMs(llamaOnL4, published)).toBeCloseTo(721.92, 6);
    expect(kvCacheConcurrency(llamaOnL4, published)).toBe(7);
  });

  it.each([
    { kind: LatencyKind.Itl, at1: 62.0442, at4: 68.1768 },
    { kind: LatencyKind.Tpot, at1: 62.0442, at4: 68.1768 + (3 * 721.92) / 1200 },
    { kind: LatencyKind.Ttft, at1: 721.92 + 62.0442, at4: 721.92 + 68.1768 },
    { kind: LatencyKind.E2e, at1: 721.92 + 1200 * 62.0442, at4: 4 * 721.92 + 1200 * 68.1768 },
    { kind: LatencyKind.QueueTime, at1: 0, at4: 0 },
  ])("$kind with 1 and with 4 requests", ({ kind, at1, at4 }) => {
    expect(latencyMs(llamaOnL4, kind, 1, published)).toBeCloseTo(at1, 6);
    expect(latencyMs(llamaOnL4, kind, 4, published)).toBeCloseTo(at4, 6);
  });

  it.each([
    { kind: LatencyKind.Itl, atMostMs: 62, concurrency: 0 },
    { kind: LatencyKind.Itl, atMostMs: 62.1, concurrency: 1 },
    { kind: LatencyKind.Itl, atMostMs: 75, concurrency: 7 },
    { kind: LatencyKind.Itl, atMostMs: 1000, concurrency: 7 },
    { kind: LatencyKind.Tpot, atMostMs: 75, concurrency: 5 },
    { kind: LatencyKind.Ttft, atMostMs: 790, concurrency: 3 },
    { kind: LatencyKind.E2e, atMostMs: 90_000, concurrency: 5 },
    { kind: LatencyKind.QueueTime, atMostMs: 1000, concurrency: 7 },
  ])("$kind of at most $atMostMs ms is kept by $concurrency requests", ({ concurrency, ...objective }) => {
    expect(inFlightConcurrencyAt(llamaOnL4, published, objective)).toBe(concurrency);
  });
});

it("short requests are bounded by the decode step, not by the KV cache", () => {
  const short = { promptTokens: 200, outputTokens: 100 };
  expect(kvCacheConcurrency(llamaOnL4, short)).toBe(101);
  expect(inFlightConcurrencyAt(llamaOnL4, short, { kind: LatencyKind.Itl, atMostMs: 75 })).toBe(35);
});
