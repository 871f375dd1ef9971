import { describe, expect, it } from "vitest";
import { capacityProfile } from "vllm-serving/policy";
import { type DemoLoadInput, demoLoad } from "../../../../packages/cli/src/demo/demo-load";

const profile = capacityProfile("llama-3.1-8b-l4");
if (profile === undefined) throw new Error("the profile is shipped");
const input: DemoLoadInput = {
  targetConcurrency: 5,
  maxReplicas: 7,
  profile,
  tokens: { promptTokens: 3072, outputTokens: 1200 },
  longestGenerationSeconds: 15,
  startupSeconds: 10,
};

describe("demoLoad", () => {
  it("asks for six replicas with requests that end within half of the drain", () => {
    const load = demoLoad(input);
    // Step 60 + 4.583 * (0.3 + 0.000475 * 3672) = 69.37 ms, prefill 721.9 ms, so (7500 - 721.9) / 69.37 = 97.7 tokens.
    expect(load).toMatchObject({ seed: 5, promptTokens: 3072, outputTokens: 97, replicas: 6, inFlight: 27.5 });
    expect(load.requestSeconds).toBeCloseTo(7.451, 3);
    expect(load.peakRequestsPerSecond).toBeCloseTo(3.691, 3);
    expect(load.phases.map(({ name, seconds }) => [name, seconds])).toEqual([
      ["quiet", 10],
      ["ramp", 40],
      ["peak", 70],
      ["scale-down", 240],
    ]);
    const quiet = 2 / load.requestSeconds;
    const rates = load.phases.map((phase) => phase.requestsPerSecond);
    expect(rates).toEqual([quiet, { from: quiet, to: load.peakRequestsPerSecond }, load.peakRequestsPerSecond, quiet]);
  });

  it("keeps in flight what it asks for, by Little's law", () => {
    const load = demoLoad({ ...input, targetConcurrency: 3, longestGenerationSeconds: 8 });
    expect(load.peakRequestsPerSecond * load.requestSeconds).toBeCloseTo(16.5, 9);
    expect(load.requestSeconds).toBeLessThanOrEqual(4);
  });

  it("asks for no more replicas than there may be, and for no longer outputs than declared", () => {
    expect(demoLoad({ ...input, maxReplicas: 3 })).toMatchObject({ replicas: 3, inFlight: 12.5 });
    const short = { promptTokens: 100, outputTokens: 20 };
    expect(demoLoad({ ...input, tokens: short })).toMatchObject({ promptTokens: 100, outputTokens: 20 });
  });

  it("sends at least one token when prompts take longer than a request should", () => {
    expect(demoLoad({ ...input, longestGenerationSeconds: 1 }).outputTokens).toBe(1);
  });
});
