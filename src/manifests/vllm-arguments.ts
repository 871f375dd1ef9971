import { isAtLeast, parseVersion, type Version } from "../policy/version";

/** The port of vLLM's API, which is also where it exposes metrics and health. */
export const httpPort = { name: "http", number: 8000 } as const;

/** Where the weights are mounted. */
export const weightsPath = "/mnt/models";

/** First vLLM release that has a feature we use. */
const since = {
  /** vllm-project/vllm pull request 24469. */
  safetensorsLoadStrategy: [0, 11, 0],
  /** vllm-project/vllm pull request 36666. Older releases abort running requests on SIGTERM. */
  shutdownTimeout: [0, 18, 0],
} as const satisfies Record<string, Version>;

export interface VllmArguments {
  vllmVersion: string;
  servedModelName: string;
  gpus: number;
  maxModelLen: number;
  maxNumSeqs: number | undefined;
  longestGenerationSeconds: number;
  /** Whether the weights are on a network volume. */
  readsOverNetwork: boolean;
  extraArgs: string[] | undefined;
}

/** True when vLLM itself lets running requests finish after SIGTERM. */
export function drainsOnSigterm(vllmVersion: string): boolean {
  return has(vllmVersion, since.shutdownTimeout);
}

/** Arguments of `vllm serve`. The model is positional: `--model` is deprecated for that command. */
export function vllmArguments(options: VllmArguments): string[] {
  const args = [
    weightsPath,
    `--served-model-name=${options.servedModelName}`,
    `--port=${httpPort.number}`,
    `--max-model-len=${options.maxModelLen}`,
  ];
  if (options.gpus > 1) {
    args.push(`--tensor-parallel-size=${options.gpus}`);
  }
  if (options.maxNumSeqs !== undefined) {
    args.push(`--max-num-seqs=${options.maxNumSeqs}`);
  }
  if (options.readsOverNetwork && has(options.vllmVersion, since.safetensorsLoadStrategy)) {
    // Memory-mapped safetensors are read in small random pieces, which is slow over a network.
    args.push("--safetensors-load-strategy=eager");
  }
  if (drainsOnSigterm(options.vllmVersion)) {
    args.push(`--shutdown-timeout=${options.longestGenerationSeconds}`);
  }
  return [...args, ...(options.extraArgs ?? [])];
}

function has(vllmVersion: string, bound: Version): boolean {
  const version = parseVersion(vllmVersion);
  return version === undefined || isAtLeast(version, bound);
}
