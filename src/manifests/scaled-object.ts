import { capacityProfile, capacityProfileIds, compilePolicy } from "../policy";
import {
  type CapacityInput,
  type CompileResult,
  type LoadInput,
  type PolicyInput,
  type Problem,
  PrometheusAuthMode,
  type PrometheusEndpoint,
  type Timing,
  type TrendInput,
  type ZeroInput,
} from "../policy/policy-input";
import { LatencyKind } from "../policy/slo";
import { isThanosQuerier } from "../policy/thanos-querier";
import { versions } from "../versions";
import { extraTriggerProblems, scaleTrigger } from "./extra-triggers";
import { scalerAddress } from "./http-activation";
import { httpAddOnProblems, httpAddOnServing } from "./http-add-on";
import { Role, standardLabels } from "./labels";
import { fitName, nameLimits, nameProblems, namespaceProblems, objectNameProblems } from "./naming";
import { Distribution, PieceMode } from "./platform/piece";
import { type PlatformReference, PrometheusAuthentication } from "./platform-reference";
import { mergeProblems } from "./problems";
import { saturationAlertProblems } from "./saturation-alert";
import { HttpRouteKind } from "./scaling-options";
import { odhTriggerAuthentication } from "./scaling-problems";
import type {
  AutoscalerBasics,
  BucketEdges,
  Capacity,
  Load,
  SloAutoscalerOptions,
  Trend,
  ZeroReplicas,
} from "./slo-autoscaler-options";
import { startupSeconds } from "./start-up";
import { prometheusAccessNames } from "./trigger-authentication";
import { serverDefaults } from "./vllm-server-options";

/** Name of the ScaledObject of the autoscaler called `name`. */
export function scaledObjectName(name: string): string {
  return fitName(name, nameLimits.scaledObject);
}

/** Metadata of the ScaledObject. KEDA copies the labels to its HorizontalPodAutoscaler. */
export function scaledObjectMetadata<S>(name: string, namespace: S) {
  return { name: scaledObjectName(name), namespace, labels: standardLabels(name, Role.Autoscaler) };
}

/** Compiles the ScaledObject for one platform. Problems name the fields of `options`, or those of the platform as `platform.*`. */
export function compileScaledObject(
  name: string,
  options: SloAutoscalerOptions,
  platform: PlatformReference,
): CompileResult {
  const ours = [
    ...nameProblems("name", name),
    ...namespaceProblems("namespace", options.namespace),
    ...unmonitoredNamespaceProblems(options.namespace, platform),
    ...authenticationProblems(options, platform),
    ...capacityProblems(options.capacity),
    ...zeroProblems(options, platform),
    ...extraTriggerProblems(options.extraTriggers, options.vllmVersion),
    ...saturationAlertProblems(options.saturationAlert),
  ];
  const result = compilePolicy(policyInput(name, options, platform));
  const problems = mergeProblems(ours, result.ok ? [] : result.problems.map(inOurWords));
  return result.ok && problems.length === 0 ? result : { ok: false, problems };
}

/** What the arguments presume of a platform, each with nothing presumed as its default. */
interface Assumptions {
  authentication?: PrometheusAuthentication | undefined;
  distribution?: Distribution | undefined;
  /** What its HTTP add-on serves. */
  route?: HttpRouteKind | undefined;
}

/**
 * A platform to check arguments against before the real one is known: today's versions, nothing that could be wrong by itself.
 */
export function assumedPlatform({
  authentication = PrometheusAuthentication.None,
  distribution = Distribution.Kubernetes,
  route = HttpRouteKind.InterceptorRoute,
}: Assumptions): PlatformReference {
  return {
    distribution,
    prometheusUrl: "http://prometheus.invalid:9090",
    prometheusTenancy: false,
    prometheusAuthentication: authentication,
    kedaVersion: versions.keda,
    kedaNamespace: "keda",
    kedaServiceAccount: "keda-operator",
    kedaHttpAddonNamespace: "keda",
    kedaHttpAddonVersion: httpAddOnServing(route),
    kserveVersion: versions.kserve,
    kserveNamespace: "kserve",
    kubernetesVersion: versions.kubernetes,
    gpuProducts: [],
    modes: { kedaHttpAddon: PieceMode.Existing, knative: PieceMode.Existing },
  };
}

function policyInput(name: string, options: SloAutoscalerOptions, platform: PlatformReference): PolicyInput {
  const { namespace } = options;
  const { metrics } = options;
  return {
    ...scaledObjectMetadata(name, namespace),
    scaleTargetRef: {
      name: options.scaleTargetRef.name,
      apiVersion: options.scaleTargetRef.apiVersion ?? "apps/v1",
      kind: options.scaleTargetRef.kind ?? "Deployment",
    },
    metrics: {
      namespace,
      ...(metrics.modelName === undefined ? {} : { modelName: metrics.modelName }),
      ...(metrics.labels === undefined ? {} : { labels: metrics.labels }),
      ...(metrics.podRegex === undefined ? {} : { podRegex: metrics.podRegex }),
      ...(metrics.metricPrefix === undefined ? {} : { metricPrefix: metrics.metricPrefix }),
      ...(metrics.bucketEdgesSeconds === undefined
        ? {}
        : { bucketEdgesSeconds: bucketEdges(metrics.bucketEdgesSeconds) }),
    },
    slo: options.slo,
    ...(options.zero === undefined ? {} : { zero: zeroInput(options.zero, platform) }),
    replicas: { min: options.replicas.min ?? 1, max: options.replicas.max },
    capacity: capacityInput(options.capacity, options.maxNumSeqs),
    ...(options.load === undefined ? {} : { load: loadInput(options.load) }),
    timing: timingOf(options),
    ...(options.trend === undefined ? {} : { trend: trendInput(options.trend) }),
    prometheus: prometheusEndpoint(name, options, platform),
    versions: {
      vllm: options.vllmVersion ?? versions.vllm,
      keda: platform.kedaVersion,
      kubernetes: platform.kubernetesVersion,
    },
    extraTriggers: (options.extraTriggers ?? []).map(scaleTrigger),
  };
}

/** What the windows are derived from. */
export function timingOf(options: AutoscalerBasics): Timing {
  return {
    startupSeconds: startupSeconds(options.startup),
    longestGenerationSeconds: options.longestGenerationSeconds ?? serverDefaults.longestGenerationSeconds,
    scrapeIntervalSeconds: options.scrapeIntervalSeconds ?? serverDefaults.scrapeIntervalSeconds,
  };
}

/** Name of the add-on's trigger. */
const wakeTriggerName = "http";

function zeroInput(zero: ZeroReplicas, platform: PlatformReference): ZeroInput {
  const { interceptorRoute, httpScaledObject, cooldownSeconds, acceptColdStart } = zero;
  const route = interceptorRoute === undefined ? httpScaledObject && { httpScaledObject } : { interceptorRoute };
  return {
    ...(route === undefined || route === ""
      ? {}
      : {
          wake: {
            type: "external-push",
            name: wakeTriggerName,
            metadata: { scalerAddress: scalerAddress(platform.kedaHttpAddonNamespace), ...route },
          },
        }),
    ...(cooldownSeconds === undefined ? {} : { cooldownSeconds }),
    ...(acceptColdStart === undefined ? {} : { acceptColdStart }),
  };
}

function loadInput({ requestsPerSecond, secondsPerRequest, burst }: Load): LoadInput {
  return {
    requestsPerSecond,
    ...(secondsPerRequest === undefined ? {} : { secondsPerRequest }),
    ...(burst === undefined ? {} : { burst }),
  };
}

function zeroProblems({ zero }: SloAutoscalerOptions, platform: PlatformReference): Problem[] {
  if (zero === undefined) {
    return [];
  }
  const ways = [zero.interceptorRoute, zero.httpScaledObject, zero.wokenElsewhere === true ? "elsewhere" : undefined];
  if (ways.filter((way) => way !== undefined).length !== 1) {
    return [
      {
        path: "zero",
        message:
          "must say what starts the first replica, by exactly one of interceptorRoute, httpScaledObject and wokenElsewhere: the metrics cannot, because only running pods have any.",
      },
    ];
  }
  const kind = zero.interceptorRoute === undefined ? HttpRouteKind.HttpScaledObject : HttpRouteKind.InterceptorRoute;
  return zero.wokenElsewhere === true ? [] : httpAddOnProblems("zero", kind, platform);
}

function trendInput({ horizonSeconds, ...trend }: Trend): TrendInput {
  return {
    ...(trend.function === undefined ? {} : { function: trend.function }),
    ...(horizonSeconds === undefined ? {} : { horizonSeconds }),
  };
}

function bucketEdges(given: BucketEdges): Partial<Record<LatencyKind, readonly number[]>> {
  const edges: Partial<Record<LatencyKind, readonly number[]>> = {};
  for (const kind of Object.values(LatencyKind)) {
    const ofKind = given[kind];
    if (ofKind !== undefined) {
      edges[kind] = ofKind;
    }
  }
  return edges;
}

function capacityInput(capacity: Capacity, maxSequences: number | undefined): CapacityInput {
  const profile = capacity.profile === undefined ? undefined : capacityProfile(capacity.profile);
  const { promptTokens, outputTokens, concurrencyPerReplica, headroom, gpusPerReplica, gpuBudget } = capacity;
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(promptTokens === undefined || outputTokens === undefined ? {} : { tokens: { promptTokens, outputTokens } }),
    ...(concurrencyPerReplica === undefined ? {} : { concurrencyPerReplica }),
    ...(maxSequences === undefined ? {} : { maxSequences }),
    ...(headroom === undefined ? {} : { headroom }),
    ...(gpusPerReplica === undefined ? {} : { gpusPerReplica }),
    ...(gpuBudget === undefined ? {} : { gpuBudget }),
  };
}

function prometheusEndpoint(
  name: string,
  options: SloAutoscalerOptions,
  platform: PlatformReference,
): PrometheusEndpoint {
  const authentication = triggerAuthenticationOf(name, options);
  return {
    url: platform.prometheusUrl,
    ...(platform.prometheusTenancy ? { tenancyNamespace: options.namespace } : {}),
    ...(authentication === undefined ? {} : { authMode: authentication.mode, authenticationName: authentication.name }),
  };
}

/** A TriggerAuthentication and what KEDA does with it. */
export interface TriggerCredentials {
  name: string;
  mode: PrometheusAuthMode;
}

/** How the autoscaler called `name` reads Prometheus, if it needs credentials. */
export function triggerAuthenticationOf(name: string, settings: AutoscalerBasics): TriggerCredentials | undefined {
  return authenticates(settings)
    ? {
        name: settings.prometheusTriggerAuthentication ?? prometheusAccessNames(name).triggerAuthentication,
        mode:
          settings.prometheusAuthentication === PrometheusAuthentication.Basic
            ? PrometheusAuthMode.Basic
            : PrometheusAuthMode.Bearer,
      }
    : undefined;
}

function authenticates({ prometheusAuthentication }: AutoscalerBasics): boolean {
  return (prometheusAuthentication ?? PrometheusAuthentication.None) !== PrometheusAuthentication.None;
}

/** Whether a TriggerAuthentication is made, with all that it needs. */
export function makesTriggerAuthentication(settings: AutoscalerBasics): boolean {
  return authenticates(settings) && settings.prometheusTriggerAuthentication === undefined;
}

function capacityProblems({ profile, promptTokens, outputTokens }: Capacity): Problem[] {
  const problems: Problem[] = [];
  if (profile !== undefined && capacityProfile(profile) === undefined) {
    problems.push({
      path: "capacity.profile",
      message: `is "${profile}", which is not shipped. Take one of ${capacityProfileIds.join(", ")}, or give capacity.concurrencyPerReplica as measured.`,
    });
  }
  if ((promptTokens === undefined) !== (outputTokens === undefined)) {
    const missing = promptTokens === undefined ? "promptTokens" : "outputTokens";
    problems.push({
      path: `capacity.${missing}`,
      message: "is missing; the load has a mean prompt and a mean output length.",
    });
  }
  return problems;
}

/** On OpenShift, namespaces of operators are read by the cluster's own Prometheus, and so by none that models are read by. */
export function unmonitoredNamespaceProblems(namespace: string, platform: PlatformReference): Problem[] {
  const ofOperators = namespace === platform.kedaNamespace || /^openshift(-|$)/.test(namespace);
  return platform.distribution === Distribution.OpenShift && ofOperators
    ? [
        {
          path: "namespace",
          message: `is "${namespace}", which the cluster's own Prometheus reads: the metrics of a model there are nowhere to be found for its autoscaler. Take a namespace of the model's own.`,
        },
      ]
    : [];
}

export function authenticationProblems(settings: AutoscalerBasics, platform: PlatformReference): Problem[] {
  const given = settings.prometheusAuthentication ?? PrometheusAuthentication.None;
  const named = settings.prometheusTriggerAuthentication;
  const problems: Problem[] = [];
  if (given !== platform.prometheusAuthentication) {
    problems.push({
      path: "prometheusAuthentication",
      message: `is "${given}", but the platform's Prometheus wants "${platform.prometheusAuthentication}". It decides which objects are made, so write it here as well.`,
    });
  } else if (named !== undefined && given === PrometheusAuthentication.None) {
    problems.push({
      path: "prometheusTriggerAuthentication",
      message: `is "${named}", but Prometheus is read without credentials (authentication "${given}"), so nothing would use it. Leave it out, or set the platform's prometheus.authentication.`,
    });
  }
  problems.push(...clusterWidePortProblems(named, platform));
  return named === undefined
    ? problems
    : [...problems, ...objectNameProblems("prometheusTriggerAuthentication", named)];
}

/** What is made here may read one namespace, and so may what OpenShift AI makes; of another's TriggerAuthentication nothing is known. */
function clusterWidePortProblems(named: string | undefined, { prometheusUrl }: PlatformReference): Problem[] {
  const ofOthers = named !== undefined && named !== odhTriggerAuthentication;
  if (ofOthers || !isThanosQuerier(prometheusUrl, 9091)) {
    return [];
  }
  const lacking =
    named === undefined
      ? "the ServiceAccount that is made for a model has none. Take port 9092, or name by prometheusTriggerAuthentication one that has it."
      : `that of "${named}", which OpenShift AI makes, has none. Take port 9092.`;
  return [
    {
      path: "platform.prometheusUrl",
      message: `is port 9091 of thanos-querier, which answers for all namespaces and wants the ClusterRole cluster-monitoring-view of who asks; ${lacking}`,
    },
  ];
}

/** The compiler's fields and where their values come from here. */
const origins: readonly (readonly [prefix: string, ours: string])[] = [
  ["capacity.tokens.", "capacity."],
  ["capacity.tokens", "capacity"],
  ["capacity.maxSequences", "maxNumSeqs"],
  ["metrics.namespace", "namespace"],
  ["timing.startupSeconds", "startup"],
  ["timing.", ""],
  ["versions.vllm", "vllmVersion"],
  ["versions.keda", "platform.kedaVersion"],
  ["versions.kubernetes", "platform.kubernetesVersion"],
  ["prometheus.authenticationName", "name"],
  ["prometheus.url", "platform.prometheusUrl"],
];

function inOurWords(problem: Problem): Problem {
  const [prefix, ours] = origins.find(([theirs]) => problem.path.startsWith(theirs)) ?? ["", ""];
  return { ...problem, path: ours + problem.path.slice(prefix.length) };
}
