import { describe, expect, it } from "vitest";
import { capacityProfile, capacityProfileIds, gpus, models, rooflineProfile } from "../../../src/policy";
import { parametersOf } from "../../../src/policy/profiles/models";
import { llamaOnL4 } from "./policy-inputs";
import { deviationPercent, publishedFigures } from "./published-step-times";

describe("parameters of", () => {
  it.each([
    // As the models' own pages count them.
    ["llama-3.2-3b", 3_212_749_824],
    ["llama-3.1-8b", 8_030_261_248],
    ["granite-3.3-8b", 8_170_864_640],
    ["llama-3.1-70b", 70_553_706_496],
  ] as const)("%s: %i", (model, all) => {
    expect(parametersOf(models[model]).all).toBe(all);
  });

  it("a model with its own output layer are read without the input embedding", () => {
    expect(parametersOf(models["llama-3.1-8b"]).readEachStep).toBe(8_030_261_248 - 128_256 * 4096);
    expect(parametersOf(models["llama-3.2-3b"]).readEachStep).toBe(3_212_749_824);
  });
});

describe("the estimate", () => {
  it("of the fitted model and GPU differs from the fitted profile by less than that one's error", () => {
    const result = rooflineProfile({ id: "llama-3.1-8b-l4", model: models["llama-3.1-8b"], gpu: gpus.l4 });
    if (!result.ok) throw new Error(result.problem.message);
    const { decode, prefill, kvCache } = result.profile;
    // Fitted: 60, 0.3, 0.000475 and 0.235 ms, with 5 ms of engine overhead where later engines need 1.5.
    expect(decode).toEqual({ baseStepMs: 56.51, perSequenceMs: 0.3024, perContextTokenMs: 0.0004749 });
    expect(prefill).toEqual({ perTokenMs: 0.2307, batchedTokens: 2048 });
    expect(kvCache).toEqual(llamaOnL4.kvCache);
    expect(1 - decode.baseStepMs / llamaOnL4.decode.baseStepMs).toBeLessThan(llamaOnL4.provenance.relativeError);
  });

  it("of two GPUs halves what is read and computed by each, and adds all-reduces", () => {
    const [one, two] = [1, 2].map((tensorParallel) => {
      const result = rooflineProfile({ id: "x", model: models["llama-3.1-8b"], gpu: gpus.h100, tensorParallel });
      if (!result.ok) throw new Error(result.problem.message);
      return result.profile;
    });
    // 15.01 GB at 0.91 of 3350 GB/s are 4.924 ms; 0.5 + 32 x 0.032 ms of overhead; 64 all-reduces of 0.01 ms.
    expect([one?.decode.baseStepMs, two?.decode.baseStepMs]).toEqual([6.448, 4.626]);
    expect([one?.prefill.perTokenMs, two?.prefill.perTokenMs]).toEqual([0.02016, 0.01164]);
    expect([one?.kvCache.capacityTokens, two?.kvCache.capacityTokens]).toEqual([446_000, 1_014_544]);
  });

  it("of what does not fit is refused with the number of GPUs that would do", () => {
    const message = (model: keyof typeof models, gpu: keyof typeof gpus, tensorParallel?: number) => {
      const result = rooflineProfile({ id: "x", model: models[model], gpu: gpus[gpu], tensorParallel });
      return result.ok ? "fits" : `${result.problem.path}: ${result.problem.message}`;
    };
    expect(message("llama-3.1-70b", "h100")).toBe(
      "tensorParallel: The weights of meta-llama/Llama-3.1-70B-Instruct, 131.4 GiB, do not fit: 1 NVIDIA-H100-80GB-HBM3 with 68.6 GiB each beside what vLLM needs. At least 2 would.",
    );
    expect(message("llama-3.1-70b", "h100", 2)).toBe("fits");
    expect(message("llama-3.1-70b", "l4", 8)).toBe(
      "tensorParallel: 8 needs NVLink, which NVIDIA-L4 does not have: how long its all-reduces take is not known.",
    );
    for (const tensorParallel of [0, 3, 16, 1.5, Number.NaN]) {
      expect(message("llama-3.1-8b", "h100", tensorParallel)).toBe(
        `tensorParallel: ${tensorParallel} does not divide the 8 key-value heads of meta-llama/Llama-3.1-8B-Instruct: use a whole number that does.`,
      );
    }
  });
});

describe("what is published", () => {
  it("deviates by so many percent", () => {
    expect(publishedFigures.map(deviationPercent)).toEqual([0, 0, -8, 6, 0, -10, 0, 2, -42, 34, 27, -28, -20, -27]);
  });

  it("of vLLM's own runs lies within a third of the stated error", () => {
    const measured = publishedFigures.filter(({ kind }) => kind.startsWith("vLLM, measured"));
    expect(measured).toHaveLength(5);
    for (const each of measured) expect(Math.abs(deviationPercent(each))).toBeLessThanOrEqual(10);
  });
});

it("every estimate that is shipped says so, with a larger error than a fit", () => {
  for (const id of capacityProfileIds.slice(1)) {
    const provenance = capacityProfile(id)?.provenance;
    expect([id, provenance?.kind, provenance?.relativeError]).toEqual([id, "estimated", 0.3]);
  }
});
