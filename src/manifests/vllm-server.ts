import type { Problem } from "../policy/policy-input";
import { versions } from "../versions";
import { deployment } from "./deployment";
import { extraArgumentsProblems } from "./extra-arguments";
import { nameProblems, namespaceProblems } from "./naming";
import { podMonitor } from "./pod-monitor";
import { secondsProblems, versionProblems, wholeNumberProblems } from "./problems";
import { service } from "./service";
import { startupParts } from "./start-up";
import type { VllmServerOptions, VllmServerSettings } from "./vllm-server-options";

/** The objects of one server. `podMonitor` is absent when it is switched off. */
export function vllmServerManifests<S>(name: string, options: VllmServerOptions<S>) {
  return {
    deployment: deployment(name, options),
    service: service(name, options),
    podMonitor: options.podMonitor === false ? undefined : podMonitor(name, options),
  };
}

/** Everything wrong with the arguments of a server, as far as they are known. */
export function vllmServerProblems<S>(name: string, options: VllmServerOptions<S>): Problem[] {
  return [
    ...nameProblems("name", name),
    ...(typeof options.namespace === "string" ? namespaceProblems("namespace", options.namespace) : []),
    ...(options.servedModelName === ""
      ? [{ path: "servedModelName", message: "is empty; say what clients ask for." }]
      : []),
    ...settingsProblems(options),
  ];
}

/** Everything wrong with the settings of a server. */
export function settingsProblems(settings: VllmServerSettings): Problem[] {
  const startup = startupParts(settings.startup);
  return [
    ...versionProblems("vllmVersion", settings.vllmVersion, versions.vllm),
    ...imageProblems(settings),
    ...wholeNumberProblems("gpus", settings.gpus, 1),
    ...wholeNumberProblems("maxModelLen", settings.maxModelLen, 1),
    ...wholeNumberProblems("maxNumSeqs", settings.maxNumSeqs, 1),
    ...extraArgumentsProblems("extraArgs", settings.extraArgs),
    ...wholeNumberProblems("longestGenerationSeconds", settings.longestGenerationSeconds, 1),
    ...wholeNumberProblems("scrapeIntervalSeconds", settings.scrapeIntervalSeconds, 1),
    ...wholeNumberProblems("runAsUser", settings.runAsUser, 1),
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
