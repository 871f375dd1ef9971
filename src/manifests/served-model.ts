import { capacityProfile } from "../policy";
import type { CompiledPolicy, Problem } from "../policy/policy-input";
import { kserveVersionProblems } from "./kserve-release";
import { type LogicalObject, named } from "./kubernetes-object";
import { localModelCache } from "./local-model";
import { modelWeightsManifests, nfsWarnings } from "./model-weights";
import { namespace } from "./namespace";
import { logicalNames, nameProblems } from "./naming";
import { VolumePurpose, weightsClaimName } from "./persistent-volume";
import { sharedProductProblems } from "./platform/gpu-operator";
import { PieceMode } from "./platform/piece";
import { type PlatformReference, PrometheusAuthentication } from "./platform-reference";
import { mergeProblems } from "./problems";
import { compileScaledObject, makesTriggerAuthentication } from "./scaled-object";
import type { ServedModelOptions } from "./served-model-options";
import { modelGigabytes, modelStartup, weightsMount, weightsWarnings } from "./served-weights";
import type { SloAutoscalerOptions } from "./slo-autoscaler-options";
import {
  prometheusIdentity,
  tokenIssuing,
  triggerAuthentication,
  triggerAuthenticationSpec,
} from "./trigger-authentication";
import { serverNamespaceProblems, settingsProblems, vllmServerManifests } from "./vllm-server";
import { ServingBackend, serverDefaults, type VllmServerOptions } from "./vllm-server-options";
import { weightsProblems } from "./weights-problems";
import { usesKServe, workload } from "./workload";

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
  const { compiled, problems } = checkServedModel(name, options, platform);
  if (!compiled.ok || problems.length > 0) {
    return { ok: false, problems };
  }
  const names = logicalNames(name);
  const claimName = claimNameOf(name, options);
  const server = vllmServerManifests(name, serverOptions(name, options, claimName, platform.kserveVersion));
  const objects: LogicalObject[] = [
    ...(options.createNamespace === true ? [named(names.namespace, namespace(options.namespace))] : []),
    ...weightsObjects(name, options),
    ...server.map((object) => named(object.kind === "DaemonSet" ? names.imagePrePull : names.server, object)),
    ...(makesTriggerAuthentication(options) ? accessObjects(name, options, platform) : []),
    named(names.scaledObject, compiled.policy.scaledObject),
  ];
  const { policy } = compiled;
  const { nfs } = options.weights;
  const warnings = [...(nfs === undefined ? [] : nfsWarnings("weights.nfs", nfs)), ...weightsWarnings(options)];
  return { ok: true, objects, policy: { ...policy, warnings: [...warnings, ...policy.warnings] } };
}

/** Arguments of the model's server. `claim` is the claim that holds the weights, if one does. */
export function serverOptions<S>(
  name: string,
  options: ServedModelOptions<S>,
  claim: S | undefined,
  kserveVersion: S,
): VllmServerOptions<S | string> {
  return {
    ...options,
    kserveVersion,
    namespace: options.namespace,
    servedModelName: options.servedModelName ?? name,
    ...weightsMount(options, claim),
    startup: modelStartup(options),
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
      gpusPerReplica: options.gpus ?? serverDefaults.gpus,
    },
    startup: modelStartup(options),
    namespace: options.namespace,
    scaleTargetRef: { name: workload(name, options.backend).deploymentName, kind: "Deployment", apiVersion: "apps/v1" },
    metrics: { modelName: options.servedModelName ?? name },
  };
}

/** Everything wrong with a model on a platform, as far as it is known, with the policy that was compiled to find out. */
export function checkServedModel<S>(name: string, options: ServedModelOptions<S>, platform: PlatformReference) {
  const compiled = compileScaledObject(name, autoscalerOptions(name, options), platform);
  const ours = [
    ...nameProblems("name", name),
    ...serverNamespaceProblems(name, options, options.namespace),
    ...kserveProblems(options, platform),
    ...weightsProblems(
      options.weights,
      { backend: options.backend, createNamespace: options.createNamespace },
      platform,
    ),
    ...contextProblems(options),
    ...settingsProblems(options),
    ...gpuProblems(options, platform),
    ...monitorProblems(options, platform),
  ];
  return { compiled, problems: mergeProblems(ours, compiled.ok ? [] : compiled.problems.map(ofTheModel)) };
}

/** Fields of the autoscaler that are derived from fields of the model. */
function ofTheModel(problem: Problem): Problem {
  const derived = new Map([
    ["scaleTargetRef.name", "name"],
    ["metrics.modelName", "servedModelName"],
    ["capacity.gpusPerReplica", "gpus"],
  ]);
  return { ...problem, path: derived.get(problem.path) ?? problem.path };
}

/** Whether what makes the pods is on the platform. Without KServe nobody would read the InferenceService. */
function kserveProblems<S>(options: ServedModelOptions<S>, platform: PlatformReference): Problem[] {
  if (!usesKServe(options)) {
    return [];
  }
  return platform.modes.kserve === PieceMode.None
    ? [
        {
          path: "backend",
          message: `is "${ServingBackend.KServe}", but the platform has no KServe (its kserve.mode is "${PieceMode.None}"). Take "${ServingBackend.Deployment}", or install KServe.`,
        },
      ]
    : kserveVersionProblems("platform.kserveVersion", platform.kserveVersion);
}

/** Two monitors over the same pods double every sum. */
function monitorProblems<S>(
  { podMonitor }: ServedModelOptions<S>,
  { clusterPodMonitor }: PlatformReference,
): Problem[] {
  return clusterPodMonitor === undefined || podMonitor === false
    ? []
    : [
        {
          path: "podMonitor",
          message: `is on, but PodMonitor ${clusterPodMonitor} already scrapes the models of every namespace, so all sums would double. Set it to false.`,
        },
      ];
}

/** Whether platform, model and capacity profile agree on the GPU. On a GPU no node has, the pods would stay Pending for good. */
function gpuProblems<S>(options: ServedModelOptions<S>, platform: PlatformReference): Problem[] {
  const product = options.gpuProduct ?? serverDefaults.gpuProduct;
  const profile = options.capacity.profile === undefined ? undefined : capacityProfile(options.capacity.profile);
  const shared = sharedProductProblems("gpuProduct", product);
  const problems: Problem[] = [...shared];
  const gpus = options.gpus ?? serverDefaults.gpus;
  if (options.capacity.gpusPerReplica !== undefined && options.capacity.gpusPerReplica !== gpus) {
    problems.push({
      path: "capacity.gpusPerReplica",
      message: `is ${options.capacity.gpusPerReplica}, but a replica has ${gpus} (gpus). Leave it out.`,
    });
  }
  if (shared.length === 0 && platform.gpuProducts.length > 0 && !platform.gpuProducts.includes(product)) {
    problems.push({
      path: "gpuProduct",
      message: `is "${product}", but the platform's nodes have ${platform.gpuProducts.join(", ")}. Take one of these, or add it to the platform's gpus.products.`,
    });
  }
  const most = options.replicas.max * gpus;
  if (platform.gpuBudget !== undefined && most > platform.gpuBudget) {
    problems.push({
      path: "replicas.max",
      message: `is ${options.replicas.max}, which at ${gpus} GPUs a replica is ${most} GPUs, above the ${platform.gpuBudget} that all models may use together (the platform's gpus.budget). Set it to at most ${Math.floor(platform.gpuBudget / gpus)}, or raise that.`,
    });
  }
  if (profile !== undefined && profile.gpuProduct !== product) {
    problems.push({
      path: "capacity.profile",
      message: `is "${profile.id}", which is for ${profile.gpuProduct}, but the model runs on ${product}. Take a profile of that GPU, or give capacity.concurrencyPerReplica as measured.`,
    });
  }
  return problems;
}

/** vLLM refuses a request that does not fit: a load whose mean does not cannot be served. */
function contextProblems<S>({ capacity, maxModelLen }: ServedModelOptions<S>): Problem[] {
  const tokens = (capacity.promptTokens ?? 0) + (capacity.outputTokens ?? 0);
  const most = maxModelLen ?? serverDefaults.maxModelLen;
  return tokens > most
    ? [
        {
          path: "maxModelLen",
          message: `is ${most}, but a mean request has ${tokens} tokens (capacity.promptTokens plus capacity.outputTokens). Raise it, or lower these.`,
        },
      ]
    : [];
}

/** The claim that holds the weights, if one does. */
function claimNameOf(name: string, { weights }: ServedModelOptions): string | undefined {
  const { nfs, existingClaim, size } = weights;
  return nfs === undefined
    ? existingClaim
    : weightsClaimName(name, VolumePurpose.Serving, { server: nfs.server, path: nfs.path, size, driver: nfs.driver });
}

function weightsObjects(name: string, options: ServedModelOptions): LogicalObject[] {
  const { namespace, weights } = options;
  const { nfs, localModel, size } = weights;
  if (localModel !== undefined) {
    return [named(logicalNames(name).localModel, localModelCache(name, namespace, localModel, size))];
  }
  return nfs === undefined
    ? []
    : modelWeightsManifests(name, { ...weights, namespace, nfs, modelGigabytes: modelGigabytes(options) });
}

function accessObjects(name: string, options: ServedModelOptions, platform: PlatformReference): LogicalObject[] {
  const target = { name, namespace: options.namespace };
  const keda = { namespace: platform.kedaNamespace, name: platform.kedaServiceAccount };
  const identity = prometheusIdentity(target);
  const issuing = tokenIssuing(target, keda);
  const authentication = { ...triggerAuthentication(target), spec: triggerAuthenticationSpec(name, platform) };
  const names = logicalNames(name);
  const token =
    options.prometheusAuthentication === PrometheusAuthentication.ServiceAccountTokenSecret
      ? [named(names.tokenSecret, identity.tokenSecret)]
      : [named(names.tokenIssuer, issuing.role), named(names.tokenIssuer, issuing.binding)];
  return [
    named(names.prometheusAccess, identity.serviceAccount),
    named(names.metricsReader, identity.readerRole),
    named(names.metricsReader, identity.readerBinding),
    ...token,
    named(names.prometheusAccess, authentication),
  ];
}
