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

  // 4 x 721.92 ms of prefills in 4 x 721.92 + 1200 x 68.1768 ms, which is rho 0.0341: rho / (2 (1 - rho)) x 721.92 = 12.7 ms.
  const wait = (4 * 721.92 ** 2) / (2 * 1200 * 68.1768);

  it.each([
    { kind: LatencyKind.Itl, at1: 62.0442, at4: 68.1768 },
    { kind: LatencyKind.Tpot, at1: 62.0442, at4: 68.1768 + (3 * 721.92) / 1200 },
    { kind: LatencyKind.Ttft, at1: 721.92 + 62.0442, at4: 721.92 + 68.1768 + wait },
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
    { kind: LatencyKind.Ttft, atMostMs: 790, concurrency: 1 },
    { kind: LatencyKind.Ttft, atMostMs: 798, concurrency: 3 },
    { kind: LatencyKind.E2e, atMostMs: 90_000, concurrency: 5 },
    { kind: LatencyKind.QueueTime, atMostMs: 1000, concurrency: 7 },
  ])("$kind of at most $atMostMs ms is kept by $concurrency requests", ({ concurrency, ...objective }) => {
    expect(inFlightConcurrencyAt(llamaOnL4, published, { ...objective, quantile: 0.5 })).toBe(concurrency);
  });
});

it.each([
  { kind: LatencyKind.Itl, atMostMs: 62.0442, kept: 1 },
  { kind: LatencyKind.Itl, atMostMs: 64.0884, kept: 2 },
  { kind: LatencyKind.Itl, atMostMs: 68.1768, kept: 4 },
  { kind: LatencyKind.Itl, atMostMs: 74.3094, kept: 7 },
  { kind: LatencyKind.Tpot, atMostMs: 64.69, kept: 2 },
  { kind: LatencyKind.Tpot, atMostMs: 67.3358, kept: 3 },
  { kind: LatencyKind.Ttft, atMostMs: 783.9642, kept: 1 },
  { kind: LatencyKind.E2e, atMostMs: 75_174.96, kept: 1 },
  { kind: LatencyKind.E2e, atMostMs: 87_874.8, kept: 5 },
])(
  "$kind of exactly $atMostMs ms is kept by $kept requests, and by one fewer with a ten-thousandth less",
  ({ kind, atMostMs, kept }) => {
    // In binary fractions 60 + 0.3 + 0.000475 x 3672 is 62.044200000000004.
    const limit = (bound: number) =>
      inFlightConcurrencyAt(llamaOnL4, published, { kind, atMostMs: bound, quantile: 0.5 });
    expect([limit(atMostMs), limit(atMostMs - 0.0001)]).toEqual([kept, kept - 1]);
  },
);

it("short requests are bounded by the decode step, not by the KV cache", () => {
  const short = { promptTokens: 200, outputTokens: 100 };
  // 19 of 1,912 blocks of 16 tokens each.
  expect(kvCacheConcurrency(llamaOnL4, short)).toBe(100);
  expect(inFlightConcurrencyAt(llamaOnL4, short, { kind: LatencyKind.Itl, atMostMs: 75, quantile: 0.5 })).toBe(35);
});

it.each([
  { promptTokens: 1, outputTokens: 1, held: 1912 },
  { promptTokens: 8, outputTokens: 8, held: 1912 },
  { promptTokens: 8, outputTokens: 9, held: 956 },
  { promptTokens: 8192, outputTokens: 4096, held: 2 },
])(
  "the KV cache holds $held requests of $promptTokens + $outputTokens tokens, in whole blocks",
  ({ held, ...lengths }) => {
    expect(kvCacheConcurrency(llamaOnL4, lengths)).toBe(held);
  },
);

it("a block that is not whole holds nothing", () => {
  const kvCache = { capacityTokens: 47, blockTokens: 16 };
  expect(kvCacheConcurrency({ ...llamaOnL4, kvCache }, { promptTokens: 8, outputTokens: 8 })).toBe(2);
});

describe("the queue of prefills", () => {
  // 23 requests take 23 x 235 + 20 x 77.93 = 6963.7 ms, so 3.30 of them come a second: rho = 3.30 x 0.235 = 0.776.
  const tokens = { promptTokens: 1000, outputTokens: 20 };
  const at = (concurrency: number) => latencyMs(llamaOnL4, LatencyKind.Ttft, concurrency, tokens);

  it("is waited for before the first token, by M/D/1", () => {
    const load = (23 * 235) / 6963.685;
    expect(at(23)).toBeCloseTo((load / (2 * (1 - load))) * 235 + 235 + 77.93425, 3);
    expect(at(23)).toBeCloseTo(720.4, 1);
  });

  it("limits the requests that keep a bound on the first token", () => {
    const objective = { kind: LatencyKind.Ttft, atMostMs: 500, quantile: 0.5 };
    expect(inFlightConcurrencyAt(llamaOnL4, tokens, objective)).toBe(9);
    expect(at(9)).toBeLessThanOrEqual(500);
    expect(at(10)).toBeGreaterThan(500);
  });

  it("is never longer than the prefills of all others, however little is generated", () => {
    const classified = { promptTokens: 8192, outputTokens: 1 };
    const prefill = 8192 * 0.235;
    const ttft = (concurrency: number) => latencyMs(llamaOnL4, LatencyKind.Ttft, concurrency, classified);
    expect(ttft(1)).toBeCloseTo(prefill + decodeStepMs(llamaOnL4, 1, classified), 6);
    expect(ttft(2)).toBeCloseTo(2 * prefill + decodeStepMs(llamaOnL4, 2, classified), 6);
  });
});

describe("gaps that hold another request's prefill", () => {
  // A prefill of 1000 tokens takes 235 ms, so a gap with one misses 250 ms from the first request on, and keeps 340 ms up to 50.
  const tokens = { promptTokens: 1000, outputTokens: 200 };
  const limit = (atMostMs: number, quantile: number, lengths = tokens, profile = roomy) =>
    inFlightConcurrencyAt(profile, lengths, { kind: LatencyKind.Itl, atMostMs, quantile });
  const roomy = { ...llamaOnL4, kvCache: { ...llamaOnL4.kvCache, capacityTokens: 1_000_000 } };

  it.each([
    [0.5, 101],
    [0.9, 21],
    [0.95, 11],
    [0.99, 3],
    [0.999, 1],
  ])(
    "are no more than may miss the bound at quantile %f: %i requests, one gap of 200 for each other one",
    (quantile, limited) => {
      expect(limit(250, quantile)).toBe(limited);
    },
  );

  it("limit nothing where they keep the bound themselves", () => {
    // 60 + c x 0.8225 + 235 <= 340 up to 54 requests.
    expect(limit(340, 0.99)).toBe(54);
    expect(limit(340, 0.5)).toBe(101);
  });

  it("limit nothing where the step is above the bound before", () => {
    expect(limit(75, 0.5)).toBe(18);
    expect(limit(75, 0.9)).toBe(18);
    expect(limit(75, 0.95)).toBe(11);
  });

  it("are more and shorter with a prompt above the batched tokens", () => {
    // 5000 tokens: chunks of 2048, 2048 and 904, so 3 gaps of 300 for each other request.
    const long = { promptTokens: 5000, outputTokens: 300 };
    expect(limit(500, 0.9, long)).toBe(11);
    // A chunk takes 481.28 ms, and a step with c requests 60 + c x 2.74625 ms: 550 ms are kept up to 3 whatever the quantile.
    expect(limit(550, 0.999, long)).toBe(3);
    const whole = { ...roomy, prefill: { perTokenMs: 0.235 } };
    expect(limit(550, 0.999, long, whole)).toBe(1);
    expect(limit(500, 0.9, long, whole)).toBe(31);
  });
});
