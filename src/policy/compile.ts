import { type ReplicaCapacity, replicaCapacity } from "./capacity";
import { coldStartProblems } from "./cold-start";
import {
  checkMetrics,
  checkNames,
  checkPrometheus,
  checkReplicas,
  checkTiming,
  checkTriggerNames,
  checkVersions,
} from "./input-checks";
import { problemsBesideTypes, typeProblems } from "./input-types";
import { checkLoad, drainWarnings, inFlightFigure, loadProblems, peakDemand } from "./load";
import { guardsOf, objectivesOf } from "./objectives";
import {
  type CompiledPolicy,
  type CompileResult,
  type Explanation,
  type PolicyInput,
  type Problem,
  PrometheusAuthMode,
  type ZeroInput,
} from "./policy-input";
import { otherRelease } from "./profile-release";
import { saturationQuery } from "./saturation";
import { type Fallback, FallbackBehavior, type ScaleTrigger } from "./scaled-object";
import {
  allowedShare,
  guardThreshold,
  inFlight,
  type LatencyGuard,
  metricTypeOf,
  missesOfAllowed,
  type Signal,
  zeroWithoutReplicas,
} from "./signals";
import { LatencyKind } from "./slo";
import { figure, percent, significant } from "./text";
import { deriveBehavior, deriveCooldownSeconds, rateWindowSeconds } from "./timing";
import { inFlightTrend, trendExplanation, trendOf, trendProblems } from "./trend";
import { isAtLeast, type Version } from "./version";

/** First KEDA that applies the fallback to triggers of type `Value`. */
const kedaWithValueFallback: Version = [2, 18, 0];

const triggerNames: Record<Signal["id"], string> = {
  inFlight: "in-flight",
  inFlightTrend: "in-flight-trend",
  [LatencyKind.Itl]: "itl",
  [LatencyKind.Tpot]: "tpot",
  [LatencyKind.Ttft]: "ttft",
  [LatencyKind.E2e]: "e2e",
  [LatencyKind.QueueTime]: "queue-time",
};

/**
 * Compiles an SLO into a KEDA ScaledObject, with the reason for every figure in it.
 *
 * Two kinds of triggers; the HPA follows the one that asks for more:
 * - `in-flight` leads: requests in vLLM against what one replica carries within the SLO, by the capacity profile.
 * - one guard for each objective: the share of observations that miss it, in case the profile is wrong.
 * - `in-flight-trend`, if asked for: requests in vLLM as they will be when a replica that is asked for now serves.
 *
 * Pure: the same input gives the same output. It never throws; when the input cannot work it returns all problems at once, those of its types first.
 *
 * Not emitted on purpose: `pollingInterval` and, with at least one replica, `cooldownPeriod` (without effect there),
 * `restoreToOriginalReplicaCount` (KEDA's default leaves the replicas alone), and an HPA `tolerance` of 0: the thresholds
 * already leave room for the default of 10 %, the same on every version, and it keeps small changes from moving replicas.
 */
export function compilePolicy(input: PolicyInput): CompileResult {
  const ofTypes = typeProblems(input);
  if (ofTypes.length > 0) return { ok: false, problems: [...ofTypes, ...problemsBesideTypes(input, problemsOf)] };
  return compileTyped(input);
}

function problemsOf(input: PolicyInput): Problem[] {
  const result = compileTyped(input);
  return result.ok ? [] : result.problems;
}

function compileTyped(input: PolicyInput): CompileResult {
  const problems: Problem[] = [];
  checkNames(input, problems);
  checkMetrics(input.metrics, problems);
  const objectives = objectivesOf(input.slo, problems);
  checkReplicas(input, problems);
  const capacity = replicaCapacity(input.capacity, objectives, problems);
  checkTiming(input.timing, problems);
  checkPrometheus(input.prometheus, input.metrics.namespace, problems);
  const versions = checkVersions(input.versions, problems);
  const guards = versions && guardsOf(objectives, input.metrics, input.timing, versions.vllm, problems);
  const measured = input.capacity.concurrencyPerReplica !== undefined;
  const loadIsValid = input.load === undefined || checkLoad(input.load, measured, problems);
  if (capacity !== undefined && loadIsValid) problems.push(...loadProblems(input, capacity));
  if (input.zero !== undefined && input.zero.acceptColdStart !== true) {
    problems.push(...coldStartProblems("zero.acceptColdStart", input.slo, input.timing.startupSeconds));
  }
  if (input.trend !== undefined) problems.push(...trendProblems(input.trend, input.timing));
  const wake = input.zero?.wake?.name;
  const trend = input.trend === undefined ? [] : [triggerNames.inFlightTrend];
  const guarding = objectives.map(({ kind }) => triggerNames[kind]);
  const ours = [triggerNames.inFlight, ...guarding, ...trend, ...(wake ? [wake] : [])];
  checkTriggerNames(ours, input.extraTriggers ?? [], problems);
  if (problems.length > 0 || capacity === undefined || versions === undefined || guards === undefined) {
    return { ok: false, problems };
  }
  const differs = otherRelease(input.capacity, versions.vllm);
  const carried = differs === undefined ? capacity : { ...capacity, because: `${capacity.because} ${differs}.` };
  const policy = assemble(input, carried, guards.guards, versions.keda);
  const ofRelease =
    differs === undefined
      ? []
      : [
          `${differs}: it may be faster or slower. Measure what a replica carries, and give capacity.concurrencyPerReplica.`,
        ];
  const warnings = [
    ...guards.warnings,
    ...capacity.warnings,
    ...ofRelease,
    ...drainWarnings(input, capacity),
    ...policy.warnings,
  ];
  return { ok: true, policy: { ...policy, warnings } };
}

function assemble(
  input: PolicyInput,
  capacity: ReplicaCapacity,
  guards: readonly LatencyGuard[],
  keda: Version,
): CompiledPolicy {
  const { min, max } = input.replicas;
  const measured = [inFlightTrigger(input, capacity), ...guards.map((guard) => guardTrigger(input, guard))];
  const triggers = [...measured, ...trendTriggers(input, capacity)];
  const longestWindow = Math.max(...guards.map((guard) => guard.windowSeconds));
  const behavior = deriveBehavior(input.timing, longestWindow);
  const fallback: Fallback = {
    failureThreshold: 3,
    // Never 0: with it, KEDA would take the last replica away while the metrics are missing.
    replicas: Math.max(min, 1),
    behavior: FallbackBehavior.CurrentReplicasIfHigher,
  };
  return {
    scaledObject: {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: {
        name: input.name,
        namespace: input.namespace,
        ...(input.labels === undefined ? {} : { labels: { ...input.labels } }),
      },
      spec: {
        scaleTargetRef: { ...input.scaleTargetRef },
        ...(input.zero === undefined ? {} : { cooldownPeriod: cooldownSeconds(input) }),
        minReplicaCount: min,
        maxReplicaCount: max,
        fallback,
        advanced: { horizontalPodAutoscalerConfig: { behavior: behavior.behavior } },
        triggers: [
          ...triggers.map(({ trigger }) => trigger),
          ...(input.zero?.wake === undefined ? [] : [structuredClone(input.zero.wake)]),
          ...structuredClone(input.extraTriggers ?? []),
        ],
      },
    },
    explanation: [
      ...boundsExplanation(input, capacity),
      ...zeroExplanation(input),
      ...fallbackExplanation(fallback, keda),
      ...behavior.explanation,
      ...triggers.flatMap(({ explain }, i) => explain(`spec.triggers[${i}]`)),
      ...givenTriggersExplanation(input, triggers.length),
    ],
    concurrencyAtSlo: capacity.concurrencyAtSlo,
    targetConcurrency: capacity.targetConcurrency,
    secondsPerRequest: capacity.secondsPerRequest,
    saturationQuery: saturationQuery(
      input.metrics,
      max,
      // What may come is no need yet.
      measured.map(({ trigger }) => trigger),
    ),
    warnings: [
      ...behavior.warnings,
      ...(min === max ? [`replicas.min and replicas.max are both ${min}: nothing will be scaled.`] : []),
      ...(isAtLeast(keda, kedaWithValueFallback)
        ? []
        : [
            "KEDA before 2.18 has no fallback for the latency guards: while their query fails, the HPA only refuses to scale down.",
          ]),
    ],
  };
}

interface ExplainedTrigger {
  trigger: ScaleTrigger;
  /** Explanations below the trigger's path. */
  explain: (path: string) => Explanation[];
}

function inFlightTrigger(input: PolicyInput, capacity: ReplicaCapacity): ExplainedTrigger {
  const target = capacity.targetConcurrency;
  return prometheusTrigger(input, readable(input, inFlight(input.metrics)), target, capacity.because, [
    `All requests in vLLM, running or waiting. The HPA asks for ceil(requests / ${target}) replicas, unless what runs is within 10 % of it.`,
    "The value is a sum over replicas, so the HPA divides it by them.",
  ]);
}

function guardTrigger(input: PolicyInput, guard: LatencyGuard): ExplainedTrigger {
  const { windowSeconds } = guard;
  const because =
    `100 is "the objective is exactly missed": ${exactlyMissed(guard)}. The HPA tolerates 10 %, so it acts above ` +
    `${figure(1.1 * guardThreshold)} with floor(100 / 1.1) = ${guardThreshold}, before the objective is missed.`;
  const floor = rateWindowSeconds(input.timing, "tokens");
  const window =
    windowSeconds === floor
      ? `at least 4 scrapes of ${input.timing.scrapeIntervalSeconds} s and 30 s`
      : `the longest generation of ${input.timing.longestGenerationSeconds} s (at most 300 s), because it is observed once a request`;
  const signal = readable(input, missesOfAllowed(input.metrics, guard));
  return prometheusTrigger(input, signal, guardThreshold, because, [
    `Rate window ${windowSeconds} s: ${window}. Capped at twice the threshold, so the guard at most doubles the ready replicas.`,
    "The value is a share, the same at any number of replicas, so the HPA multiplies the ready replicas by it.",
  ]);
}

/** What the objective just allows, in its own words. */
function exactlyMissed({ kind, quantile, statedAs, counts, edgeSeconds, windowSeconds }: LatencyGuard): string {
  const [allowed, bound] = [percent(allowedShare(quantile)), `${figure(edgeSeconds * 1000, 3)} ms`];
  return statedAs === "quantile"
    ? `${allowed} of the ${kind} observations of the last ${windowSeconds} s above ${bound}`
    : `${figure(quantile * 100, 4)} % of the ${counts} of the last ${windowSeconds} s within ${bound}, ${allowed} above it`;
}

function trendTriggers(input: PolicyInput, { targetConcurrency }: ReplicaCapacity): ExplainedTrigger[] {
  const { trend, timing, metrics } = input;
  if (trend === undefined) return [];
  const derived = trendOf(trend, timing);
  const because = `The target of the requests in flight, ${targetConcurrency}: what a replica carries then is what it carries now.`;
  return [
    prometheusTrigger(input, readable(input, inFlightTrend(metrics, derived)), targetConcurrency, because, [
      trendExplanation(derived, trend.horizonSeconds !== undefined, timing, targetConcurrency),
      "The value is a sum over replicas, so the HPA divides it by them.",
    ]),
  ];
}

/** What is passed on unchanged. Never what is in it: that may be a secret. */
function givenTriggersExplanation({ zero, extraTriggers = [] }: PolicyInput, first: number): Explanation[] {
  const wake = zero?.wake === undefined ? [] : [zero.wake];
  return [...wake, ...extraTriggers].map(({ type, name }, i) => ({
    path: `spec.triggers[${first + i}]`,
    value: name ?? type,
    because:
      i < wake.length
        ? `Of type ${type}: it counts requests also where there is no replica, and so starts the first one.`
        : `As given, of type ${type}: passed on unchanged. The HPA follows the trigger that asks for most, so it only adds.`,
  }));
}

/** With a trigger that sees the requests at no replica, no series is no error. */
function readable({ zero, metrics }: PolicyInput, signal: Signal): Signal {
  return zero?.wake === undefined ? signal : zeroWithoutReplicas(metrics, signal);
}

function cooldownSeconds({ zero, timing }: PolicyInput): number {
  return zero?.cooldownSeconds ?? deriveCooldownSeconds(timing);
}

function prometheusTrigger(
  { prometheus, zero }: PolicyInput,
  signal: Signal,
  threshold: number,
  because: string,
  [query, metricType]: readonly [query: string, metricType: string],
): ExplainedTrigger {
  const { url, tenancyNamespace, authMode = PrometheusAuthMode.None, authenticationName } = prometheus;
  const trigger: ScaleTrigger = {
    type: "prometheus",
    name: triggerNames[signal.id],
    metricType: metricTypeOf[signal.extent],
    metadata: {
      serverAddress: url.replace(/\/+$/, ""),
      query: signal.query,
      threshold: `${threshold}`,
      ignoreNullValues: "false",
      ...(tenancyNamespace === undefined ? {} : { namespace: tenancyNamespace }),
      ...(authMode === PrometheusAuthMode.None ? {} : { authModes: authMode }),
    },
    ...(authenticationName === undefined ? {} : { authenticationRef: { name: authenticationName } }),
  };
  return {
    trigger,
    explain: (path) => [
      { path: `${path}.metadata.threshold`, value: `${threshold}`, because },
      { path: `${path}.metadata.query`, value: signal.query, because: query },
      { path: `${path}.metricType`, value: metricTypeOf[signal.extent], because: metricType },
      {
        path: `${path}.metadata.ignoreNullValues`,
        value: "false",
        because: `An idle service gives 0${noResult(zero)}`,
      },
    ],
  };
}

/** What it means where the query has no result. */
function noResult(zero: ZeroInput | undefined): string {
  if (zero === undefined) {
    return ", so no result at all means that monitoring is broken: an error, not zero load.";
  }
  return zero.wake === undefined
    ? ". At no replica there is nothing to scrape, so no result is normal then; with replicas it means that monitoring is broken: an error, not zero load."
    : `. So does one without a replica, as "or (vector(0) ...)" says, and a Prometheus that scrapes nothing reads the same: then "${zero.wake.name ?? zero.wake.type}" alone sees the requests. A query that fails or has no result with replicas is an error.`;
}

function zeroExplanation(input: PolicyInput): Explanation[] {
  const { zero, timing } = input;
  if (zero === undefined) return [];
  const seconds = cooldownSeconds(input);
  const given = zero.cooldownSeconds !== undefined;
  return [
    {
      path: "spec.cooldownPeriod",
      value: `${seconds}`,
      because: given
        ? "As given: seconds without a request after which the last replica goes."
        : `Three starts of ${timing.startupSeconds} s, at least 60 s: whoever comes back within them does not wait for another start.`,
    },
  ];
}

function boundsExplanation({ replicas, capacity, load, zero }: PolicyInput, carried: ReplicaCapacity): Explanation[] {
  const gpus = capacity.gpusPerReplica ?? capacity.profile?.gpusPerReplica ?? 1;
  const budget = capacity.gpuBudget === undefined ? "" : `, of a budget of ${capacity.gpuBudget}`;
  const asGiven =
    gpus === 0 ? "As given." : `As given: ${replicas.max} x ${gpus} = ${replicas.max * gpus} GPUs${budget}.`;
  const peak = load && peakDemand(load, carried);
  return [
    {
      path: "spec.minReplicaCount",
      value: `${replicas.min}`,
      because: minimumReason(zero),
    },
    {
      path: "spec.maxReplicaCount",
      value: `${replicas.max}`,
      because:
        load === undefined || peak === undefined
          ? asGiven
          : `${asGiven} ${significant(load.requestsPerSecond)} requests a second are ${inFlightFigure(peak.inFlight, carried.targetConcurrency)} in flight, which need ${peak.replicas}.`,
    },
  ];
}

function minimumReason(zero: ZeroInput | undefined): string {
  if (zero === undefined) {
    return "As given. KEDA's default is 0, and a model with no replica has no metrics that could ask for one.";
  }
  return zero.wake === undefined
    ? "As given. Something outside of this ScaledObject starts the first replica: the metrics cannot."
    : `As given. The trigger "${zero.wake.name ?? zero.wake.type}" sees requests while there is no replica.`;
}

function fallbackExplanation({ failureThreshold, replicas }: Fallback, keda: Version): Explanation[] {
  const guards = isAtLeast(keda, kedaWithValueFallback)
    ? ""
    : " This KEDA applies it to triggers of type AverageValue only.";
  return [
    {
      path: "spec.fallback",
      value: `at least ${replicas}, or as many as run if that is more`,
      because:
        `After more than ${failureThreshold} failed queries the replicas stay as they are, never below ${replicas}. No ` +
        "more than that: missing metrics do not say that the load is high, and before the first replica is ready and " +
        `scraped they are always missing.${guards}`,
    },
  ];
}
