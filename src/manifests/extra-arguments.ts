import type { Problem } from "../policy/policy-input";
import { httpPort, weightsPath } from "./vllm-arguments";

/** What to do instead of passing a flag that we set, by the flag without its dashes. A second value would win over ours. */
const managedFlags: ReadonlyMap<string, string> = new Map([
  ["model", `the weights are mounted at ${weightsPath}, say weights instead`],
  ["served-model-name", "say servedModelName instead"],
  ["host", "Service and probes need all addresses; leave it out"],
  ["port", `Service, probes and PodMonitor expect ${httpPort.number}; leave it out`],
  ["max-model-len", "say maxModelLen instead"],
  ["max-num-seqs", "say maxNumSeqs instead"],
  ["tensor-parallel-size", "say gpus instead"],
  ["tp", "say gpus instead"],
  ["api-key", "a secret does not belong in a pod's specification, say apiKey instead"],
  ["shutdown-timeout", "say longestGenerationSeconds instead"],
  ["safetensors-load-strategy", "it is eager, for weights on a network; leave it out"],
]);

/** Flags among the further arguments that are not the user's to set. Values are never repeated. */
export function extraArgumentsProblems(path: string, args: readonly string[] | undefined): Problem[] {
  return (args ?? []).flatMap((arg, index) => {
    const flag = /^--?[^=\s]+/.exec(arg.trim())?.[0];
    const instead = flag === undefined ? undefined : managedFlags.get(flag.replace(/^--?/, "").replaceAll("_", "-"));
    return instead === undefined ? [] : [{ path: `${path}[${index}]`, message: `is ${flag}: ${instead}.` }];
  });
}
