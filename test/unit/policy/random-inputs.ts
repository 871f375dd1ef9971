import fc from "fast-check";
import {
  type CapacityProfile,
  capacityProfile,
  capacityProfileIds,
  compilePolicy,
  Headroom,
  LatencyKind,
  type LatencyObjective,
  type PolicyInput,
  PrometheusAuthMode,
  type ScaleTrigger,
  type Slo,
  TrendFunction,
  type TrendInput,
  type ZeroInput,
} from "../../../src/policy";
import { llamaOnL4, standardInput } from "./policy-inputs";

const dnsLabel = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const tokens = fc.record({
  promptTokens: fc.integer({ min: 1, max: 8192 }),
  outputTokens: fc.integer({ min: 1, max: 4096 }),
});
const share = fc.double({ min: 0.01, max: 0.999, noNaN: true });
/** How often a bound must be kept, said in either way or not at all. */
const shareSaid: fc.Arbitrary<Omit<LatencyObjective, "atMostMs">> = fc.oneof(
  fc.constant({}),
  share.map((quantile) => ({ quantile })),
  share.map((goodRatio) => ({ goodRatio })),
);
/** Bounds an L4 keeps with one request of any length above, so that every input compiles. */
const lowestBounds: Record<LatencyKind, number> = { itl: 75, tpot: 75, ttft: 2500, e2e: 300_000, queueTime: 1 };
export const objective = (kind: LatencyKind): fc.Arbitrary<LatencyObjective> =>
  fc
    .tuple(
      fc.double({
        min: lowestBounds[kind],
        max: kind === "itl" || kind === "tpot" ? 80_000 : 900_000,
        noNaN: true,
      }),
      shareSaid,
    )
    .map(([atMostMs, said]) => ({ atMostMs, ...said }));
const slo: fc.Arbitrary<Slo> = fc
  .record(
    {
      itl: objective(LatencyKind.Itl),
      tpot: objective(LatencyKind.Tpot),
      ttft: objective(LatencyKind.Ttft),
      e2e: objective(LatencyKind.E2e),
      queueTime: objective(LatencyKind.QueueTime),
    },
    { requiredKeys: [] },
  )
  .filter((given) => Object.keys(given).length > 0);
const replicas = fc
  .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 50 }))
  .map(([min, more]) => ({ min, max: min + more }));
const timing = fc.record({
  startupSeconds: fc.double({ min: 0, max: 5000, noNaN: true }),
  longestGenerationSeconds: fc.double({ min: 0.1, max: 5000, noNaN: true }),
  scrapeIntervalSeconds: fc.double({ min: 0.5, max: 120, noNaN: true }),
});
const trend: fc.Arbitrary<TrendInput> = fc.record(
  {
    function: fc.constantFrom(...Object.values(TrendFunction)),
    horizonSeconds: fc.integer({ min: 1, max: 3600 }),
  },
  { requiredKeys: ["horizonSeconds"] },
);
const anyText = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 });
/** Runs of a property. */
export const numRuns = 300;

/** Shipped ones, and others about as fast, from a small GPU's to a large one's. */
const profile: fc.Arbitrary<CapacityProfile> = fc.oneof(
  fc.constant(llamaOnL4),
  fc.constantFrom(...capacityProfileIds.flatMap((id) => capacityProfile(id) ?? [])),
  fc
    .record({
      baseStepMs: fc.double({ min: 1, max: 70, noNaN: true }),
      perSequenceMs: fc.double({ min: 0, max: 1, noNaN: true }),
      perContextTokenMs: fc.double({ min: 0, max: 0.001, noNaN: true }),
      perTokenMs: fc.double({ min: 0, max: 0.3, noNaN: true }),
      capacityTokens: fc.integer({ min: 5000, max: 2_000_000 }),
    })
    .map(({ perTokenMs, capacityTokens, ...decode }) => ({
      ...llamaOnL4,
      decode,
      prefill: { perTokenMs },
      kvCache: { capacityTokens, blockTokens: 16 },
    })),
);
/** Inputs of a profile and token lengths, all of which compile. */
export const policyInput: fc.Arbitrary<PolicyInput> = fc
  .record({
    name: dnsLabel,
    namespace: dnsLabel,
    slo,
    replicas,
    timing,
    profile,
    tokens,
    modelName: anyText,
    podRegex: anyText,
    label: anyText,
    headroom: fc.constantFrom(...Object.values(Headroom)),
    vllm: fc.constantFrom("0.12.0", "0.30.0", "1.2.3"),
    keda: fc.constantFrom("2.17.0", "2.18.3", "2.20.2", "2.21.0"),
    kubernetes: fc.constantFrom("1.30.0", "1.33.0", "1.36.3"),
    trend: fc.option(trend, { nil: undefined }),
  })
  .map(
    ({
      name,
      namespace,
      slo,
      replicas,
      timing,
      profile,
      tokens,
      modelName,
      podRegex,
      label,
      headroom,
      vllm,
      keda,
      kubernetes,
      trend,
    }) => ({
      ...standardInput,
      name,
      namespace,
      metrics: { namespace, modelName, podRegex, labels: { custom: label } },
      slo,
      replicas,
      timing,
      capacity: { profile, tokens, headroom },
      versions: { vllm, keda, kubernetes },
      ...(trend && { trend }),
    }),
  )
  // A request may be longer than what the KV cache holds, or slower than its bound: those inputs have their own test.
  .filter((candidate) => compilePolicy(candidate).ok);

const capacity: fc.Arbitrary<PolicyInput["capacity"]> = fc.oneof(
  fc.record(
    { profile, tokens, maxSequences: fc.integer({ min: 1, max: 512 }) },
    { requiredKeys: ["profile", "tokens"] },
  ),
  fc.record({
    concurrencyPerReplica: fc.integer({ min: 1, max: 500 }),
    headroom: fc.constantFrom(...Object.values(Headroom)),
    gpusPerReplica: fc.integer({ min: 0, max: 8 }),
  }),
);
const endpoints: ((namespace: string) => PolicyInput["prometheus"])[] = [
  () => standardInput.prometheus,
  () => ({ url: "http://prometheus-operated.monitoring.svc.cluster.local:9090/prefix" }),
  (namespace) => ({
    url: "https://thanos-querier.openshift-monitoring.svc:9092",
    tenancyNamespace: namespace,
    authMode: PrometheusAuthMode.Bearer,
    authenticationName: "prometheus-access",
  }),
];
const extraTriggers: fc.Arbitrary<ScaleTrigger[]> = fc.subarray<ScaleTrigger>([
  {
    type: "cron",
    name: "morning",
    metadata: { timezone: "Europe/Berlin", start: "0 7 * * *", end: "0 9 * * *", desiredReplicas: "3" },
  },
  {
    type: "prometheus",
    metricType: "AverageValue",
    metadata: { serverAddress: "http://prometheus:9090", query: "sum(rate(x[1m]))", threshold: "5" },
  },
  { type: "cpu", metricType: "Utilization", metadata: { value: "80" } },
]);
const wake: ScaleTrigger = {
  type: "external-push",
  name: "http",
  metadata: { scalerAddress: "keda-add-ons-http-external-scaler.keda:9090", interceptorRoute: "llama" },
};

/** Inputs with everything that a policy may have, all of which compile. */
export const richPolicyInput: fc.Arbitrary<PolicyInput> = fc
  .tuple(
    policyInput,
    fc.record(
      {
        capacity,
        extraTriggers,
        zero: fc.constantFrom<ZeroInput>(
          {},
          { wake, acceptColdStart: true },
          { wake, cooldownSeconds: 300, acceptColdStart: true },
        ),
        labels: fc.dictionary(dnsLabel, dnsLabel, { maxKeys: 3 }),
      },
      { requiredKeys: [] },
    ),
    fc.constantFrom(...endpoints),
    fc.record(
      {
        metricPrefix: fc.constant("kserve_vllm:"),
        bucketEdgesSeconds: fc.constant({ [LatencyKind.Itl]: [0.05, 0.08, 0.2, 100] }),
      },
      { requiredKeys: [] },
    ),
    fc.record({
      vllm: fc.constantFrom("0.6.6", "0.9.0", "0.10.2", "0.11.0", "0.30.0", "0.33.0"),
      keda: fc.constantFrom("2.17.0", "2.18.3", "2.20.2"),
      kubernetes: fc.constantFrom("1.30.0", "1.33.0", "1.36.3"),
    }),
  )
  .map(([given, pieces, endpoint, selected, versions]) => ({
    ...given,
    ...pieces,
    replicas: pieces.zero === undefined ? given.replicas : { ...given.replicas, min: 0 },
    metrics: { ...given.metrics, ...selected },
    prometheus: endpoint(given.namespace),
    versions,
  }))
  .filter((candidate) => compilePolicy(candidate).ok);
