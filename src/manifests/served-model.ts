import { capacityProfile } from "../policy";
import type { CompiledPolicy, Problem } from "../policy/policy-input";
import { exposureObjects, exposureProblems } from "./exposure";
import { extraArgumentsWarnings } from "./extra-arguments";
import { sliceProblems, sliceWarnings } from "./gpu-slices";
import { kserveVersionProblems } from "./kserve-release";
import { type LogicalObject, named } from "./kubernetes-object";
import { localModelCache } from "./local-model";
import { monitorOf } from "./model-monitors";
import {
  compileModel,
  knativeRateWarnings,
  knativeTargetProblems,
  objectsBeforeServer,
  policySourceProblems,
  predictorOf,
  scalingObjects,
} from "./model-scaling";
import { modelWeightsManifests, nfsWarnings } from "./model-weights";
import { namespace } from "./namespace";
import { logicalNames, nameProblems } from "./naming";
import { VolumePurpose, weightsClaimName } from "./persistent-volume";
import { modelSupportWarnings } from "./platform/openshift/support";
import { PieceMode } from "./platform/piece";
import type { PlatformReference } from "./platform-reference";
import { makesServiceMonitor } from "./pod-monitor";
import { serverAddress } from "./predictor-scaling";
import { mergeProblems } from "./problems";
import { authenticationProblems, unmonitoredNamespaceProblems } from "./scaled-object";
import { mayHaveNoReplica, scalingProblems, strategyOf } from "./scaling";
import { type Reason, resourceWarnings, scalingReasons } from "./scaling-explanation";
import type { ServedModelOptions } from "./served-model-options";
import { modelGigabytes, modelStartup, weightsMount, weightsWarnings, withStartup } from "./served-weights";
import { transformerScalingProblems } from "./transformer";
import { monitoredTwiceProblems, serverNamespaceProblems, settingsProblems, vllmServerManifests } from "./vllm-server";
import { type PredictorScaling, ServingBackend, serverDefaults, type VllmServerOptions } from "./vllm-server-options";
import { weightsProblems } from "./weights-problems";
import { usesKServe } from "./workload";

export type ServedModelResult =
  | {
      ok: true;
      objects: LogicalObject[];
      policy: CompiledPolicy | undefined;
      /** Why what scales the model is what it is. */
      reasons: Reason[];
      warnings: string[];
    }
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
  const policy = compiled?.ok === true ? compiled.policy : undefined;
  if (problems.length > 0) {
    return { ok: false, problems };
  }
  const names = logicalNames(name);
  const predictor = predictorOf(name, options, policy, serverAddress(platform));
  const server = vllmServerManifests(
    name,
    serverOptions(name, options, {
      claim: claimNameOf(name, options),
      kserveVersion: platform.kserveVersion,
      monitoredBy: monitorOf(platform, name, options),
      predictor,
    }),
  );
  const objects: LogicalObject[] = [
    ...(options.createNamespace === true ? [named(names.namespace, namespace(options.namespace))] : []),
    ...weightsObjects(name, options),
    ...objectsBeforeServer(name, options, platform),
    ...server.map((object) => named(logicalNameOf(names, object), object)),
    ...scalingObjects(name, options, platform, policy),
    ...Object.values(exposureObjects(name, withStartup(options), platform.kedaHttpAddonNamespace)).map((object) =>
      named(names.exposure, object),
    ),
  ];
  const warnings = [
    ...modelSupportWarnings(options, platform.distribution),
    ...modelWarnings(options),
    ...knativeRateWarnings(name, options, platform),
    ...(policy?.warnings ?? []),
  ];
  return { ok: true, objects, policy, reasons: scalingReasons(options, predictor, policy), warnings };
}

/** Of a server's objects. */
function logicalNameOf(names: ReturnType<typeof logicalNames>, { kind }: { kind: string }): string {
  const own: Record<string, string> = { DaemonSet: names.imagePrePull, HorizontalPodAutoscaler: names.transformer };
  return own[kind] ?? names.server;
}

/** What is said of a model that can be served, but not as one may think. */
function modelWarnings(options: ServedModelOptions): string[] {
  const { nfs } = options.weights;
  return [
    ...(nfs === undefined ? [] : nfsWarnings("weights.nfs", nfs)),
    ...weightsWarnings(options),
    ...sliceWarnings(options),
    ...resourceWarnings(options),
    ...extraArgumentsWarnings(options),
  ];
}

/** What a server gets from elsewhere. */
export interface ServerContext<S> {
  /** Claim that holds the weights, if one does. */
  claim: S | undefined;
  kserveVersion: S;
  /** What scrapes its pods already; empty if nothing does. */
  monitoredBy: S;
  predictor: PredictorScaling<S> | undefined;
}

/** Arguments of the model's server. */
export function serverOptions<S>(
  name: string,
  options: ServedModelOptions<S>,
  { claim, kserveVersion, monitoredBy, predictor }: ServerContext<S>,
): VllmServerOptions<S | string> {
  return {
    ...options,
    kserveVersion,
    monitoredBy,
    predictor,
    mayHaveNoReplica: mayHaveNoReplica(options),
    exposedByKServe: options.expose?.kserve !== undefined,
    tokenAuthentication: options.expose?.kserve?.tokenAuthentication,
    namespace: options.namespace,
    servedModelName: options.servedModelName ?? name,
    ...weightsMount(options, claim),
    startup: modelStartup(options),
    capacityProfileId: options.capacity?.profile,
    meanPromptTokens: options.capacity?.promptTokens,
    meanOutputTokens: options.capacity?.outputTokens,
  };
}

/** Everything wrong with a model on a platform, as far as it is known, with the policy that was compiled to find out. */
export function checkServedModel<S>(name: string, options: ServedModelOptions<S>, platform: PlatformReference) {
  const compiled = compileModel(name, options, platform);
  const ours = [
    ...nameProblems("name", name),
    ...serverNamespaceProblems(name, options, options.namespace),
    ...unmonitoredNamespaceProblems(options.namespace, platform),
    ...kserveProblems(options, platform),
    ...weightsProblems(
      options.weights,
      { backend: options.backend, createNamespace: options.createNamespace },
      platform,
    ),
    ...contextProblems(options),
    ...settingsProblems(options),
    ...gpuProblems(options, platform),
    ...scalingProblems(withStartup(options), platform),
    ...transformerScalingProblems(options, options.scaling),
    ...policySourceProblems(options),
    ...knativeTargetProblems(name, options, platform),
    ...exposureProblems(options, platform),
    ...monitoredTwiceProblems(options, monitorOf(platform, name, options)),
    ...monitoredProblems(name, options, platform),
    ...(compiled === undefined ? authenticationProblems(options, platform) : []),
  ];
  const block = `scaling.${strategyOf(options)}`;
  const theirs = compiled?.ok === false ? compiled.problems.map((problem) => ofTheModel(problem, block)) : [];
  return { compiled, problems: mergeProblems(ours, theirs) };
}

/** Fields of the autoscaler that are derived from fields of the model. */
function ofTheModel(problem: Problem, scaling: string): Problem {
  const derived = new Map([
    ["scaleTargetRef.name", "name"],
    ["metrics.modelName", "servedModelName"],
    ["capacity.gpusPerReplica", "gpus"],
    ["zero", scaling],
    ["zero.cooldownSeconds", `${scaling}.cooldownSeconds`],
    ["zero.acceptColdStart", `${scaling}.acceptColdStart`],
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

/** Whether platform, model and capacity profile agree on the GPU. On a GPU no node has, the pods would stay Pending for good. */
function gpuProblems<S>(options: ServedModelOptions<S>, platform: PlatformReference): Problem[] {
  const product = options.gpuProduct ?? serverDefaults.gpuProduct;
  const profile = options.capacity?.profile === undefined ? undefined : capacityProfile(options.capacity.profile);
  const problems: Problem[] = [];
  const gpus = options.gpus ?? serverDefaults.gpus;
  if (options.capacity?.gpusPerReplica !== undefined && options.capacity.gpusPerReplica !== gpus) {
    problems.push({
      path: "capacity.gpusPerReplica",
      message: `is ${options.capacity.gpusPerReplica}, but a replica has ${gpus} (gpus). Leave it out.`,
    });
  }
  if (gpus === 0) {
    return problems;
  }
  const ofSlices = sliceProblems(product, gpus, options);
  problems.push(...ofSlices);
  if (ofSlices.length === 0 && platform.gpuProducts.length > 0 && !platform.gpuProducts.includes(product)) {
    problems.push({
      path: "gpuProduct",
      message: `is "${product}", but the platform's nodes have ${platform.gpuProducts.join(", ")}. Take one of these, or add it to the platform's gpus.products.`,
    });
  }
  const most = options.replicas.max * gpus;
  if (platform.gpuBudget !== undefined && most > platform.gpuBudget) {
    problems.push({
      path: "replicas.max",
      message: `is ${options.replicas.max}, which at ${gpus} ${gpus === 1 ? "GPU" : "GPUs"} a replica is ${most} GPUs, above the ${platform.gpuBudget} that all models may use together (the platform's gpus.budget). ${gpus > platform.gpuBudget ? `One replica alone needs ${gpus}: raise that.` : `Set it to at most ${Math.floor(platform.gpuBudget / gpus)}, or raise that.`}`,
    });
  }
  if (ofSlices.length === 0 && profile !== undefined && profile.gpuProduct !== product) {
    problems.push({
      path: "capacity.profile",
      message: `is "${profile.id}", which is for ${profile.gpuProduct}, but the model runs on ${product}. Take a profile of that GPU, or give capacity.concurrencyPerReplica as measured.`,
    });
  }
  return problems;
}

/** A ServiceMonitor that would find nothing. */
function monitoredProblems<S>(name: string, options: ServedModelOptions<S>, platform: PlatformReference): Problem[] {
  return makesServiceMonitor(options) &&
    options.scaling?.knative !== undefined &&
    monitorOf(platform, name, options) === ""
    ? [
        {
          path: "serviceMonitor",
          message: "needs a Service of ours, which there is none of with scaling.knative. Write false.",
        },
      ]
    : [];
}

/** vLLM refuses a request that does not fit: a load whose mean does not cannot be served. */
function contextProblems<S>({ capacity, maxModelLen }: ServedModelOptions<S>): Problem[] {
  const tokens = (capacity?.promptTokens ?? 0) + (capacity?.outputTokens ?? 0);
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
  const { namespace, weights, imagePullSecrets } = options;
  const { nfs, localModel, size } = weights;
  if (localModel !== undefined) {
    return [named(logicalNames(name).localModel, localModelCache(name, namespace, localModel, size))];
  }
  return nfs === undefined
    ? []
    : modelWeightsManifests(name, {
        ...weights,
        namespace,
        nfs,
        modelGigabytes: modelGigabytes(options),
        imagePullSecrets,
      });
}
