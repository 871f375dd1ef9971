import type { CompiledPolicy, CompileResult, Problem } from "../policy/policy-input";
import { profileIdsHint } from "../policy/profiles";
import { MetricType } from "../policy/scaled-object";
import { figure } from "../policy/text";
import { deriveBehavior, rateWindowSeconds } from "../policy/timing";
import { exposedHosts } from "./exposure";
import { bucketEdgesOf } from "./extra-arguments";
import { horizontalPodAutoscaler } from "./horizontal-pod-autoscaler";
import { type HttpActivationOptions, httpRoute, interceptorHost, wakeService } from "./http-activation";
import { effectiveTarget, utilizationPercent } from "./knative-arithmetic";
import { knativeOf } from "./knative-scaling";
import { type LogicalObject, named } from "./kubernetes-object";
import { logicalNames } from "./naming";
import { type PlatformReference, PrometheusAuthentication } from "./platform-reference";
import { hpaPredictor, kedaPredictor, knativePredictor } from "./predictor-scaling";
import { saturationAlert, saturationRules } from "./saturation-alert";
import { compileScaledObject, makesTriggerAuthentication, timingOf, triggerAuthenticationOf } from "./scaled-object";
import { needsPolicy, replicaRange, Strategy, strategyOf, zeroReplicas } from "./scaling";
import { KnativeMetric } from "./scaling-options";
import type { ServedModelOptions } from "./served-model-options";
import { modelStartup, withStartup } from "./served-weights";
import type { SaturationAlert, SloAutoscalerOptions } from "./slo-autoscaler-options";
import {
  prometheusIdentity,
  tokenIssuing,
  triggerAuthentication,
  triggerAuthenticationSpec,
} from "./trigger-authentication";
import { type PredictorScaling, serverDefaults } from "./vllm-server-options";
import { usesKServe, workload } from "./workload";

/** Arguments of the model's autoscaler, if its strategy compiles a policy and it is said from what. */
export function autoscalerOptions<S>(name: string, options: ServedModelOptions<S>): SloAutoscalerOptions | undefined {
  const { slo, capacity } = options;
  if (slo === undefined || capacity === undefined || !needsPolicy(options)) {
    return undefined;
  }
  const strategy = strategyOf(options);
  const ofKnative = strategy === Strategy.Knative;
  return {
    ...options,
    slo,
    capacity: { ...capacity, gpusPerReplica: options.gpus ?? serverDefaults.gpus },
    namespace: options.namespace,
    // Knative goes to zero and back by itself, whatever its policy would say.
    replicas: ofKnative ? { min: 1, max: options.replicas.max } : replicaRange(options),
    startup: modelStartup(options),
    zero: zeroReplicas(name, options),
    scaleTargetRef: { name: workload(name, options.backend).deploymentName, kind: "Deployment", apiVersion: "apps/v1" },
    metrics: { modelName: options.servedModelName ?? name, bucketEdgesSeconds: bucketEdgesOf(options.extraArgs) },
  };
}

/** Compiles the policy of a model, if its strategy has one. */
export function compileModel<S>(
  name: string,
  options: ServedModelOptions<S>,
  platform: PlatformReference,
): CompileResult | undefined {
  const autoscaler = autoscalerOptions(name, options);
  return autoscaler === undefined ? undefined : compileScaledObject(name, autoscaler, platform);
}

/** How KServe scales the model, if it shall. `address` is the base URL of Prometheus. */
export function predictorOf<S>(
  name: string,
  options: ServedModelOptions<S>,
  policy: CompiledPolicy | undefined,
  address: S,
): PredictorScaling<S> | undefined {
  const { knative, kserveKeda, hpa } = options.scaling ?? {};
  const replicas = replicaRange(options);
  if (knative !== undefined) {
    return knativePredictor(knativeOf(knative, options, policy).knative, replicas, withStartup(options));
  }
  if (kserveKeda !== undefined) {
    const timing = timingOf(withStartup(options));
    const { scaleDown } = deriveBehavior(timing, rateWindowSeconds(timing, "tokens")).behavior;
    return kedaPredictor(kserveKeda, replicas, {
      compiled: sumsOf(policy),
      serverAddress: address,
      authentication: triggerAuthenticationOf(name, options),
      scaleDownWindowSeconds: scaleDown.stabilizationWindowSeconds ?? 0,
    });
  }
  return hpa !== undefined && usesKServe(options) ? hpaPredictor(hpa, replicas) : undefined;
}

/** The triggers that KServe can express: it has KEDA divide every value by the replicas, which is right for sums over them. */
function sumsOf(policy: CompiledPolicy | undefined) {
  const triggers = policy?.scaledObject.spec.triggers ?? [];
  return triggers
    .filter(({ metricType }) => metricType === MetricType.AverageValue)
    .map(({ metadata: { query = "", threshold = "" } }) => ({ query, threshold }));
}

/** What a ScaledObject of KServe reads Prometheus with: there before the InferenceService, from which KServe makes it. */
export function objectsBeforeServer(
  name: string,
  options: ServedModelOptions,
  platform: PlatformReference,
): LogicalObject[] {
  return makesAccessForKServe(options) ? accessObjects(name, options, platform) : [];
}

/** Whether KServe's ScaledObject reads Prometheus with something of ours. */
export function makesAccessForKServe<S>(options: ServedModelOptions<S>): boolean {
  return strategyOf(options) === Strategy.KServeKeda && makesTriggerAuthentication(options);
}

/** The objects that scale a model, in the order they are created in. */
export function scalingObjects(
  name: string,
  options: ServedModelOptions,
  platform: PlatformReference,
  policy: CompiledPolicy | undefined,
): LogicalObject[] {
  const names = logicalNames(name);
  return [
    ...(policy === undefined ? [] : httpObjects(name, options, platform, policy.targetConcurrency)),
    ...(makesScaledObject(options) && makesTriggerAuthentication(options)
      ? accessObjects(name, options, platform)
      : []),
    ...(policy !== undefined && makesScaledObject(options) ? [named(names.scaledObject, policy.scaledObject)] : []),
    ...(policy !== undefined && options.saturationAlert !== undefined
      ? [named(names.scaledObject, alertOn(name, options.namespace, options.saturationAlert, policy))]
      : []),
    ...(makesHpa(options) ? [named(names.scaledObject, horizontalPodAutoscaler(name, withStartup(options)))] : []),
  ];
}

/** Whether the ScaledObject is ours. */
export function makesScaledObject<S>(options: ServedModelOptions<S>): boolean {
  const strategy = strategyOf(options);
  return strategy === Strategy.ScaledObject || strategy === Strategy.Http;
}

/** Whether the HorizontalPodAutoscaler is ours. */
export function makesHpa<S>(options: ServedModelOptions<S>): boolean {
  return strategyOf(options) === Strategy.Hpa && !usesKServe(options);
}

/** Arguments of what holds the requests for a model without a replica, if that is asked for. */
export function httpActivation<S>(
  name: string,
  options: ServedModelOptions<S>,
  targetConcurrency: number,
): HttpActivationOptions | undefined {
  const http = options.scaling?.http;
  return http === undefined
    ? undefined
    : {
        namespace: options.namespace,
        http,
        settings: withStartup(options),
        deploymentName: workload(name, options.backend).deploymentName,
        targetConcurrency,
        maxReplicas: options.replicas.max,
        exposedHosts: exposedHosts(options),
      };
}

function httpObjects(
  name: string,
  options: ServedModelOptions,
  platform: PlatformReference,
  targetConcurrency: number,
): LogicalObject[] {
  const activation = httpActivation(name, options, targetConcurrency);
  if (activation === undefined) {
    return [];
  }
  const names = logicalNames(name);
  return [
    named(names.httpRoute, httpRoute(name, activation)),
    named(names.wake, wakeService(name, options.namespace, interceptorHost(platform.kedaHttpAddonNamespace))),
  ];
}

function alertOn(name: string, namespace: string, alert: SaturationAlert, policy: CompiledPolicy) {
  return saturationAlert(name, namespace, alert, saturationRules(name, alert, policy));
}

function accessObjects(name: string, options: ServedModelOptions, platform: PlatformReference): LogicalObject[] {
  const target = { name, namespace: options.namespace };
  const names = logicalNames(name);
  const authentication = { ...triggerAuthentication(target), spec: triggerAuthenticationSpec(name, platform) };
  return [
    ...(options.prometheusAuthentication === PrometheusAuthentication.Basic
      ? []
      : identityObjects(name, options, platform)),
    named(names.prometheusAccess, authentication),
  ];
}

function identityObjects(name: string, options: ServedModelOptions, platform: PlatformReference): LogicalObject[] {
  const target = { name, namespace: options.namespace };
  const keda = { namespace: platform.kedaNamespace, name: platform.kedaServiceAccount };
  const identity = prometheusIdentity(target);
  const issuing = tokenIssuing(target, keda);
  const names = logicalNames(name);
  const token =
    options.prometheusAuthentication === PrometheusAuthentication.ServiceAccountTokenSecret
      ? [named(names.tokenSecret, identity.tokenSecret)]
      : [named(names.tokenIssuer, issuing.role), named(names.tokenIssuer, issuing.binding)];
  return [
    named(names.prometheusAccess, identity.serviceAccount),
    named(names.metricsReader, identity.readerRole),
    named(names.metricsReader, identity.readerBinding),
    ...token,
  ];
}

/** A target of one's own beyond what a replica carries within the objective: Knative would add the next one too late, or never. */
export function knativeTargetProblems<S>(
  name: string,
  options: ServedModelOptions<S>,
  platform: PlatformReference,
): Problem[] {
  const { knative } = options.scaling ?? {};
  if (knative?.target === undefined || (knative.metric ?? KnativeMetric.Concurrency) !== KnativeMetric.Concurrency) {
    return [];
  }
  const compiled = compileByConcurrency(name, options, platform);
  const effective = effectiveTarget(knative, knative.target);
  if (compiled?.ok !== true || effective <= compiled.policy.concurrencyAtSlo) {
    return [];
  }
  const [carried, utilization] = [compiled.policy.concurrencyAtSlo, utilizationPercent(knative)];
  return [
    {
      path: "scaling.knative.target",
      message: `is ${knative.target}, so Knative adds a replica above ${effective} requests in each (${utilization} % of it), but one carries ${carried} within slo. Take at most ${Math.floor((carried * 100) / utilization)}, or leave it out to have it derived.`,
    },
  ];
}

/** A target in requests a second beyond those that a replica ends within the objective, by the capacity profile (Little's law). */
export function knativeRateWarnings<S>(
  name: string,
  options: ServedModelOptions<S>,
  platform: PlatformReference,
): string[] {
  const { knative } = options.scaling ?? {};
  if (knative?.target === undefined || knative.metric !== KnativeMetric.RequestRate) {
    return [];
  }
  const compiled = compileByConcurrency(name, options, platform);
  if (compiled?.ok !== true || compiled.policy.secondsPerRequest === undefined) {
    return [];
  }
  const { concurrencyAtSlo, secondsPerRequest } = compiled.policy;
  const seconds = secondsPerRequest.slo;
  const carried = concurrencyAtSlo / seconds;
  const effective = effectiveTarget(knative, knative.target);
  if (effective <= carried) {
    return [];
  }
  const utilization = utilizationPercent(knative);
  const most = Math.floor((carried * 100) / utilization);
  return [
    `scaling.knative.target: is ${knative.target}, so Knative adds a replica above ${figure(effective, 2)} requests a second in each (${utilization} % of it), but by profile ${options.capacity?.profile} one carries ${figure(carried, 2)} within slo: ${concurrencyAtSlo} at once, of ${figure(seconds)} s each. Take metric "${KnativeMetric.Concurrency}", whose target is derived${most < 1 ? "" : `, or a target of at most ${most}`}.`,
  ];
}

/** What the policy would be if Knative counted requests in flight with a derived target. */
function compileByConcurrency<S>(name: string, options: ServedModelOptions<S>, platform: PlatformReference) {
  const knative = { ...options.scaling?.knative, metric: KnativeMetric.Concurrency, target: undefined };
  return compileModel(name, { ...options, scaling: { knative } }, platform);
}

/** What is missing or wrong of what the strategy derives its figures from. */
export function policySourceProblems<S>(options: ServedModelOptions<S>): Problem[] {
  if (!needsPolicy(options)) {
    return [];
  }
  const [what, instead] = {
    [Strategy.ScaledObject]: ["the ScaledObject is compiled from it", "take another block of scaling"],
    [Strategy.Http]: ["scaling.http is compiled from it", "take another block of scaling"],
    [Strategy.Knative]: ["scaling.knative.target is derived from it", "give that target"],
    [Strategy.KServeKeda]: ["the trigger of scaling.kserveKeda is derived from it", "give its triggers"],
    [Strategy.Hpa]: ["", ""],
  }[strategyOf(options)];
  const forms = {
    slo: "Give at least one bound in milliseconds, e.g. itl.atMostMs: 75",
    capacity: `Give concurrencyPerReplica, at least 1, as measured; or profile (${profileIdsHint}) with promptTokens and outputTokens of a mean request`,
  };
  return (["slo", "capacity"] as const).flatMap((field) =>
    options[field] === undefined
      ? [{ path: field, message: `is missing; ${what}. ${forms[field]}; or ${instead}.` }]
      : [],
  );
}
