import { servingRuntimeAnnotation } from "./annotations";
import type { KServeRelease } from "./kserve-release";
import { Role, standardLabels } from "./labels";
import { inferenceServiceName } from "./naming";
import { rolloutStrategy } from "./rollout";
import { modelFormat } from "./serving-runtime";
import { vllmPod } from "./vllm-pod";
import type { VllmServerOptions } from "./vllm-server-options";
import { storageAnnotations, storageFields } from "./weights-mount";

/** What is only known with the runtime and the cluster's KServe. */
export interface InferenceServiceContext<S> {
  runtimeName: S | string;
  deploymentMode: S | string;
  /** Value of `pulumi.com/waitFor`. */
  waitFor: S | string;
}

/** `pulumi.com/waitFor` of an InferenceService. */
export function waitForAnnotation({ readiness }: KServeRelease): string {
  return JSON.stringify(readiness);
}

/**
 * An InferenceService of the runtime. Of class `external`, KServe makes no autoscaler and leaves the Deployment's replicas alone;
 * so it says nothing about them here either.
 *
 * Weights on a claim are a volume of the runtime and not a `storageUri`: `pvc://` would mount the same claim at the same place, but
 * without `readOnly` on the volume.
 */
export function inferenceService<S>(
  name: string,
  { runtimeName, deploymentMode, waitFor }: InferenceServiceContext<S>,
  options: VllmServerOptions<S>,
) {
  return {
    apiVersion: "serving.kserve.io/v1beta1" as const,
    kind: "InferenceService" as const,
    metadata: {
      name: inferenceServiceName(name),
      namespace: options.namespace,
      labels: {
        ...standardLabels(name, Role.Server),
        // Otherwise KServe makes an Ingress for it, and whoever reaches that may use the GPUs.
        "networking.kserve.io/visibility": "cluster-local",
      },
      // KServe copies these to the pods, so what changes here restarts them.
      annotations: {
        "serving.kserve.io/deploymentMode": deploymentMode,
        "serving.kserve.io/autoscalerClass": "external",
        ...storageAnnotations(options.kserveStorage),
        "pulumi.com/waitFor": waitFor,
      },
    },
    spec: {
      predictor: {
        annotations: { [servingRuntimeAnnotation]: runtimeName },
        model: { modelFormat: { name: modelFormat }, runtime: runtimeName, ...storageFields(options.kserveStorage) },
        deploymentStrategy: rolloutStrategy,
        ...vllmPod(options).settings,
        ...serviceAccount(options),
      },
    },
  };
}

/** Whose Secrets KServe takes for the credentials of the weights. */
function serviceAccount<S>({ kserveStorage }: VllmServerOptions<S>) {
  const name = kserveStorage?.serviceAccountName;
  return name === undefined ? {} : { serviceAccountName: name };
}
