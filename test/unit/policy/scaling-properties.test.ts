import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LintedObject, lint } from "../../../src/lint";
import { compilePolicy, Headroom, LatencyKind, type PolicyInput } from "../../../src/policy";
import { guardsOf, objectivesOf } from "../../../src/policy/objectives";
import { allowedShare, guardThreshold } from "../../../src/policy/signals";
import { parseVersion } from "../../../src/policy/version";
import { options } from "../lint/options";
import { desiredReplicas, proposalOf } from "./hpa";
import { compiled } from "./policy-inputs";
import { numRuns, objective, policyInput } from "./random-inputs";

const kinds = Object.values(LatencyKind);
const triggerNames: Record<LatencyKind, string> = {
  itl: "itl",
  tpot: "tpot",
  ttft: "ttft",
  e2e: "e2e",
  queueTime: "queue-time",
};

function release(text: string) {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(text);
  return version;
}

/** What happens to a service: requests in flight and how they rise, and latencies that were observed. */
interface Situation {
  requests: number;
  /** What a trend makes of them: 1 to 2 times as many. */
  rise: number;
  /** By kind, in milliseconds. */
  observed: Record<LatencyKind, number[]>;
  replicas: number;
  ready: number;
}

const latencies = fc.array(fc.double({ min: 0, max: 14, noNaN: true }).map(Math.exp), { minLength: 1, maxLength: 40 });
const situationOf = ({ replicas: { min, max } }: PolicyInput): fc.Arbitrary<Situation> =>
  fc
    .record({
      requests: fc.nat(5000),
      rise: fc.double({ min: 1, max: 2, noNaN: true }),
      observed: fc.record({ itl: latencies, tpot: latencies, ttft: latencies, e2e: latencies, queueTime: latencies }),
      replicas: fc.integer({ min, max }),
      readyShare: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ readyShare, ...situation }) => ({
      ...situation,
      ready: Math.max(1, Math.round(readyShare * situation.replicas)),
    }));

/** What the triggers of a policy read then. */
function readings({ slo, metrics, timing, versions, trend }: PolicyInput, { requests, rise, observed }: Situation) {
  const guards = guardsOf(objectivesOf(slo, []), metrics, timing, release(versions.vllm), []).guards;
  const read = guards.map(({ kind, edgeSeconds, quantile }): [string, number] => {
    const missed = observed[kind].filter((ms) => ms > 1000 * edgeSeconds).length / observed[kind].length;
    return [triggerNames[kind], Math.min((100 * missed) / allowedShare(quantile), 2 * guardThreshold)];
  });
  const ahead: [string, number][] = trend === undefined ? [] : [["in-flight-trend", rise * requests]];
  return new Map([["in-flight", requests], ...read, ...ahead]);
}

/**
 * With all replicas ready. While some start, the HPA multiplies those that are ready by a latency, but keeps all where it is within its
 * tolerance: a little slower can then ask for fewer, and the scale-down window, which outlasts a start, keeps what was wanted before.
 */
const wanted = (input: PolicyInput, situation: Situation) =>
  desiredReplicas(compiled(input), readings(input, situation), situation.replicas);

/** Inputs that ask for more than the given one: each is what a stricter SLO, or more caution, can mean. */
const stricterThan = (input: PolicyInput): fc.Arbitrary<PolicyInput> => {
  const given = kinds.filter((kind) => input.slo[kind] !== undefined);
  const tightened = fc
    .record({
      kind: fc.constantFrom(...given),
      factor: fc.double({ min: 0.3, max: 1, noNaN: true }),
      share: fc.double({ min: 0, max: 0.99, noNaN: true }),
    })
    .map(({ kind, factor, share }) => {
      const bound = input.slo[kind] ?? { atMostMs: 1 };
      const quantile = bound.quantile ?? bound.goodRatio ?? (kind === "itl" || kind === "tpot" ? 0.5 : 0.9);
      const tighter = { atMostMs: bound.atMostMs * factor, quantile: quantile + share * (1 - quantile) };
      return { ...input, slo: { ...input.slo, [kind]: tighter } };
    });
  const further = fc
    .constantFrom(...kinds)
    .filter((kind) => input.slo[kind] === undefined)
    .chain((kind) => objective(kind).map((added) => ({ ...input, slo: { ...input.slo, [kind]: added } })));
  const cautious = fc.constant({ ...input, capacity: { ...input.capacity, headroom: Headroom.Contractual } });
  return given.length === kinds.length ? fc.oneof(tightened, cautious) : fc.oneof(tightened, further, cautious);
};

describe("replicas that the HPA wants", () => {
  it("are never fewer with a stricter objective, another objective or more headroom", () => {
    let compared = 0;
    let more = 0;
    fc.assert(
      fc.property(
        policyInput.chain((input) => fc.tuple(fc.constant(input), stricterThan(input), situationOf(input))),
        ([input, stricter, situation]) => {
          fc.pre(compilePolicy(stricter).ok);
          const [usual, cautious] = [wanted(input, situation), wanted(stricter, situation)];
          expect(cautious).toBeGreaterThanOrEqual(usual);
          compared++;
          if (cautious > usual) more++;
        },
      ),
      { numRuns: 2 * numRuns },
    );
    expect(compared).toBe(2 * numRuns);
    // Otherwise the property would say nothing.
    expect(more).toBeGreaterThan(0);
  });

  it("are never fewer with more requests in flight, or with slower answers", () => {
    fc.assert(
      fc.property(
        policyInput.chain((input) => fc.tuple(fc.constant(input), situationOf(input))),
        fc.nat(1000),
        fc.double({ min: 1, max: 10, noNaN: true }),
        ([input, situation], further, slower) => {
          const observed = { ...situation.observed };
          for (const kind of kinds) observed[kind] = observed[kind].map((ms) => slower * ms);
          const worse = { ...situation, requests: situation.requests + further, observed };
          expect(wanted(input, worse)).toBeGreaterThanOrEqual(wanted(input, situation));
        },
      ),
      { numRuns },
    );
  });

  it("are within the bounds, and by latency at most twice those that are ready", () => {
    fc.assert(
      fc.property(
        policyInput.chain((input) => fc.tuple(fc.constant(input), situationOf(input))),
        ([input, situation]) => {
          const { min, max } = input.replicas;
          const policy = compiled(input);
          const read = readings(input, situation);
          const desired = desiredReplicas(policy, read, situation.replicas, situation.ready);
          expect(desired >= min && desired <= max && Number.isInteger(desired)).toBe(true);
          for (const trigger of policy.scaledObject.spec.triggers.filter(({ metricType }) => metricType === "Value")) {
            const reading = read.get(trigger.name ?? "") ?? Number.NaN;
            const proposed = proposalOf(trigger, reading, situation.replicas, situation.ready);
            expect(proposed).toBeLessThanOrEqual(Math.max(situation.replicas, 2 * situation.ready));
          }
        },
      ),
      { numRuns },
    );
  });
});

it("thresholds are exact in the thousandths that KEDA gives the HPA, and bounds fit its fields", () => {
  fc.assert(
    fc.property(policyInput, (input) => {
      const { triggers, minReplicaCount, maxReplicaCount = 0 } = compiled(input).scaledObject.spec;
      for (const { metadata } of triggers) {
        const threshold = Number(metadata.threshold);
        expect(Number.isSafeInteger(1000 * threshold)).toBe(true);
        expect(`${threshold}`).toBe(metadata.threshold);
      }
      expect(minReplicaCount).toBeLessThanOrEqual(maxReplicaCount);
      expect(maxReplicaCount).toBeLessThanOrEqual(2 ** 31 - 1);
    }),
    { numRuns },
  );
});

it("what some releases do not read is written for none, and what they lack is said", () => {
  fc.assert(
    fc.property(policyInput, (input) => {
      const { scaledObject, warnings } = compiled(input);
      const { fallback, advanced } = scaledObject.spec;
      // `scalingModifiers` and a fallback by its formula (KEDA 2.20), `tolerance` (KEDA 2.18 and Kubernetes 1.35).
      expect(Object.keys(advanced ?? {})).toEqual(["horizontalPodAutoscalerConfig"]);
      const { scaleUp, scaleDown } = advanced?.horizontalPodAutoscalerConfig?.behavior ?? {};
      expect([...Object.keys(scaleUp ?? {}), ...Object.keys(scaleDown ?? {})]).not.toContain("tolerance");
      expect(fallback?.behavior).toBe("currentReplicasIfHigher");
      const withoutValueFallback = input.versions.keda === "2.17.0";
      expect(warnings.some((text) => text.startsWith("KEDA before 2.18"))).toBe(withoutValueFallback);
    }),
    { numRuns },
  );
});

it("the linter finds nothing in what is compiled, for the same releases", () => {
  fc.assert(
    fc.property(policyInput, (input) => {
      const { vllm, keda, kubernetes } = input.versions;
      const { scaledObject } = compiled(input);
      const objects = [new LintedObject({ name: "compiled" }, scaledObject)];
      const found = lint([{ name: "compiled", objects }], {
        ...options({ vllm: release(vllm), keda: release(keda), kubernetes: release(kubernetes) }),
        scrapeIntervalSeconds: input.timing.scrapeIntervalSeconds,
        startupSeconds: input.timing.startupSeconds,
      });
      // Kubernetes allows no longer window, and the compiler warns of it too.
      const { startupSeconds } = input.timing;
      const expected =
        startupSeconds > 3600
          ? [expect.stringContaining(`scale-down-window-below-start-up: A replica takes ${startupSeconds} s to start`)]
          : [];
      expect(found.map(({ rule, message }) => `${rule}: ${message}`)).toEqual(expected);
    }),
    { numRuns },
  );
});
