import { expect, it } from "vitest";
import { capacityProfile, capacityProfileIds, compilePolicy } from "../../../src/policy";
import { compiled, llamaOnL4, standardInput } from "./policy-inputs";

const serving = (vllm: string) => ({ ...standardInput, versions: { ...standardInput.versions, vllm } });

it.each(["0.19.0", "0.19.1", "v0.23.0", "0.30.0", "0.32.5"])("a shipped profile says nothing of vLLM %s", (vllm) => {
  expect(compiled(serving(vllm)).warnings).toEqual([]);
});

it.each([
  ["0.18.1", "0.18.1"],
  ["0.33.0", "0.33.0"],
  ["1.0.0", "1.0.0"],
])("of vLLM %s it warns with both releases, and says so where the target is explained", (vllm, written) => {
  const policy = compiled(serving(vllm));
  const said = `The figures of profile llama-3.1-8b-l4 are of vLLM 0.19.0 and said to hold from 0.19 to 0.32, and vLLM ${written} serves`;
  expect(policy.warnings).toEqual([
    `${said}: it may be faster or slower. Measure what a replica carries, and give capacity.concurrencyPerReplica.`,
  ]);
  const target = policy.explanation.find(({ path }) => path === "spec.triggers[0].metadata.threshold");
  expect(target?.because.endsWith(` = 5. ${said}.`)).toBe(true);
});

it("a measured concurrency has no release", () => {
  const measured = { ...serving("0.33.0"), capacity: { profile: llamaOnL4, concurrencyPerReplica: 7 } };
  expect(compiled(measured).warnings).toEqual([]);
});

it("a profile of one's own holds for its own minor release, unless it says for which", () => {
  const { vllmReleases: _, ...profile } = llamaOnL4;
  const warnings = (vllm: string, releases?: { first: string; last: string }) =>
    compiled({
      ...serving(vllm),
      capacity: { ...standardInput.capacity, profile: { ...profile, ...(releases && { vllmReleases: releases }) } },
    }).warnings;
  expect(warnings("0.19.2")).toEqual([]);
  expect(warnings("0.20.0")).toEqual([
    expect.stringMatching(/^The figures of .* are of vLLM 0\.19\.0, and vLLM 0\.20\.0 serves:/),
  ]);
  expect(warnings("0.20.0", { first: "0.20", last: "0.20" })).toEqual([]);
  expect(warnings("0.19.0", { first: "0.20", last: "0.20" })).toEqual([
    expect.stringMatching(
      /^The figures of .* are of vLLM 0\.19\.0 and said to hold for 0\.20, and vLLM 0\.19\.0 serves:/,
    ),
  ]);
});

it("releases that are none, or end before they begin, are refused", () => {
  const problems = (first: string, last: string) => {
    const profile = { ...llamaOnL4, vllmReleases: { first, last } };
    const result = compilePolicy({ ...standardInput, capacity: { ...standardInput.capacity, profile } });
    return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
  };
  expect(problems("0.9", "0.10")).toEqual([]);
  expect(problems("0.10", "0.9")).toEqual([
    'capacity.profile.vllmReleases.first: {"first":"0.10","last":"0.9"} cannot be used. must not be above last.',
  ]);
  expect(problems("0.19.0", "0.30")[0]).toBe(
    'capacity.profile.vllmReleases.first: "0.19.0" cannot be used. must be major.minor, e.g. 0.19.',
  );
});

it("all shipped profiles state the same releases, the default one among them", () => {
  const stated = capacityProfileIds.map((id) => capacityProfile(id)?.vllmReleases);
  expect(new Set(stated)).toEqual(new Set([{ first: "0.19", last: "0.32" }]));
});
