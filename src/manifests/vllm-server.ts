import type { Problem } from "../policy/policy-input";
import { versions } from "../versions";
import { deployment } from "./deployment";
import { extraArgumentsProblems } from "./extra-arguments";
import { imagePrePull } from "./image-pre-pull";
import { inferenceService, waitForAnnotation } from "./inference-service";
import { kserveRelease, kserveVersionProblems } from "./kserve-release";
import type { KubernetesObject } from "./kubernetes-object";
import { inferenceServiceNameProblems, nameProblems, namespaceProblems, objectNameProblems } from "./naming";
import { podMonitor } from "./pod-monitor";
import { secondsProblems, versionProblems, wholeNumberProblems } from "./problems";
import { service } from "./service";
import { servingRuntime, servingRuntimeName, servingRuntimeSpec } from "./serving-runtime";
import { startupParts } from "./start-up";
import { ServingBackend, type VllmServerOptions, type VllmServerSettings } from "./vllm-server-options";
import { weightsMountProblems } from "./weights-mount";
import { usesKServe } from "./workload";

/** The objects of one server in the order they are created in. */
export function vllmServerManifests(name: string, options: VllmServerOptions): KubernetesObject[] {
  return [
    ...(options.prePullImage === true ? [imagePrePull(name, options)] : []),
    ...(usesKServe(options) ? kserveManifests(name, options) : [deployment(name, options)]),
    service(name, options),
    ...(options.podMonitor === false ? [] : [podMonitor(name, options)]),
  ];
}

function kserveManifests(name: string, options: VllmServerOptions): KubernetesObject[] {
  const release = kserveRelease(options.kserveVersion ?? versions.kserve);
  const runtimeName = servingRuntimeName(name, servingRuntimeSpec(options));
  const context = { runtimeName, deploymentMode: release.deploymentMode, waitFor: waitForAnnotation(release) };
  return [servingRuntime(name, runtimeName, options), inferenceService(name, context, options)];
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
    ...weightsMountProblems(options),
    ...settingsProblems(options),
  ];
}

/** What is wrong with the namespace of a server, by itself and beside the server's name. */
export function serverNamespaceProblems(name: string, settings: VllmServerSettings, namespace: string): Problem[] {
  const problems = namespaceProblems("namespace", namespace);
  return problems.length > 0 || !usesKServe(settings)
    ? problems
    : inferenceServiceNameProblems("name", name, namespace);
}

/** Everything wrong with the settings of a server. */
export function settingsProblems(settings: VllmServerSettings): Problem[] {
  const startup = startupParts(settings.startup);
  return [
    ...backendProblems(settings),
    ...versionProblems("vllmVersion", settings.vllmVersion, versions.vllm),
    ...imageProblems(settings),
    ...wholeNumberProblems("gpus", settings.gpus, 1),
    ...wholeNumberProblems("maxModelLen", settings.maxModelLen, 1),
    ...wholeNumberProblems("maxNumSeqs", settings.maxNumSeqs, 1),
    ...extraArgumentsProblems("extraArgs", settings.extraArgs),
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

function backendProblems({ backend }: VllmServerSettings): Problem[] {
  const known: readonly string[] = Object.values(ServingBackend);
  return backend === undefined || known.includes(backend)
    ? []
    : [{ path: "backend", message: `is "${backend}"; take one of ${known.join(", ")}.` }];
}
