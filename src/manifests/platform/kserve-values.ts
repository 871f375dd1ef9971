import { isAtLeast, parseVersion, type Version } from "../../policy/version";
import { versions } from "../../versions";
import type { HelmValues } from "./helm-values";

/**
 * KServe's ready-made ClusterServingRuntimes that can be chosen, by their name in the chart, with the first KServe that has them. Not
 * `huggingfaceserver_multinode`: the chart ignores its `disabled`, so it is there whenever another one is.
 */
const runtimes = {
  autogluonserver: [0, 20, 0],
  huggingfaceserver: [0, 17, 0],
  lgbserver: [0, 17, 0],
  mlserver: [0, 17, 0],
  paddleserver: [0, 17, 0],
  pmmlserver: [0, 17, 0],
  predictiveserver: [0, 17, 0],
  sklearnserver: [0, 17, 0],
  tensorflow: [0, 17, 0],
  torchserve: [0, 17, 0],
  tritonserver: [0, 17, 0],
  vllmserver: [0, 20, 0],
  xgbserver: [0, 17, 0],
} as const satisfies Record<string, Version>;

/** Names of the runtimes that a release of KServe brings. */
export function kserveRuntimes(version: string): string[] {
  const parsed = parseVersion(version);
  return Object.entries(runtimes).flatMap(([name, since]) =>
    parsed !== undefined && isAtLeast(parsed, since) ? [name] : [],
  );
}

/** Values of the chart `kserve-resources` (kserve/kserve, `charts/kserve-resources/values.yaml`). */
export function kserveValues(): HelmValues {
  return {
    kserve: {
      controller: {
        // The chart's is Knative, which then is needed.
        deploymentMode: "Standard",
        gateway: {
          // It would make an Ingress of class istio for every model.
          disableIngressCreation: true,
          // Else each model gets a warning that Istio is missing.
          disableIstioVirtualHost: true,
        },
      },
    },
  };
}

/** Values of the chart `kserve-runtime-configs` for just these runtimes (kserve/kserve, `charts/kserve-runtime-configs/values.yaml`). */
export function kserveRuntimeValues(version: string, wanted: readonly string[]): HelmValues {
  const each = kserveRuntimes(version).map((name): [string, HelmValues] => [
    name,
    wanted.includes(name) ? wantedRuntime(name) : { disabled: true },
  ]);
  return { kserve: { servingruntime: { enabled: true, ...Object.fromEntries(each) } } };
}

/** The chart's image of vLLM is `latest`, which changes by itself. */
function wantedRuntime(name: string): HelmValues {
  return name === "vllmserver" ? { disabled: false, tag: `v${versions.vllm}` } : { disabled: false };
}
