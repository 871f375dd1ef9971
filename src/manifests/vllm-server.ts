import type { Problem } from "../policy/policy-input";
import { versions } from "../versions";
import { deployment } from "./deployment";
import { claimUri, runtimeProblems } from "./existing-runtime";
import { bucketEdgesProblems, extraArgumentsProblems } from "./extra-arguments";
import { imagePrePull } from "./image-pre-pull";
import { deploymentModeOf, inferenceService, waitForAnnotation } from "./inference-service";
import { kserveRelease, kserveVersionProblems } from "./kserve-release";
import type { KubernetesObject } from "./kubernetes-object";
import {
  inferenceServiceNameProblems,
  nameProblems,
  namespaceProblems,
  objectNameProblems,
  objectNamesProblems,
} from "./naming";
import { podDisruptionBudget } from "./pod-disruption-budget";
import { makesPodMonitor, makesServiceMonitor, podMonitor, serviceMonitor } from "./pod-monitor";
import { secondsProblems, versionProblems, wholeNumberProblems } from "./problems";
import { service } from "./service";
import { servingRuntime, servingRuntimeName, servingRuntimeSpec } from "./serving-runtime";
import { startupParts } from "./start-up";
import { scalesTransformer, transformerAutoscaler, transformerProblems } from "./transformer";
import { ServingBackend, type VllmServerOptions, type VllmServerSettings } from "./vllm-server-options";
import { weightsMountProblems } from "./weights-mount";
import { usesKnative, usesKServe } from "./workload";

/** The objects of one server in the order they are created in. */
export function vllmServerManifests(name: string, options: VllmServerOptions): KubernetesObject[] {
  return [
    ...(options.prePullImage === true ? [imagePrePull(name, options)] : []),
    ...(usesKServe(options) ? kserveManifests(name, options) : [deployment(name, options)]),
    ...(usesKnative(options) ? [] : [service(name, options)]),
    ...(isMonitored(options) || !makesPodMonitor(options) ? [] : [podMonitor(name, options)]),
    ...(isMonitored(options) || !makesServiceMonitor(options) ? [] : [serviceMonitor(name, options)]),
    ...(options.transformer !== undefined && scalesTransformer(options)
      ? [transformerAutoscaler(name, options.transformer, options.namespace)]
      : []),
    ...(options.maxDisrupted === undefined ? [] : [podDisruptionBudget(name, options)]),
  ];
}

function isMonitored({ monitoredBy = "" }: VllmServerOptions): boolean {
  return monitoredBy !== "";
}

function kserveManifests(name: string, options: VllmServerOptions): KubernetesObject[] {
  const release = kserveRelease(options.kserveVersion ?? versions.kserve);
  const runtimeName = options.runtime?.name ?? servingRuntimeName(name, servingRuntimeSpec(options));
  const context = {
    runtimeName,
    deploymentMode: deploymentModeOf(release, options),
    waitFor: waitForAnnotation(release, options),
    storageUri: claimUri(options.weightsClaim ?? "", options.weightsSubPath),
  };
  return [
    ...(options.runtime === undefined ? [servingRuntime(name, runtimeName, options)] : []),
    inferenceService(name, context, options),
  ];
}

/** Everything wrong with the arguments of a server, as far as they are known. */
export function vllmServerProblems<S>(name: string, options: VllmServerOptions<S>): Problem[] {
  return [
    ...nameProblems("name", name),
    ...(typeof options.namespace === "string" ? serverNamespaceProblems(name, options, options.namespace) : []),
    ...(typeof options.kserveVersion === "string" && usesKServe(options)
      ? kserveVersionProblems("kserveVersion", options.kserveVersion)
      : []),
    ...(options.servedModelName === ""
      ? [{ path: "servedModelName", message: "is empty; say what clients ask for." }]
      : []),
    ...(typeof options.monitoredBy === "string" ? monitoredTwiceProblems(options, options.monitoredBy) : []),
    ...weightsMountProblems(options),
    ...(options.predictor !== undefined && !usesKServe(options)
      ? [
          {
            path: "predictor",
            message: 'needs the backend "kserve", which reads it. Take that backend, or leave it out.',
          },
        ]
      : []),
    ...settingsProblems(options),
  ];
}

/** What is wrong with the namespace of a server, by itself and beside the server's name. */
export function serverNamespaceProblems(name: string, settings: VllmServerSettings, namespace: string): Problem[] {
  const problems = namespaceProblems("namespace", namespace);
  return problems.length > 0 || !usesKServe(settings)
    ? problems
    : inferenceServiceNameProblems("name", name, namespace, settings.transformer !== undefined);
}

/** Everything wrong with the settings of a server. */
export function settingsProblems(settings: VllmServerSettings): Problem[] {
  const startup = startupParts(settings.startup);
  return [
    ...backendProblems(settings),
    ...versionProblems("vllmVersion", settings.vllmVersion, versions.vllm),
    ...imageProblems(settings),
    ...wholeNumberProblems("gpus", settings.gpus, 0),
    ...wholeNumberProblems("maxSurge", settings.maxSurge, 0),
    ...wholeNumberProblems("maxDisrupted", settings.maxDisrupted, 1),
    ...cpuProblems(settings),
    ...runtimeProblems(settings),
    ...transformerProblems(settings),
    ...monitorProblems(settings),
    ...objectNamesProblems("imagePullSecrets", settings.imagePullSecrets),
    ...(settings.priorityClassName === undefined
      ? []
      : objectNameProblems("priorityClassName", settings.priorityClassName)),
    ...(settings.dashboard !== undefined && !usesKServe(settings)
      ? [{ path: "dashboard", message: 'lists InferenceServices: take the backend "kserve", or leave it out.' }]
      : []),
    ...wholeNumberProblems("maxModelLen", settings.maxModelLen, 1),
    ...wholeNumberProblems("maxNumSeqs", settings.maxNumSeqs, 1),
    ...(settings.runtime === undefined ? extraArgumentsProblems("extraArgs", settings.extraArgs) : []),
    ...bucketEdgesProblems("extraArgs", settings.extraArgs, settings.vllmVersion),
    ...wholeNumberProblems("longestGenerationSeconds", settings.longestGenerationSeconds, 1),
    ...wholeNumberProblems("scrapeIntervalSeconds", settings.scrapeIntervalSeconds, 1),
    ...wholeNumberProblems("runAsUser", settings.runAsUser, 1),
    ...(settings.compileCacheClaim === undefined
      ? []
      : objectNameProblems("compileCacheClaim", settings.compileCacheClaim)),
    ...secondsProblems("startup.imagePullSeconds", startup.imagePullSeconds),
    ...secondsProblems("startup.loadSeconds", startup.loadSeconds),
    ...secondsProblems("startup.compileSeconds", startup.compileSeconds),
  ];
}

function imageProblems({ image, vllmVersion }: VllmServerSettings): Problem[] {
  return image === undefined || vllmVersion !== undefined
    ? []
    : [
        {
          path: "vllmVersion",
          message:
            "is missing; say which vLLM is in image, because it decides the flags it gets and the names of its metrics.",
        },
      ];
}

/** The default image is built for GPUs. */
function cpuProblems({ gpus, image, runtime }: VllmServerSettings): Problem[] {
  return gpus === 0 && image === undefined && runtime === undefined
    ? [{ path: "image", message: "is missing; gpus is 0, and the default image needs a GPU. Name one built for CPUs." }]
    : [];
}

/** What is asked for beside a monitor that is there already. What is not asked for is not made. */
export function monitoredTwiceProblems(settings: VllmServerSettings, monitoredBy: string): Problem[] {
  return (["podMonitor", "serviceMonitor"] as const).flatMap((path) =>
    monitoredBy !== "" && settings[path] === true
      ? [
          {
            path,
            message: `is true, but ${monitoredBy} already scrapes the pods, so all sums would double. Leave it out.`,
          },
        ]
      : [],
  );
}

/** Two monitors of one server double every sum over its metrics. */
function monitorProblems({ podMonitor, serviceMonitor }: VllmServerSettings): Problem[] {
  return podMonitor === true && serviceMonitor === true
    ? [
        {
          path: "serviceMonitor",
          message: "is true beside podMonitor, so every series would be there twice and every sum doubled. Keep one.",
        },
      ]
    : [];
}

function backendProblems({ backend }: VllmServerSettings): Problem[] {
  const known: readonly string[] = Object.values(ServingBackend);
  return backend === undefined || known.includes(backend)
    ? []
    : [{ path: "backend", message: `is "${backend}"; take one of ${known.join(", ")}.` }];
}
