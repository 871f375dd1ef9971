import { describe, expect, it } from "vitest";
import { compilePolicy, type PolicyInput } from "../../../src/policy";
import { compiled, queryOf, standardInput } from "./policy-inputs";
import { promqlErrors } from "./promql-errors";

const wake = {
  type: "external-push",
  name: "http",
  metadata: { scalerAddress: "keda-add-ons-http-external-scaler.keda:9090", interceptorRoute: "llama" },
};
const held: PolicyInput = { ...standardInput, replicas: { min: 0, max: 3 }, zero: { wake } };
const elsewhere: PolicyInput = { ...held, zero: {} };

function problemsOf(input: PolicyInput): string[] {
  const result = compilePolicy(input);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe("a policy with no replica at least", () => {
  it("has the trigger that wakes after those of the SLO and before the user's, which stay as they are", () => {
    const cron = { type: "cron", metadata: { timezone: "UTC" } };
    const { spec } = compiled({ ...held, extraTriggers: [cron] }).scaledObject;
    expect(spec.minReplicaCount).toBe(0);
    expect(spec.triggers.map(({ name }) => name)).toEqual(["in-flight", "itl", "http", undefined]);
    expect(spec.triggers[2]).toEqual(wake);
    expect(spec.triggers[3]).toEqual(cron);
  });

  it("reads 0 where there is no replica, and only then", () => {
    const running = 'sum(vllm:num_requests_running{namespace="models",model_name="llama-3.1-8b"})';
    for (const trigger of ["in-flight", "itl"]) {
      const [query, plain] = [queryOf(compiled(held), trigger), queryOf(compiled(standardInput), trigger)];
      expect(query).toBe(`(${plain}) or (vector(0) unless ${running})`);
      expect(promqlErrors(query)).toEqual([]);
    }
  });

  it("takes missing series for an error where nothing else sees the requests", () => {
    expect(queryOf(compiled(elsewhere), "in-flight")).toBe(queryOf(compiled(standardInput), "in-flight"));
    expect(compiled(elsewhere).scaledObject.spec.triggers.map(({ name }) => name)).toEqual(["in-flight", "itl"]);
  });

  it.each([
    [
      standardInput,
      "An idle service gives 0, so no result at all means that monitoring is broken: an error, not zero load.",
    ],
    [
      held,
      'An idle service gives 0. So does one without a replica, as "or (vector(0) ...)" says, and a Prometheus that scrapes nothing reads the same: then "http" alone sees the requests. A query that fails or has no result with replicas is an error.',
    ],
    [
      elsewhere,
      "An idle service gives 0. At no replica there is nothing to scrape, so no result is normal then; with replicas it means that monitoring is broken: an error, not zero load.",
    ],
  ])("%#: says what no result means", (input, because) => {
    const lines = compiled(input).explanation.filter(({ path }) => path.endsWith("ignoreNullValues"));
    expect(lines.map((line) => line.because)).toEqual([because, because]);
  });

  it.each([held, elsewhere])("keeps a replica while the metrics cannot be read", (input) => {
    expect(compiled(input).scaledObject.spec.fallback).toEqual({
      failureThreshold: 3,
      replicas: 1,
      behavior: "currentReplicasIfHigher",
    });
  });

  it.each([
    { startupSeconds: 165, seconds: 495 },
    { startupSeconds: 10, seconds: 60 },
    { startupSeconds: 71, seconds: 215 },
  ])("keeps an idle replica for three starts of $startupSeconds s: $seconds s", ({ startupSeconds, seconds }) => {
    const { scaledObject, explanation } = compiled({ ...held, timing: { ...held.timing, startupSeconds } });
    expect(scaledObject.spec.cooldownPeriod).toBe(seconds);
    expect(explanation.find(({ path }) => path === "spec.cooldownPeriod")).toEqual({
      path: "spec.cooldownPeriod",
      value: `${seconds}`,
      because: `Three starts of ${startupSeconds} s, at least 60 s: whoever comes back within them does not wait for another start.`,
    });
  });

  it("keeps it as long as is given", () => {
    const { scaledObject } = compiled({ ...held, zero: { wake, cooldownSeconds: 7 } });
    expect(scaledObject.spec.cooldownPeriod).toBe(7);
    expect(compiled(standardInput).scaledObject.spec).not.toHaveProperty("cooldownPeriod");
  });
});

describe("problems", () => {
  it.each([
    [{ ...held, replicas: { min: 1, max: 3 } }, "replicas.min: 1 is never zero"],
    [{ ...held, replicas: { min: -1, max: 3 } }, "replicas.min: -1 must be a whole number of at least 0."],
    [{ ...held, replicas: { min: 0.5, max: 3 } }, "replicas.min: 0.5 must be a whole number of at least 0."],
    [{ ...held, zero: { cooldownSeconds: 0.5 } }, "zero.cooldownSeconds: 0.5 must be a whole number of at least 1"],
    [{ ...held, extraTriggers: [{ ...wake }] }, 'extraTriggers[0].name: "http" is already the name of a trigger'],
  ] satisfies [PolicyInput, string][])("%#: %s", (input, problem) => {
    expect(problemsOf(input)).toEqual([expect.stringContaining(problem)]);
  });
});
