import { declaredAnnotations } from "./declared-annotations";
import { Role, standardLabels } from "./labels";
import { childName, stableHash } from "./naming";
import { vllmPod } from "./vllm-pod";
import type { VllmServerOptions } from "./vllm-server-options";

/** The container that KServe looks for (kserve/kserve, `InferenceServiceContainerName`). */
const containerName = "kserve-container";

/**
 * Format of the weights. By this name alone KServe lets a model come without a `storageUri`; any other without one is taken for
 * a server of many models, and gets an agent and an empty `/mnt/models` (kserve/kserve, `IsMMSPredictor`).
 */
export const modelFormat = "huggingface";

/** A namespaced ServingRuntime: how to run vLLM with the weights of one model. */
export function servingRuntime<S>(name: string, runtimeName: S | string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "serving.kserve.io/v1alpha1" as const,
    kind: "ServingRuntime" as const,
    metadata: {
      name: runtimeName,
      namespace: options.namespace,
      labels: standardLabels(name, Role.Server),
      annotations: declaredAnnotations(options),
    },
    spec: servingRuntimeSpec(options),
  };
}

/** What KServe takes from a runtime: the container, its volumes, and where pods go. The rest of a pod is the InferenceService's. */
export function servingRuntimeSpec<S>(options: VllmServerOptions<S>) {
  const { container, volumes, placement } = vllmPod(options);
  return {
    supportedModelFormats: [{ name: modelFormat, autoSelect: false }],
    multiModel: false,
    containers: [{ name: containerName, ...container, args: container.args.map(asLiteral) }],
    volumes,
    ...placement,
  };
}

/**
 * Name of a runtime, by what is in it. A change makes another runtime, and the InferenceService that names it is what rolls the
 * pods: once, on every release. Changed in place, KServe 0.15 would not notice, and 0.20 would roll once for the runtime and
 * once for the InferenceService.
 */
export function servingRuntimeName(name: string, spec: object): string {
  return childName(name, stableHash(JSON.stringify(spec)));
}

/** KServe reads the container as a Go template (`ReplacePlaceholders`), so braces of an argument's own are quoted. */
function asLiteral(argument: string): string {
  return argument.replaceAll("{{", "{{`{{`}}");
}
