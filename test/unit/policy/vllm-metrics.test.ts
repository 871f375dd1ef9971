import { describe, expect, it } from "vitest";
import { LatencyKind } from "../../../src/policy";
import { parseVersion } from "../../../src/policy/version";
import { latencyHistogram, measuredSince } from "../../../src/policy/vllm-metrics";

function histogram(kind: LatencyKind, release: string) {
  const version = parseVersion(release);
  return version && latencyHistogram(kind, version);
}

describe("latency histograms by vLLM release", () => {
  it.each([
    ["itl", "0.6.6", "time_per_output_token_seconds", 2.5, 13],
    ["itl", "0.8.5", "time_per_output_token_seconds", 2.5, 13],
    ["itl", "0.9.0", "time_per_output_token_seconds", 80, 19],
    ["itl", "0.10.1", "time_per_output_token_seconds", 80, 19],
    ["itl", "0.10.2", "inter_token_latency_seconds", 80, 19],
    ["itl", "0.30.0", "inter_token_latency_seconds", 80, 19],
    ["tpot", "0.12.0", "request_time_per_output_token_seconds", 80, 19],
    ["ttft", "0.6.6", "time_to_first_token_seconds", 10, 16],
    ["ttft", "0.30.0", "time_to_first_token_seconds", 2560, 22],
    ["e2e", "0.6.6", "e2e_request_latency_seconds", 60, 10],
    ["e2e", "0.30.0", "e2e_request_latency_seconds", 7680, 21],
    ["queueTime", "0.30.0", "request_queue_time_seconds", 7680, 21],
  ] as const)("%s in %s is %s up to %d s in %d buckets (traps 17, 25)", (kind, release, name, last, buckets) => {
    const found = histogram(kind, release);
    expect(found?.name).toBe(name);
    expect(found?.edgesSeconds.at(-1)).toBe(last);
    expect(found?.edgesSeconds).toHaveLength(buckets);
  });

  it("TPOT is not there before 0.11.0 (trap 18)", () => {
    expect(histogram(LatencyKind.Tpot, "0.10.2")).toBeUndefined();
    expect(measuredSince(LatencyKind.Tpot)).toEqual([0, 11, 0]);
  });

  it.each(Object.values(LatencyKind))("the edges of %s ascend", (kind) => {
    for (const release of ["0.6.6", "0.9.0", "0.12.0"]) {
      const edges = histogram(kind, release)?.edgesSeconds ?? [];
      expect(edges).toEqual([...new Set(edges)].sort((a, b) => a - b));
    }
  });
});
