import { autoscalerClassAnnotation, servingRuntimeAnnotation } from "./annotations";
import { dashboardAnnotations, dashboardLabels } from "./dashboard";
import { predictorOfRuntime } from "./existing-runtime";
import { knativePod } from "./knative-pod";
import { accepted, type KServeRelease } from "./kserve-release";
import { Role, standardLabels } from "./labels";
import { modelFormat } from "./model-format";
import { inferenceServiceName } from "./naming";
import { knativeClass } from "./predictor-scaling";
import { rolloutStrategy } from "./rollout";
import { waitSeconds } from "./timeouts";
import { transformerSpec } from "./transformer";
import { vllmPod } from "./vllm-pod";
import {
  PredictorClass,
  type PredictorScaling,
  type PredictorTrigger,
  type VllmServerOptions,
} from "./vllm-server-options";
import { storageAnnotations, storageFields } from "./weights-mount";
import { usesKnative } from "./workload";

/** What is only known with the runtime and the cluster's KServe. */
export interface InferenceServiceContext<S> {
  runtimeName: S | string;
  deploymentMode: S | string;
  /** Value of `pulumi.com/waitFor`. */
  waitFor: S | string;
  /** Where the weights are, for a runtime that somebody else made. */
  storageUri: S | string;
}

/** Of a server's options, what decides when its InferenceService is ready. */
type Readiness = Pick<VllmServerOptions<unknown>, "mayHaveNoReplica" | "predictor">;

/** `pulumi.com/waitFor` of an InferenceService. Where there may be no replica, nothing waits for one. */
export function waitForAnnotation({ readiness }: KServeRelease, options: Readiness): string {
  return JSON.stringify(options.mayHaveNoReplica === true || usesKnative(options) ? [accepted] : readiness);
}

/** How a KServe release calls the mode a server is deployed in. */
export function deploymentModeOf(release: KServeRelease, options: Readiness): string {
  return usesKnative(options) ? release.knativeMode : release.deploymentMode;
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
  { runtimeName, deploymentMode, waitFor, storageUri }: InferenceServiceContext<S>,
  options: VllmServerOptions<S>,
) {
  const { predictor } = options;
  return {
    apiVersion: "serving.kserve.io/v1beta1" as const,
    kind: "InferenceService" as const,
    metadata: {
      name: inferenceServiceName(name),
      namespace: options.namespace,
      labels: {
        ...standardLabels(name, Role.Server),
        // Otherwise KServe makes an Ingress for it, and whoever reaches that may use the GPUs. OpenShift AI asks for the other value.
        "networking.kserve.io/visibility": options.exposedByKServe === true ? "exposed" : "cluster-local",
        ...dashboardLabels(options),
      },
      // KServe copies these to the pods, so what changes here restarts them.
      annotations: {
        "serving.kserve.io/deploymentMode": deploymentMode,
        // KServe's webhook looks for Knative's class here, not among the predictor's annotations.
        ...(predictor?.class === PredictorClass.Knative
          ? { "autoscaling.knative.dev/class": knativeClass(predictor.scaleMetric) }
          : { [autoscalerClassAnnotation]: predictor?.class ?? "external" }),
        ...storageAnnotations(options.kserveStorage),
        ...(options.exposedByKServe === true ? exposedAnnotations(options) : {}),
        ...dashboardAnnotations(options),
        "pulumi.com/waitFor": waitFor,
      },
    },
    spec: {
      predictor: {
        annotations: { ...predictor?.annotations, [servingRuntimeAnnotation]: runtimeName },
        ...(predictor === undefined ? {} : scaling(options.namespace, predictor)),
        ...(options.runtime === undefined
          ? {
              model: {
                modelFormat: { name: modelFormat },
                runtime: runtimeName,
                ...storageFields(options.kserveStorage),
              },
            }
          : predictorOfRuntime(options.runtime, storageUri, options)),
        // Knative replaces pods by revisions, and KServe refuses it there.
        ...(usesKnative(options) ? {} : { deploymentStrategy: rolloutStrategy(options) }),
        ...(usesKnative(options) ? knativePod(options) : vllmPod(options)).settings,
        ...serviceAccount(options),
      },
      ...(options.transformer === undefined ? {} : { transformer: transformerSpec(options.transformer, options) }),
    },
  };
}

/** Whose Secrets KServe takes for the credentials of the weights. */
function serviceAccount<S>({ kserveStorage }: VllmServerOptions<S>) {
  const name = kserveStorage?.serviceAccountName;
  return name === undefined ? {} : { serviceAccountName: name };
}

/** For the controller of OpenShift AI, which makes the Route. */
function exposedAnnotations<S>(options: VllmServerOptions<S>) {
  return {
    "security.opendatahub.io/enable-auth": String(options.tokenAuthentication === true),
    "haproxy.router.openshift.io/timeout": `${waitSeconds(options, options.mayHaveNoReplica === true, 1)}s`,
  };
}

function scaling<S>(namespace: S, predictor: PredictorScaling<S>) {
  const { minReplicas, maxReplicas, scaleMetric, scaleTarget, containerConcurrency, timeoutSeconds } = predictor;
  const { triggers, scaleDownWindowSeconds } = predictor;
  return {
    minReplicas,
    maxReplicas,
    ...(scaleMetric === undefined ? {} : { scaleMetric }),
    ...(scaleTarget === undefined ? {} : { scaleTarget }),
    ...(containerConcurrency === undefined ? {} : { containerConcurrency }),
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
    ...(triggers === undefined ? {} : { autoScaling: autoScaling(namespace, triggers, scaleDownWindowSeconds) }),
  };
}

/**
 * KServe writes a trigger for each, of type `AverageValue` whatever `type` says (kserve/kserve, issue 6169). Its webhook wants a
 * further field with any other type than `Value`. Of the behaviour it takes the windows alone. A Prometheus that is no tenancy
 * proxy does not look at the namespace.
 */
function autoScaling<S>(namespace: S, triggers: PredictorTrigger<S>[], scaleDownWindowSeconds: number | undefined) {
  return {
    metrics: triggers.map(({ query, threshold, serverAddress, authenticationName, authenticationMode = "bearer" }) => ({
      type: "External",
      external: {
        metric: { backend: "prometheus", serverAddress, query, namespace },
        target: { type: "Value", value: threshold },
        ...(authenticationName === undefined
          ? {}
          : { authenticationRef: { authModes: authenticationMode, authenticationRef: { name: authenticationName } } }),
      },
    })),
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 0 },
      ...(scaleDownWindowSeconds === undefined
        ? {}
        : { scaleDown: { stabilizationWindowSeconds: scaleDownWindowSeconds } }),
    },
  };
}
