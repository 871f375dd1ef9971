import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { exposureObjects } from "../../manifests/exposure";
import { extraArgumentsWarnings } from "../../manifests/extra-arguments";
import { sliceWarnings } from "../../manifests/gpu-slices";
import { horizontalPodAutoscaler } from "../../manifests/horizontal-pod-autoscaler";
import { httpRoute, interceptorHost, wakeService } from "../../manifests/http-activation";
import { localModelCache } from "../../manifests/local-model";
import { monitorOf } from "../../manifests/model-monitors";
import {
  autoscalerOptions,
  httpActivation,
  knativeRateWarnings,
  makesAccessForKServe,
  makesHpa,
  makesScaledObject,
  predictorOf,
} from "../../manifests/model-scaling";
import { clusterUrl, externalUrl } from "../../manifests/model-url";
import { namespace } from "../../manifests/namespace";
import { logicalNames } from "../../manifests/naming";
import { modelSupportWarnings } from "../../manifests/platform/openshift/support";
import { Distribution } from "../../manifests/platform/piece";
import type { PlatformReference } from "../../manifests/platform-reference";
import { serverAddress } from "../../manifests/predictor-scaling";
import { assumedPlatform } from "../../manifests/scaled-object";
import { Strategy, strategyOf } from "../../manifests/scaling";
import { hpaReasons, predictorReasons, reasonLine, resourceWarnings } from "../../manifests/scaling-explanation";
import { checkServedModel, serverOptions } from "../../manifests/served-model";
import { modelGigabytes, weightsWarnings, withStartup } from "../../manifests/served-weights";
import { workload } from "../../manifests/workload";
import type { CompiledPolicy, Problem } from "../../policy/policy-input";
import { invalidArguments, isPlain, refuse } from "../arguments";
import { childOptions } from "../child-options";
import { makePrometheusAccess, sloAutoscalerType } from "../scaling/prometheus-access";
import { SloAutoscaler } from "../scaling/slo-autoscaler";
import { ModelWeights } from "../storage/model-weights";
import type { ServedModelArgs } from "./served-model-args";
import { VllmServer } from "./vllm-server";

/**
 * A model that serves and scales: weights, vLLM behind a Service, and what scales it, by its SLO unless `scaling` says otherwise.
 * Objects are named after the component.
 */
export class ServedModel extends pulumi.ComponentResource {
  /** Namespace of all its objects. What is made from it waits for the namespace, where the model makes that. */
  readonly namespace: pulumi.Output<string>;
  /** Base URL inside the cluster, without the `/v1`. */
  readonly url: pulumi.Output<string>;
  /** Base URL for clients outside of it, without the `/v1`. Empty without `expose`, and with `expose.kserve`, where KServe names the host. */
  readonly externalUrl: pulumi.Output<string>;
  /** Name to ask for. */
  readonly servedModelName: pulumi.Output<string>;
  /** With Knative the name of its Service, which has a Deployment for each revision. */
  readonly deploymentName: pulumi.Output<string>;
  /** Empty where no ScaledObject scales it. */
  readonly scaledObjectName: pulumi.Output<string>;
  /** Why each field of the scaling policy is what it is, a line each. */
  readonly explanation: pulumi.Output<string[]>;

  constructor(name: string, args: ServedModelArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("ServedModel", name, problemsOf(name, args));
    super("vllm-serving:index:ServedModel", name, {}, opts);

    const warnings = [
      ...weightsWarnings(args),
      ...sliceWarnings(args),
      ...resourceWarnings(args),
      ...extraArgumentsWarnings(args),
      ...knativeRateWarnings(name, args, knownPlatform(args)),
    ];
    for (const warning of warnings) {
      void pulumi.log.warn(warning, this);
    }
    const created =
      args.createNamespace === true
        ? [new k8s.core.v1.Namespace(logicalNames(name).namespace, namespace(args.namespace), childOptions(this, opts))]
        : [];
    const inNamespace = childOptions(this, opts, { dependsOn: created });
    const platform = accepted(name, args);
    pulumi.output(platform).apply(({ distribution }) => {
      for (const warning of modelSupportWarnings(args, distribution)) void pulumi.log.warn(warning, this);
    });
    const { claim, awaited } = placeWeights(name, args, inNamespace);
    const policy = plainPolicy(name, args);
    const address = pulumi.output(platform).apply(serverAddress);
    // A change of strategy keeps them, whoever of us makes them.
    const ofAutoscaler = { parent: pulumi.createUrn(name, sloAutoscalerType, this) };
    const access = makesAccessForKServe(args)
      ? makePrometheusAccess(name, { ...args, platform }, pulumi.mergeOptions(inNamespace, { aliases: [ofAutoscaler] }))
      : [];
    const predictor = predictorOf<pulumi.Input<string>>(name, args, policy, address);
    const server = new VllmServer(
      name,
      serverOptions<pulumi.Input<string>>(name, args, {
        claim,
        predictor,
        kserveVersion: kserveVersionOf(platform),
        monitoredBy: monitoredBy(name, args, platform),
      }),
      childOptions(this, opts, { dependsOn: [...created, ...awaited, ...access] }),
    );
    const afterServer = childOptions(this, opts, { dependsOn: [...created, server] });
    const held = holdRequests(name, args, platform, policy, afterServer);
    const scaled = scale(
      name,
      args,
      platform,
      server,
      childOptions(this, opts, { dependsOn: [...created, server, ...held] }),
    );

    expose(name, args, platform, childOptions(this, opts, { dependsOn: [...created, server, ...held] }));

    this.namespace = created[0]?.metadata.name ?? pulumi.output(args.namespace);
    this.url = server.url.apply(() => clusterUrl(name, args));
    this.externalUrl = pulumi.output(externalUrl(args) ?? "");
    this.servedModelName = pulumi.output(args.servedModelName ?? name);
    this.deploymentName = server.deploymentName;
    this.scaledObjectName = scaled.scaledObjectName;
    this.explanation =
      predictor === undefined
        ? scaled.explanation
        : pulumi.output(predictorReasons(args, predictor, policy).map(reasonLine));
    this.registerOutputs({
      namespace: this.namespace,
      url: this.url,
      externalUrl: this.externalUrl,
      servedModelName: this.servedModelName,
      deploymentName: this.deploymentName,
      scaledObjectName: this.scaledObjectName,
      explanation: this.explanation,
    });
  }
}

/** Where the server finds the weights, and what must be there before it. */
interface PlacedWeights {
  claim?: pulumi.Input<string> | undefined;
  /** What must have come to its end before the server begins. */
  awaited: pulumi.Resource[];
}

function placeWeights(name: string, args: ServedModelArgs, opts: pulumi.ComponentResourceOptions): PlacedWeights {
  const { nfs, existingClaim, localModel, subPath, size } = args.weights;
  if (nfs !== undefined) {
    const { namespace, imagePullSecrets } = args;
    const placed = { namespace, nfs, subPath, size, modelGigabytes: modelGigabytes(args), imagePullSecrets };
    const weights = new ModelWeights(name, placed, opts);
    return { claim: weights.claimName, awaited: nfs.download === undefined ? [] : [weights] };
  }
  if (localModel !== undefined) {
    const cache = localModelCache(name, args.namespace, localModel, size);
    return { awaited: [new k8s.apiextensions.CustomResource(logicalNames(name).localModel, cache, opts)] };
  }
  return { claim: existingClaim, awaited: [] };
}

/**
 * What scales the server: a component of ours, a HorizontalPodAutoscaler, or nothing where KServe makes it. KServe's ScaledObject is
 * called like its Deployment.
 */
function scale(
  name: string,
  args: ServedModelArgs,
  platform: pulumi.Input<PlatformReference>,
  { deploymentName }: VllmServer,
  opts: pulumi.CustomResourceOptions,
): Pick<ServedModel, "scaledObjectName" | "explanation"> {
  const autoscaler = autoscalerOptions(name, args);
  if (autoscaler !== undefined && makesScaledObject(args)) {
    const scaleTargetRef = { ...autoscaler.scaleTargetRef, name: deploymentName };
    return new SloAutoscaler(name, { ...autoscaler, scaleTargetRef, platform }, opts);
  }
  const own = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  if (makesHpa(args)) {
    const { scaledObject } = logicalNames(name);
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(scaledObject, horizontalPodAutoscaler(name, withStartup(args)), own);
  }
  const ofKServe = strategyOf(args) === Strategy.KServeKeda;
  return {
    scaledObjectName: pulumi.output(ofKServe ? workload(name, args.backend).deploymentName : ""),
    explanation: pulumi.output(makesHpa(args) ? hpaReasons(args).map(reasonLine) : []),
  };
}

/** What holds requests for a model without a replica. KEDA's HTTP add-on looks the route up as soon as the autoscaler asks for it. */
function holdRequests(
  name: string,
  args: ServedModelArgs,
  platform: pulumi.Input<PlatformReference>,
  policy: CompiledPolicy | undefined,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const activation = policy && httpActivation(name, args, policy.targetConcurrency);
  if (activation === undefined) {
    return [];
  }
  const own = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  const host = pulumi.output(platform).apply(({ kedaHttpAddonNamespace }) => interceptorHost(kedaHttpAddonNamespace));
  const names = logicalNames(name);
  return [
    new k8s.apiextensions.CustomResource(names.httpRoute, httpRoute(name, activation), own),
    new k8s.core.v1.Service(names.wake, wakeService<pulumi.Input<string>>(name, args.namespace, host), own),
  ];
}

/** The way in from outside of the cluster, if one is asked for. */
function expose(
  name: string,
  args: ServedModelArgs,
  platform: pulumi.Input<PlatformReference>,
  opts: pulumi.CustomResourceOptions,
): void {
  const own = pulumi.mergeOptions(opts, { deleteBeforeReplace: true });
  const addOnNamespace = pulumi.output(platform).kedaHttpAddonNamespace;
  const { route, ingress, httpRoute, referenceGrant } = exposureObjects<pulumi.Input<string>>(
    name,
    withStartup(args),
    addOnNamespace,
  );
  const { exposure } = logicalNames(name);
  for (const object of [route, httpRoute, referenceGrant]) {
    if (object !== undefined) {
      new k8s.apiextensions.CustomResource(exposure, object, own);
    }
  }
  if (ingress !== undefined) {
    // An Ingress gets an address only where its controller has one to give.
    new k8s.networking.v1.Ingress(exposure, ingress, own);
  }
}

/** What of the policy is the same on every platform: how much a replica is asked to carry, and the queries. */
function plainPolicy(name: string, args: ServedModelArgs): CompiledPolicy | undefined {
  const { compiled } = checkServedModel(name, args, knownPlatform(args));
  return compiled?.ok === true ? compiled.policy : undefined;
}

/** Decides what is made, so it is told at once where the platform is plain. */
function monitoredBy(
  name: string,
  args: ServedModelArgs,
  platform: pulumi.Input<PlatformReference>,
): pulumi.Input<string> {
  return isPlain(platform)
    ? monitorOf(platform, name, args)
    : pulumi.output(platform).apply((known) => monitorOf(known, name, args));
}

function kserveVersionOf(platform: pulumi.Input<PlatformReference>): pulumi.Input<string> {
  return isPlain(platform) ? platform.kserveVersion : pulumi.output(platform).kserveVersion;
}

/** The platform, once it is known that the model can be served on it. */
function accepted(name: string, args: ServedModelArgs): pulumi.Input<PlatformReference> {
  if (isPlain(args.platform)) {
    return args.platform;
  }
  return pulumi.output(args.platform).apply((platform) => {
    const { problems } = checkServedModel(name, args, platform);
    if (problems.length > 0) {
      throw invalidArguments("ServedModel", name, problems);
    }
    return platform;
  });
}

function problemsOf(name: string, args: ServedModelArgs): Problem[] {
  return checkServedModel(name, args, knownPlatform(args)).problems;
}

/** The platform, or one with which nothing is wrong that could be right. */
function knownPlatform(args: ServedModelArgs): PlatformReference {
  if (isPlain(args.platform)) {
    return args.platform;
  }
  const { route, kserve } = args.expose ?? {};
  const ofOpenShift =
    route !== undefined || kserve?.tokenAuthentication === true || args.weights.connection !== undefined;
  return assumedPlatform({
    authentication: args.prometheusAuthentication,
    distribution: ofOpenShift ? Distribution.OpenShift : undefined,
    route: args.scaling?.http?.kind,
  });
}
