import { describe, expect, it } from "vitest";
import { compilePolicy, type PolicyInput } from "../../../src/policy";
import { standardInput } from "./policy-inputs";

/** Every field that there is, valid. */
const complete: PolicyInput = {
  ...standardInput,
  labels: { team: "a" },
  metrics: {
    ...standardInput.metrics,
    labels: { team: "a" },
    podRegex: "llama-.*",
    metricPrefix: "vllm:",
    bucketEdgesSeconds: { itl: [0.05, 0.075] },
  },
  slo: { itl: { atMostMs: 75, quantile: 0.5 }, ttft: { atMostMs: 2500, goodRatio: 0.9 } },
  replicas: { min: 0, max: 7 },
  zero: {
    wake: { type: "external-push", name: "http", metadata: { scalerAddress: "keda:9090" } },
    cooldownSeconds: 60,
    acceptColdStart: true,
  },
  capacity: { ...standardInput.capacity, maxSequences: 64, headroom: "loose", gpusPerReplica: 1, gpuBudget: 7 },
  load: { requestsPerSecond: 0.1, secondsPerRequest: 80 },
  prometheus: {
    url: "https://prometheus:9090",
    tenancyNamespace: "models",
    authMode: "bearer",
    authenticationName: "prometheus",
  },
  trend: { horizonSeconds: 60 },
  extraTriggers: [{ type: "cron", metadata: { timezone: "UTC" } }],
};

type Path = readonly string[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  const below = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [path, ...below.flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

/** The input as a caller without a type checker may give it. */
function changed(path: Path, value: unknown): PolicyInput {
  const input = structuredClone(complete);
  const [last = "", ...parents] = [...path].reverse();
  const holder = parents.reduceRight<object>((object, key) => Reflect.get(object, key), input);
  Reflect.set(holder, last, value);
  return input;
}

function problemsOf(path: Path, value: unknown): string[] {
  const result = compilePolicy(changed(path, value));
  return result.ok ? [] : result.problems.map((problem) => `${problem.path}: ${problem.message}`);
}

describe("an input of other types than its own", () => {
  it("compiles where nothing is wrong", () => {
    expect(compilePolicy(complete)).toMatchObject({ ok: true });
  });

  it.each([
    ["capacity.concurrencyPerReplica", "5", "This is a string: it must be a number."],
    ["capacity.tokens.promptTokens", "3072", "This is a string: it must be a number."],
    ["slo.itl", null, "This is null: it must be a mapping."],
    ["slo", undefined, "Missing: it must be a mapping."],
    ["slo.itl.atMostMs", undefined, "Missing: it must be a number."],
    ["replicas", [1, 7], "This is a list: it must be a mapping."],
    ["prometheus.url", { password: "s3cret" }, "This is a mapping: it must be a string."],
    ["versions.keda", 2.2, "This is a number: it must be a string."],
    ["labels.team", 1, "This is a number: it must be a string."],
    ["extraTriggers", {}, "This is a mapping: it must be a list."],
  ])("%s = %j is a problem", (path, value, message) => {
    expect(problemsOf(path.split("."), value)).toEqual([`${path}: ${message}`]);
  });

  it("says where in a list", () => {
    expect(problemsOf(["extraTriggers", "0", "type"], 7)).toEqual([
      "extraTriggers[0].type: This is a number: it must be a string.",
    ]);
  });

  it("is told with what is wrong beside it, and with nothing that would follow from another value", () => {
    const { concurrencyPerReplica: _, ...capacity } = standardInput.capacity;
    const tokens = { promptTokens: "3k", outputTokens: -1 };
    const input = { ...changed(["capacity"], { ...capacity, tokens }), load: { requestsPerSecond: 100 } };
    const result = compilePolicy({ ...input, replicas: { min: 0, max: 0.5 } });
    expect(result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      "capacity.tokens.promptTokens: This is a string: it must be a number.",
      "replicas.max: 0.5 must be a whole number of at least 1.",
      "capacity.tokens.outputTokens: -1 is outside 1 to 4096, the lengths profile llama-3.1-8b-l4 is valid for. Use lengths within, another profile, or capacity.concurrencyPerReplica.",
    ]);
  });

  it("is never thrown about, whatever stands at any place", () => {
    for (const path of pathsIn(complete).filter(({ length }) => length > 0)) {
      for (const value of [undefined, null, "5", "", 5, -1, Number.NaN, true, [], [null], {}, { a: null }]) {
        expect(() => compilePolicy(changed(path, value)), `${path.join(".")} = ${JSON.stringify(value)}`).not.toThrow();
      }
    }
  });
});
