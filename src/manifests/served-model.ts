import type { CompiledPolicy, Problem } from "../policy/policy-input";
import type { KubernetesObject, LogicalObject } from "./kubernetes-object";
import { namespace } from "./namespace";
import { fitName, logicalNames, nameProblems, namespaceProblems } from "./naming";
import {
  nfsProblems,
  sizeProblems,
  weightsClaim,
  weightsClaimName,
  weightsVolume,
  weightsVolumeName,
} from "./persistent-volume";
import type { PlatformReference } from "./platform-reference";
import { compileScaledObject, usesBoundToken } from "./scaled-object";
import type { ServedModelOptions } from "./served-model-options";
import type { SloAutoscalerOptions } from "./slo-autoscaler-options";
import { prometheusIdentity, triggerAuthentication, triggerAuthenticationSpec } from "./trigger-authentication";
import { settingsProblems, vllmServerManifests } from "./vllm-server";
import { serverDefaults, type VllmServerOptions } from "./vllm-server-options";

export type ServedModelResult =
  | { ok: true; objects: LogicalObject[]; policy: CompiledPolicy }
  | { ok: false; problems: Problem[] };

/**
 * All objects of a served model in the order they are created in, exactly as the component `ServedModel` creates them.
 */
export function servedModelManifests(
  name: string,
  options: ServedModelOptions,
  platform: PlatformReference,
): ServedModelResult {
  const compiled = compileScaledObject(name, autoscalerOptions(name, options), platform);
  const problems = [
    ...servedModelProblems(name, options),
    ...gpuProblems(options, platform),
    ...(compiled.ok ? [] : compiled.problems),
  ];
  if (!compiled.ok || problems.length > 0) {
    return { ok: false, problems: distinct(problems) };
  }
  const names = logicalNames(name);
  const claimName = claimNameOf(name, options);
  const server = vllmServerManifests(name, serverOptions(name, options, claimName));
  const objects: LogicalObject[] = [
    ...(options.createNamespace === true ? [named(names.namespace, namespace(options.namespace))] : []),
    ...weightsObjects(name, options),
    named(names.server, server.deployment),
    named(names.server, server.service),
    ...(server.podMonitor === undefined ? [] : [named(names.server, server.podMonitor)]),
    ...(usesBoundToken(options) ? accessObjects(name, options, platform) : []),
    named(names.scaledObject, compiled.policy.scaledObject),
  ];
  return { ok: true, objects, policy: compiled.policy };
}

/** Arguments of the model's server. `claim` is the claim that holds the weights. */
export function serverOptions<S>(
  name: string,
  options: ServedModelOptions<S>,
  claim: S,
): VllmServerOptions<S | string> {
  return {
    ...options,
    namespace: options.namespace,
    servedModelName: options.servedModelName ?? name,
    weightsClaim: claim,
    weightsSubPath: options.weights.subPath,
    capacityProfileId: options.capacity.profile,
    meanPromptTokens: options.capacity.promptTokens,
    meanOutputTokens: options.capacity.outputTokens,
  };
}

/** Arguments of the model's autoscaler. */
export function autoscalerOptions<S>(name: string, options: ServedModelOptions<S>): SloAutoscalerOptions {
  return {
    ...options,
    capacity: {
      ...options.capacity,
      gpusPerReplica: options.capacity.gpusPerReplica ?? options.gpus ?? serverDefaults.gpus,
    },
    namespace: options.namespace,
    scaleTargetRef: { name: fitName(name), kind: "Deployment", apiVersion: "apps/v1" },
    metrics: { modelName: options.servedModelName ?? name },
  };
}

/** Everything wrong with a model's arguments except its policy, as far as they are known. */
export function servedModelProblems<S>(name: string, options: ServedModelOptions<S>): Problem[] {
  return [
    ...nameProblems("name", name),
    ...namespaceProblems("namespace", options.namespace),
    ...weightsProblems(options),
    ...settingsProblems(options),
  ];
}

/** Whether the platform has the GPUs the model asks for: its pods would stay Pending for good. */
export function gpuProblems<S>(options: ServedModelOptions<S>, platform: PlatformReference): Problem[] {
  const product = options.gpuProduct ?? serverDefaults.gpuProduct;
  if (platform.gpuProducts.length === 0 || platform.gpuProducts.includes(product)) {
    return [];
  }
  return [
    {
      path: "gpuProduct",
      message: `is "${product}", but the platform's nodes have ${platform.gpuProducts.join(", ")}. Take one of these, or add it to the platform's gpus.products.`,
    },
  ];
}

function weightsProblems<S>(options: ServedModelOptions<S>): Problem[] {
  const { nfs, existingClaim } = options.weights;
  if ((nfs === undefined) === (existingClaim === undefined)) {
    return [
      {
        path: "weights",
        message:
          nfs === undefined
            ? "says neither nfs nor existingClaim; give the one that holds the weights."
            : "says both nfs and existingClaim; keep the one that holds the weights.",
      },
    ];
  }
  return nfs === undefined
    ? []
    : [...nfsProblems("weights.nfs", nfs), ...sizeProblems("weights.size", options.weights.size)];
}

function claimNameOf(name: string, options: ServedModelOptions): string {
  const { nfs, existingClaim, size } = options.weights;
  return nfs === undefined ? (existingClaim ?? "") : weightsClaimName(name, nfs.server, nfs.path, size);
}

function weightsObjects(name: string, options: ServedModelOptions): LogicalObject[] {
  const { nfs, size } = options.weights;
  if (nfs === undefined) {
    return [];
  }
  const claimName = claimNameOf(name, options);
  const volume = {
    instance: name,
    namespace: options.namespace,
    claimName,
    volumeName: weightsVolumeName(options.namespace, claimName),
    nfs,
    size,
  };
  const { weights } = logicalNames(name);
  return [named(weights, weightsVolume(volume)), named(weights, weightsClaim(volume))];
}

function accessObjects(name: string, options: ServedModelOptions, platform: PlatformReference): LogicalObject[] {
  const target = { name, namespace: options.namespace };
  const keda = { namespace: platform.kedaNamespace, name: platform.kedaServiceAccount };
  const identity = prometheusIdentity(target, keda);
  const authentication = { ...triggerAuthentication(target), spec: triggerAuthenticationSpec(name, platform) };
  const names = logicalNames(name);
  return [
    named(names.prometheusAccess, identity.serviceAccount),
    named(names.metricsReader, identity.readerRole),
    named(names.metricsReader, identity.readerBinding),
    named(names.tokenIssuer, identity.tokenRole),
    named(names.tokenIssuer, identity.tokenBinding),
    named(names.prometheusAccess, authentication),
  ];
}

function named(logicalName: string, object: KubernetesObject): LogicalObject {
  return { logicalName, object };
}

/** Model, server and autoscaler check some of the same fields. */
function distinct(problems: Problem[]): Problem[] {
  const seen = new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem]));
  return [...seen.values()];
}
