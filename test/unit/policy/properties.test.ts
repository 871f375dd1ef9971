import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compilePolicy,
  Headroom,
  LatencyKind,
  type PolicyInput,
  PrometheusAuthMode,
  TrendFunction,
} from "../../../src/policy";
import { extentOf } from "../../../src/policy/query-signal/classify";
import { trendOf } from "../../../src/policy/trend";
import { compiled, llamaOnL4, metadataOf } from "./policy-inputs";
import { promqlErrors } from "./promql-errors";
import { policyInput as input, numRuns, objective } from "./random-inputs";

const thresholdOf = (candidate: PolicyInput) => Number(metadataOf(compiled(candidate), "in-flight").threshold);

describe("every policy that compiles", () => {
  it("is the same when compiled again, and leaves its input alone", () => {
    fc.assert(
      fc.property(input, (given) => {
        const before = structuredClone(given);
        const first = compiled(given);
        expect(compiled(structuredClone(given))).toStrictEqual(first);
        expect(given).toEqual(before);
      }),
      { numRuns },
    );
  });

  it("has queries the PromQL grammar accepts, that match the namespace (traps 22, 23)", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { scaledObject, saturationQuery } = compiled(given);
        const queries = scaledObject.spec.triggers.map(({ metadata }) => metadata.query ?? "");
        for (const query of [...queries, saturationQuery]) {
          expect(promqlErrors(query)).toEqual([]);
          expect(query).toContain(`namespace="${given.namespace}"`);
        }
      }),
      { numRuns },
    );
  });

  it("has string metadata, whole thresholds of at least 1, unique trigger names and valid object names", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { metadata, spec } = compiled(given).scaledObject;
        for (const trigger of spec.triggers) {
          expect(Object.values(trigger.metadata).every((value) => typeof value === "string")).toBe(true);
          expect(trigger.metadata.threshold).toMatch(/^[1-9]\d*$/);
          expect(trigger.metadata.ignoreNullValues).toBe("false");
        }
        const names = spec.triggers.map(({ name }) => name);
        expect(new Set(names).size).toBe(1 + Object.keys(given.slo).length + (given.trend === undefined ? 0 : 1));
        expect(names).not.toContain(undefined);
        expect(`keda-hpa-${metadata.name}`).toMatch(/^[a-z0-9-]{1,63}$/);
      }),
      { numRuns },
    );
  });

  it("has windows and periods that Kubernetes accepts, and a scale-down window that outlasts the start", () => {
    fc.assert(
      fc.property(input, (given) => {
        const behavior = compiled(given).scaledObject.spec.advanced?.horizontalPodAutoscalerConfig?.behavior;
        const { scaleUp, scaleDown } = behavior ?? {};
        expect(scaleUp?.stabilizationWindowSeconds).toBe(0);
        const window = scaleDown?.stabilizationWindowSeconds ?? -1;
        expect(Number.isInteger(window)).toBe(true);
        expect(window).toBeGreaterThanOrEqual(Math.min(3600, given.timing.startupSeconds));
        expect(window).toBeLessThanOrEqual(3600);
        const policies = [...(scaleUp?.policies ?? []), ...(scaleDown?.policies ?? [])];
        expect(policies).toHaveLength(3);
        for (const { periodSeconds, value } of policies) {
          expect(Number.isInteger(periodSeconds) && periodSeconds >= 1 && periodSeconds <= 1800).toBe(true);
          expect(Number.isInteger(value) && value >= 1).toBe(true);
        }
      }),
      { numRuns },
    );
  });

  it("never falls back below the minimum, and explains every threshold with its value", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { scaledObject, explanation } = compiled(given);
        expect(scaledObject.spec.fallback?.replicas).toBeGreaterThanOrEqual(given.replicas.min);
        for (const [i, trigger] of scaledObject.spec.triggers.entries()) {
          const path = `spec.triggers[${i}].metadata.threshold`;
          expect(explanation.find((line) => line.path === path)?.value).toBe(trigger.metadata.threshold);
        }
      }),
      { numRuns },
    );
  });
});

describe("a trend", () => {
  const horizon = fc.integer({ min: 1, max: 3600 });
  const line = fc.constantFrom(...Object.values(TrendFunction));

  it("adds one trigger, on a sum over the replicas, with the target of the requests in flight, and changes no other", () => {
    fc.assert(
      fc.property(input, horizon, line, ({ trend: _, ...given }, horizonSeconds, drawn) => {
        const [plain, led] = [compiled(given), compiled({ ...given, trend: { function: drawn, horizonSeconds } })];
        const { triggers, ...spec } = led.scaledObject.spec;
        const [trend] = triggers.splice(-1);
        expect({ ...spec, triggers }).toEqual(plain.scaledObject.spec);
        expect(led.saturationQuery).toBe(plain.saturationQuery);
        expect(trend).toMatchObject({ name: "in-flight-trend", metricType: "AverageValue" });
        expect(trend?.metadata.threshold).toBe(metadataOf(plain, "in-flight").threshold);
        const query = trend?.metadata.query ?? "";
        expect(promqlErrors(query)).toEqual([]);
        expect(query).toContain(`clamp(${drawn === "deriv" ? "1 + " : "predict_linear("}`);
        expect(extentOf(query)).toBe("extensive");
      }),
      { numRuns },
    );
  });

  it("looks back at least twice as far as ahead, and at four points at least", () => {
    fc.assert(
      fc.property(input, horizon, ({ timing }, horizonSeconds) => {
        const { windowSeconds, stepSeconds } = trendOf({ horizonSeconds }, timing);
        expect(windowSeconds).toBeGreaterThanOrEqual(2 * horizonSeconds);
        expect(windowSeconds / timing.scrapeIntervalSeconds).toBeGreaterThanOrEqual(4);
        expect(Number.isInteger(windowSeconds) && Number.isInteger(stepSeconds) && stepSeconds >= 1).toBe(true);
      }),
      { numRuns },
    );
  });
});

describe("monotony", () => {
  it("a stricter objective never loads a replica more", () => {
    fc.assert(
      fc.property(
        input,
        fc.constantFrom(...Object.values(LatencyKind)),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (given, kind, factor) => {
          const bound = given.slo[kind];
          fc.pre(bound !== undefined);
          const looser = {
            ...given,
            slo: { ...given.slo, [kind]: { ...bound, atMostMs: (bound?.atMostMs ?? 0) * factor } },
          };
          fc.pre(compilePolicy(looser).ok);
          expect(thresholdOf(given)).toBeLessThanOrEqual(thresholdOf(looser));
        },
      ),
      { numRuns },
    );
  });

  it("an objective that must be kept more often never loads a replica more", () => {
    const share = fc.double({ min: 0.01, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(input, share, share, (given, one, other) => {
        const at = (quantile: number) => ({ ...given, slo: { ...given.slo, itl: { atMostMs: 120, quantile } } });
        fc.pre(compilePolicy(at(one)).ok && compilePolicy(at(other)).ok);
        expect(thresholdOf(at(Math.max(one, other)))).toBeLessThanOrEqual(thresholdOf(at(Math.min(one, other))));
      }),
      { numRuns },
    );
  });

  it("another objective never loads a replica more", () => {
    fc.assert(
      fc.property(input, objective(LatencyKind.Itl), (given, itl) => {
        const { itl: _, ...others } = given.slo;
        fc.pre(Object.keys(others).length > 0);
        const more = { ...given, slo: { ...others, itl } };
        fc.pre(compilePolicy(more).ok);
        expect(thresholdOf(more)).toBeLessThanOrEqual(thresholdOf({ ...given, slo: others }));
      }),
      { numRuns },
    );
  });

  it("more headroom never loads a replica more", () => {
    fc.assert(
      fc.property(input, (given) => {
        const loaded = (headroom: Headroom) => thresholdOf({ ...given, capacity: { ...given.capacity, headroom } });
        expect(loaded(Headroom.Contractual)).toBeLessThanOrEqual(loaded(Headroom.Loose));
      }),
      { numRuns },
    );
  });

  it("longer requests never load a replica more", () => {
    fc.assert(
      fc.property(input, fc.integer({ min: 0, max: 2000 }), (given, more) => {
        const { promptTokens, outputTokens } = given.capacity.tokens ?? { promptTokens: 1, outputTokens: 1 };
        const longer = {
          ...given,
          slo: { itl: { atMostMs: 75 } },
          capacity: { ...given.capacity, tokens: { promptTokens: promptTokens + more, outputTokens } },
        };
        fc.pre(compilePolicy(longer).ok);
        expect(thresholdOf(longer)).toBeLessThanOrEqual(thresholdOf({ ...given, slo: { itl: { atMostMs: 75 } } }));
      }),
      { numRuns },
    );
  });
});

it("any other input gives problems with a path and a message, and never throws", () => {
  const anyNumber = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, 1e308, 5e-324),
  );
  const text = fc.oneof(fc.string(), fc.constantFrom("", "a", "1.2.3", "http://x", "itl", "in-flight"));
  const anything: fc.Arbitrary<PolicyInput> = fc
    .record({
      name: text,
      namespace: text,
      scaleTargetRef: fc.record({ name: text }),
      metrics: fc.record(
        {
          namespace: text,
          modelName: text,
          podRegex: text,
          metricPrefix: text,
          labels: fc.dictionary(text, text),
          bucketEdgesSeconds: fc.record({ itl: fc.array(anyNumber) }),
        },
        { requiredKeys: ["namespace"] },
      ),
      slo: fc.record(
        {
          itl: fc.record(
            { atMostMs: anyNumber, quantile: anyNumber, goodRatio: anyNumber },
            { requiredKeys: ["atMostMs"] },
          ),
          e2e: fc.record({ atMostMs: anyNumber }),
        },
        { requiredKeys: [] },
      ),
      replicas: fc.record({ min: anyNumber, max: anyNumber }),
      capacity: fc.record(
        {
          profile: fc.tuple(anyNumber, anyNumber, anyNumber).map(([baseStepMs, perTokenMs, capacityTokens]) => ({
            ...llamaOnL4,
            decode: { ...llamaOnL4.decode, baseStepMs },
            prefill: { perTokenMs },
            kvCache: { capacityTokens, blockTokens: 16 },
          })),
          tokens: fc.record({ promptTokens: anyNumber, outputTokens: anyNumber }),
          concurrencyPerReplica: anyNumber,
          maxSequences: anyNumber,
          gpusPerReplica: anyNumber,
          gpuBudget: anyNumber,
        },
        { requiredKeys: [] },
      ),
      timing: fc.record({
        startupSeconds: anyNumber,
        longestGenerationSeconds: anyNumber,
        scrapeIntervalSeconds: anyNumber,
      }),
      prometheus: fc.record(
        {
          url: text,
          tenancyNamespace: text,
          authMode: fc.constantFrom(...Object.values(PrometheusAuthMode)),
          authenticationName: text,
        },
        { requiredKeys: ["url"] },
      ),
      versions: fc.record({ vllm: text, keda: text, kubernetes: text }),
      trend: fc.record(
        { function: fc.constantFrom(...Object.values(TrendFunction)), horizonSeconds: anyNumber },
        { requiredKeys: [] },
      ),
      extraTriggers: fc.array(fc.record({ type: text, name: text, metadata: fc.constant({}) })),
      zero: fc.option(fc.record({ acceptColdStart: fc.boolean() }), { nil: undefined }),
      load: fc.option(
        fc.record(
          {
            requestsPerSecond: anyNumber,
            secondsPerRequest: anyNumber,
            burst: fc.record({ requestsPerSecond: anyNumber, withinSeconds: anyNumber }),
          },
          { requiredKeys: ["requestsPerSecond"] },
        ),
        { nil: undefined },
      ),
    })
    .map(({ zero, load, ...others }) => ({ ...others, ...(zero && { zero }), ...(load && { load }) }));
  fc.assert(
    fc.property(anything, (given) => {
      const result = compilePolicy(given);
      if (result.ok) return;
      expect(result.problems.length).toBeGreaterThan(0);
      for (const { path, message } of result.problems) {
        expect(path).not.toBe("");
        expect(message.length).toBeGreaterThan(20);
      }
    }),
    { numRuns: 1000 },
  );
});
