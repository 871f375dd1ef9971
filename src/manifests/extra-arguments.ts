import { z } from "zod";
import type { Problem } from "../policy/policy-input";
import { LatencyKind } from "../policy/slo";
import { formatVersion, isAtLeast, parseVersion } from "../policy/version";
import { customBucketFamily, customBucketsSince } from "../policy/vllm-metrics";
import { versions } from "../versions";
import type { ServedModelOptions } from "./served-model-options";
import type { BucketEdges } from "./slo-autoscaler-options";
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

/** Flags that change how fast a replica is or how much it holds. The figures of a capacity profile are without them. */
const profiledFlags: ReadonlySet<string> = new Set([
  "gpu-memory-utilization",
  "kv-cache-dtype",
  "max-num-batched-tokens",
  "quantization",
  "q",
  "speculative-config",
  "tensor-parallel-size",
  "tp",
]);

const bucketsFlag = "custom-histogram-buckets";

/** As vLLM takes them: positive, ascending (vllm-project/vllm, `docs/usage/metrics.md`). It knows the families. */
const bucketsSchema = z.record(
  z.string(),
  z
    .array(z.number().positive())
    .min(1)
    .refine((edges) => edges.every((edge, i) => edge > (edges[i - 1] ?? 0))),
);

/** Flags among the further arguments that are not the user's to set. Values are never repeated. */
export function extraArgumentsProblems(path: string, args: readonly string[] | undefined): Problem[] {
  return (args ?? []).flatMap((arg, index) => {
    const flag = flagOf(arg);
    const instead = flag === undefined ? undefined : managedFlags.get(flag.name);
    return instead === undefined ? [] : [{ path: `${path}[${index}]`, message: `is ${flag?.written}: ${instead}.` }];
  });
}

/** Buckets among the further arguments that vLLM would not start with, and no guard could count by. */
export function bucketEdgesProblems(
  path: string,
  args: readonly string[] | undefined,
  vllmVersion: string = versions.vllm,
): Problem[] {
  const found = customBuckets(args);
  if (found === undefined) {
    return [];
  }
  const vllm = parseVersion(vllmVersion);
  if (vllm !== undefined && !isAtLeast(vllm, customBucketsSince)) {
    return [
      {
        path: `${path}[${found.index}]`,
        message: `is --${bucketsFlag}, which vLLM ${vllmVersion} does not know and would not start with. Leave it out, or take vLLM ${formatVersion(customBucketsSince)} or newer (vllmVersion).`,
      },
    ];
  }
  return found.buckets !== undefined
    ? []
    : [
        {
          path: `${path}[${found.index}]`,
          message: `is --${bucketsFlag} without what vLLM takes for buckets: seconds above 0, ascending, by family, as JSON after "=" or as the next argument. Write e.g. '--${bucketsFlag}={"inter_token_latency":[0.05,0.075,0.1,0.5]}'.`,
        },
      ];
}

/** Edges of the latency histograms by the further arguments, where they say any. */
export function bucketEdgesOf(args: readonly string[] | undefined): BucketEdges | undefined {
  const buckets = customBuckets(args)?.buckets;
  if (buckets === undefined) {
    return undefined;
  }
  const edges: BucketEdges = {};
  for (const kind of Object.values(LatencyKind)) {
    edges[kind] = buckets[customBucketFamily[kind]];
  }
  return edges;
}

/** What of the further arguments the figures of a capacity profile do not know. */
export function extraArgumentsWarnings<S>({ capacity, extraArgs }: ServedModelOptions<S>): string[] {
  if (capacity?.profile === undefined || capacity.concurrencyPerReplica !== undefined) {
    return [];
  }
  return (extraArgs ?? []).flatMap((arg, index) => {
    const flag = flagOf(arg);
    return flag === undefined || !profiledFlags.has(flag.name)
      ? []
      : [
          `extraArgs[${index}]: the figures of profile ${capacity.profile} are without ${flag.written}, so a replica may carry more or less than the policy counts on. Measure what it carries within slo, and give capacity.concurrencyPerReplica.`,
        ];
  });
}

/** The flag as written and by its name, as vLLM takes `_` for `-`. */
function flagOf(arg: string): { written: string; name: string } | undefined {
  const written = /^--?[^=\s]+/.exec(arg.trim())?.[0];
  return written === undefined ? undefined : { written, name: written.replace(/^--?/, "").replaceAll("_", "-") };
}

/** The last `--custom-histogram-buckets`, which wins, with what it says if that can be read. */
function customBuckets(args: readonly string[] = []) {
  const index = args.findLastIndex((arg) => flagOf(arg)?.name === bucketsFlag);
  const arg = args[index];
  if (arg === undefined) {
    return undefined;
  }
  const equals = arg.indexOf("=");
  return { index, buckets: readBuckets(equals < 0 ? args[index + 1] : arg.slice(equals + 1)) };
}

function readBuckets(text: string | undefined): z.infer<typeof bucketsSchema> | undefined {
  try {
    return bucketsSchema.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}
