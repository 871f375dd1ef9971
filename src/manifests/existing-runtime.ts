import type { Problem } from "../policy/policy-input";
import { modelFormat } from "./model-format";
import { objectNameProblems } from "./naming";
import { wholeNumberProblems } from "./problems";
import { environmentOfKey, placement, resources } from "./vllm-pod";
import type { ExistingRuntime, VllmServerOptions, VllmServerSettings } from "./vllm-server-options";
import { storageFields } from "./weights-mount";
import { usesKServe } from "./workload";

/** KServe's, by convention. */
const defaultPort = 8080;

/** What a Service leads to on pods of a runtime that somebody else made: its port may have no name, or not be declared at all. */
export function runtimePort({ port }: ExistingRuntime): number {
  return port ?? defaultPort;
}

/** Where KServe finds the weights on a claim. */
export function claimUri(claim: string, subPath: string | undefined): string {
  return `pvc://${claim}${subPath === undefined ? "" : `/${subPath}`}`;
}

/** The predictor of a runtime that somebody else made. */
export function predictorOfRuntime<S>(runtime: ExistingRuntime, claimUri: S | string, options: VllmServerOptions<S>) {
  const name = runtime.modelFormat === modelFormat ? [`--model_name=${options.servedModelName}`] : [];
  const args = [...name, ...(options.extraArgs ?? [])];
  const env = environmentOfKey(options);
  return {
    model: {
      modelFormat: { name: runtime.modelFormat },
      runtime: runtime.name,
      ...(options.weightsClaim === undefined ? storageFields(options.kserveStorage) : { storageUri: claimUri }),
      ...(args.length === 0 ? {} : { args }),
      ...(env.length === 0 ? {} : { env }),
      resources: resourcesBeyondRuntime(options),
    },
    ...placement(options),
  };
}

/**
 * KServe lays these over the runtime's, resource by resource. Its ready-made ones limit the CPU to 1, and Kubernetes takes no request above a
 * limit; so what is requested is the limit too, where none is given.
 */
function resourcesBeyondRuntime(options: VllmServerSettings) {
  const { requests, limits } = resources(options);
  return { requests, limits: { ...requests, ...limits } };
}

/** What the runtime brings cannot be said here. */
const brought = ["image", "vllmVersion", "maxModelLen", "maxNumSeqs", "runAsUser"] as const;

/** What is wrong with taking a runtime that is there. */
export function runtimeProblems(settings: VllmServerSettings): Problem[] {
  const { runtime } = settings;
  if (runtime === undefined) {
    return [];
  }
  const problems = [
    ...objectNameProblems("runtime.name", runtime.name),
    ...wholeNumberProblems("runtime.port", runtime.port, 1),
  ];
  if (!usesKServe(settings)) {
    problems.push({ path: "runtime", message: 'is KServe\'s: take the backend "kserve", or leave it out.' });
  }
  if (runtime.modelFormat === "") {
    problems.push({ path: "runtime.modelFormat", message: "is empty; name a format that the runtime lists." });
  }
  for (const field of brought) {
    if (settings[field] !== undefined) {
      problems.push({
        path: field,
        message: `is the matter of runtime "${runtime.name}". Leave it out, or say it by extraArgs.`,
      });
    }
  }
  if (settings.podMonitor === true) {
    problems.push({
      path: "podMonitor",
      message:
        "needs a named port, which a runtime that is there need not have. Leave it out: a ServiceMonitor is made.",
    });
  }
  return problems;
}
