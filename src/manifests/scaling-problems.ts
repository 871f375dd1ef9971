import type { Problem } from "../policy/policy-input";
import { formatVersion, isAtLeast, parseVersion, type Version } from "../policy/version";
import { isMeanOrQuantile } from "./extra-triggers";
import { isKnativeMetric, knativeFigureProblems } from "./knative-problems";
import { Distribution, PieceMode } from "./platform/piece";
import { type PlatformReference, PrometheusAuthentication } from "./platform-reference";
import { wholeNumberProblems } from "./problems";
import type { ScalingSettings } from "./scaling";
import {
  HpaMetric,
  type HpaScaling,
  KnativeMetric,
  type KnativeScaling,
  type KServeKedaScaling,
} from "./scaling-options";
import { cutRequestProblems } from "./timeouts";
import { requestedResources } from "./vllm-pod";
import { usesKServe } from "./workload";

/** What odh-model-controller makes in a namespace with an InferenceService that scales by Prometheus (its KEDA reconciler). */
export const odhTriggerAuthentication = "inference-prometheus-auth";

/** What is wrong with Knative's block. */
export function knativeProblems(
  knative: KnativeScaling,
  settings: ScalingSettings,
  platform: PlatformReference,
): Problem[] {
  const path = "scaling.knative";
  const metric: string = knative.metric ?? KnativeMetric.Concurrency;
  const problems = [...kserveProblems(path, settings), ...ownScaledObjectProblems(path, settings)];
  if ((platform.modes.knative ?? PieceMode.None) === PieceMode.None) {
    problems.push({
      path,
      message:
        "needs Knative Serving, which the platform does not have. Say knative for the platform (existing, where it is there already), or take another strategy.",
    });
  }
  if (platform.kserveServerless === false) {
    problems.push({ path, message: withoutServerless(platform.kserveProductVersion ?? "") });
  }
  if (isKnativeMetric(metric) && metric !== KnativeMetric.Concurrency && knative.target === undefined) {
    problems.push({
      path: `${path}.target`,
      message: `is missing; only for concurrency it follows from the capacity. Say how much ${metric} a replica is asked to carry.`,
    });
  }
  problems.push(...knativeFigureProblems(path, knative, settings.replicas));
  const { min } = settings.replicas;
  const allowed = platform.knativeLongestRequestSeconds;
  return [...problems, ...cutRequestProblems(settings, min === 0, { piece: "knative", allowed })];
}

/** OpenShift AI and Open Data Hub that serve with plain Deployments only (opendatahub-operator 3.0: no `serving` any more). */
const withoutKnative: Version = [3, 0, 0];

function withoutServerless(product: string): string {
  const version = parseVersion(product);
  return version !== undefined && isAtLeast(version, withoutKnative)
    ? `needs KServe's Knative mode, which the platform's OpenShift AI ${product} does not have: since ${formatVersion(withoutKnative)} it serves with plain Deployments only. Take scaling.http to go to zero by requests, or scaling.scaledObject.`
    : `needs KServe's Knative mode, which the platform's OpenShift AI ${product} does not have as it is. Set kserve.serverless for the platform, or take another strategy.`;
}

/** What is wrong with a ScaledObject that KServe shall make. */
export function kserveKedaProblems(
  { triggers }: KServeKedaScaling,
  settings: ScalingSettings,
  platform: PlatformReference,
): Problem[] {
  const path = "scaling.kserveKeda";
  const problems = [...kserveProblems(path, settings), ...ownScaledObjectProblems(path, settings)];
  if (triggers?.length === 0) {
    problems.push({ path: `${path}.triggers`, message: "is empty; give a trigger, or leave it out." });
  }
  for (const [index, { query, threshold }] of (triggers ?? []).entries()) {
    if (query === "") {
      problems.push({ path: `${path}.triggers[${index}].query`, message: "is empty; write PromQL with one result." });
    } else if (isMeanOrQuantile(query)) {
      problems.push({
        path: `${path}.triggers[${index}].query`,
        message:
          "is a latency or an average, but KServe has KEDA divide every value by the replicas, so it would ask for the same few at any size. Take a sum over the replicas here, or scaling.scaledObject for an objective.",
      });
    }
    if (!(Number.isFinite(threshold) && threshold > 0)) {
      problems.push({ path: `${path}.triggers[${index}].threshold`, message: `is ${threshold}; it must be above 0.` });
    }
  }
  return [...problems, ...odhProblems(settings, platform), ...kedaReleaseProblems(path, platform)];
}

/** First KServe whose `autoScaling` has `behavior`, and whose triggers can name a TriggerAuthentication (kserve/kserve, `AutoScalingSpec`). */
const kserveWithBehavior: Version = [0, 16, 0];

function kedaReleaseProblems(path: string, { kserveVersion }: PlatformReference): Problem[] {
  const version = parseVersion(kserveVersion);
  return version === undefined || isAtLeast(version, kserveWithBehavior)
    ? []
    : [
        {
          path,
          message: `needs KServe ${formatVersion(kserveWithBehavior)} or newer, but the platform has ${kserveVersion}: before, its ScaledObject takes no windows, and no credentials for Prometheus. Update it, or take scaling.scaledObject.`,
        },
      ];
}

/** Whether a model reads Prometheus by what odh-model-controller makes, a token; it knows no passwords. */
export function sharesAuthenticationOfOdh(platform: PlatformReference): boolean {
  const { distribution, prometheusAuthentication } = platform;
  const tokenless: readonly string[] = [PrometheusAuthentication.None, PrometheusAuthentication.Basic];
  return distribution === Distribution.OpenShift && !tokenless.includes(prometheusAuthentication);
}

/** On OpenShift AI another controller makes the TriggerAuthentication, with all that it needs. */
function odhProblems(settings: ScalingSettings, platform: PlatformReference): Problem[] {
  const { prometheusTriggerAuthentication: given } = settings;
  return sharesAuthenticationOfOdh(platform) && given !== odhTriggerAuthentication
    ? [
        {
          path: "prometheusTriggerAuthentication",
          message: `is ${given === undefined ? "missing" : `"${given}"`}, but with scaling.kserveKeda OpenShift AI makes "${odhTriggerAuthentication}" in the namespace, with its identity and Role. It decides which objects are made, so write that name here.`,
        },
      ]
    : [];
}

/** What is wrong with a HorizontalPodAutoscaler. */
export function hpaProblems({ metric, targetPercent }: HpaScaling, settings: ScalingSettings): Problem[] {
  const path = "scaling.hpa";
  const problems = ownScaledObjectProblems(path, settings);
  const known: readonly string[] = Object.values(HpaMetric);
  if (!known.includes(metric)) {
    problems.push({ path: `${path}.metric`, message: `is "${metric}"; take one of ${known.join(", ")}.` });
  } else if (requestedResources(settings)[metric] === undefined) {
    problems.push({
      path: `${path}.metric`,
      message: `is "${metric}", but the container requests none, of which the use could be a share. Add it to resources.requests.`,
    });
  }
  if (!(Number.isInteger(targetPercent) && targetPercent >= 1 && targetPercent <= 100)) {
    problems.push({
      path: `${path}.targetPercent`,
      message: `is ${targetPercent}; it must be a whole number from 1 to 100.`,
    });
  }
  return problems;
}

/** Bounds of the replicas, where no policy checks them. */
export function replicaProblems({ replicas, scaling }: ScalingSettings): Problem[] {
  const { min, max } = replicas;
  const least = scaling?.knative === undefined ? 1 : 0;
  const problems = [...wholeNumberProblems("replicas.min", min, least), ...wholeNumberProblems("replicas.max", max, 1)];
  return problems.length === 0 && min !== undefined && max < min
    ? [{ path: "replicas.max", message: `is ${max}, below replicas.min, ${min}: it must be at least as large.` }]
    : problems;
}

function kserveProblems(path: string, settings: ScalingSettings): Problem[] {
  return usesKServe(settings)
    ? []
    : [
        {
          path,
          message: `needs the backend "kserve", since KServe makes what scales; backend is "${settings.backend}". Take that backend, or another strategy.`,
        },
      ];
}

/** Settings of a ScaledObject of ours, where there is none. */
function ownScaledObjectProblems(path: string, { extraTriggers = [], saturationAlert }: ScalingSettings): Problem[] {
  return [
    ...(extraTriggers.length === 0
      ? []
      : [
          {
            path: "extraTriggers",
            message: `are KEDA triggers of a ScaledObject of ours, which there is none of with ${path}. Leave them out.`,
          },
        ]),
    ...(saturationAlert === undefined
      ? []
      : [
          {
            path: "saturationAlert",
            message: `is compiled with a ScaledObject of ours, which there is none of with ${path}. Leave it out.`,
          },
        ]),
  ];
}
