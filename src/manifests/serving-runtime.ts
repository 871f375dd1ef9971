import { dashboardLabels, runtimeAnnotations } from "./dashboard";
import { declaredAnnotations } from "./declared-annotations";
import { knativePod } from "./knative-pod";
import { Role, standardLabels } from "./labels";
import { modelFormat } from "./model-format";
import { childName, stableHash } from "./naming";
import { vllmPod } from "./vllm-pod";
import type { VllmServerOptions } from "./vllm-server-options";
import { usesKnative } from "./workload";

/** The container that KServe looks for (kserve/kserve, `InferenceServiceContainerName`). */
const containerName = "kserve-container";

/** A namespaced ServingRuntime: how to run vLLM with the weights of one model. */
export function servingRuntime<S>(name: string, runtimeName: S | string, options: VllmServerOptions<S>) {
  return {
    apiVersion: "serving.kserve.io/v1alpha1" as const,
    kind: "ServingRuntime" as const,
    metadata: {
      name: runtimeName,
      namespace: options.namespace,
      labels: { ...standardLabels(name, Role.Server), ...dashboardLabels(options) },
      annotations: { ...declaredAnnotations(options), ...runtimeAnnotations(options) },
    },
    spec: servingRuntimeSpec(options),
  };
}

/** What KServe takes from a runtime: the container, its volumes, and where pods go. The rest of a pod is the InferenceService's. */
export function servingRuntimeSpec<S>(options: VllmServerOptions<S>) {
  const { container, volumes, placement } = usesKnative(options) ? knativePod(options) : vllmPod(options);
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
