import { describe, expect, it } from "vitest";
import { capacityProfile, capacityProfileIds, capacityProfileSchema } from "../../../src/policy";
import { llamaOnL4 } from "./policy-inputs";

describe("shipped profiles", () => {
  it("are found by id", () => {
    expect(capacityProfileIds).toEqual([
      "llama-3.1-8b-l4",
      "llama-3.2-3b-l4",
      "llama-3.2-3b-a10g",
      "granite-3.3-8b-l4",
      "granite-3.3-8b-l40s",
      "llama-3.1-8b-a10g",
      "llama-3.1-8b-l40s",
      "llama-3.1-8b-a100-80gb",
      "llama-3.1-8b-h100",
      "llama-3.1-70b-a100-80gb-tp4",
      "llama-3.1-70b-a100-80gb-tp8",
      "llama-3.1-70b-h100-tp4",
      "llama-3.1-70b-h100-tp8",
    ]);
    expect(capacityProfile("llama-3.1-8b-l4")?.gpuProduct).toBe("NVIDIA-L4");
    expect(capacityProfile("llama")).toBeUndefined();
  });

  it.each(capacityProfileIds)("%s is a valid profile file", (id) => {
    const profile = capacityProfile(id);
    expect(capacityProfileSchema.parse(profile)).toEqual(profile);
    expect(profile?.id).toBe(id);
  });

  it("hold whole blocks", () => {
    expect(llamaOnL4.kvCache.capacityTokens / llamaOnL4.kvCache.blockTokens).toBe(1912);
  });
});

describe("a user's profile", () => {
  const pathsOf = (profile: unknown) =>
    capacityProfileSchema.safeParse(profile).error?.issues.map(({ path }) => path.join("."));

  it("with an unknown field is refused", () => {
    expect(capacityProfileSchema.safeParse({ ...llamaOnL4, gpus: 1 }).error?.issues[0]?.message).toContain('"gpus"');
  });

  it("is told all that is wrong", () => {
    const wrong = {
      ...llamaOnL4,
      id: "Llama",
      vllmVersion: "latest",
      decode: { ...llamaOnL4.decode, baseStepMs: 0 },
      kvCache: { capacityTokens: 1.5, blockTokens: 16 },
      provenance: { ...llamaOnL4.provenance, kind: "guessed" },
    };
    expect(pathsOf(wrong)).toEqual([
      "id",
      "vllmVersion",
      "decode.baseStepMs",
      "kvCache.capacityTokens",
      "provenance.kind",
    ]);
  });

  it("needs lengths in order", () => {
    const validFor = { minPromptTokens: 9, maxPromptTokens: 8, minOutputTokens: 9, maxOutputTokens: 8 };
    expect(pathsOf({ ...llamaOnL4, validFor })).toEqual(["validFor.minPromptTokens", "validFor.minOutputTokens"]);
  });
});
