import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { localModelCache } from "../../manifests/local-model";
import { namespace } from "../../manifests/namespace";
import { logicalNames } from "../../manifests/naming";
import { Distribution } from "../../manifests/platform/piece";
import type { PlatformReference } from "../../manifests/platform-reference";
import { assumedPlatform } from "../../manifests/scaled-object";
import { autoscalerOptions, checkServedModel, serverOptions } from "../../manifests/served-model";
import { modelGigabytes, weightsWarnings } from "../../manifests/served-weights";
import type { Problem } from "../../policy/policy-input";
import { invalidArguments, isPlain, refuse } from "../arguments";
import { childOptions } from "../child-options";
import { SloAutoscaler } from "../scaling/slo-autoscaler";
import { ModelWeights } from "../storage/model-weights";
import type { ServedModelArgs } from "./served-model-args";
import { VllmServer } from "./vllm-server";

/**
 * A model that serves and scales by its SLO: weights, vLLM behind a Service, and the autoscaler. Objects are named after the
 * component.
 */
export class ServedModel extends pulumi.ComponentResource {
  /** Base URL inside the cluster, without the `/v1`. */
  readonly url: pulumi.Output<string>;
  /** Name to ask for. */
  readonly servedModelName: pulumi.Output<string>;
  readonly deploymentName: pulumi.Output<string>;
  readonly scaledObjectName: pulumi.Output<string>;
  /** Why each field of the scaling policy is what it is, a line each. */
  readonly explanation: pulumi.Output<string[]>;

  constructor(name: string, args: ServedModelArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("ServedModel", name, problemsOf(name, args));
    super("vllm-serving:index:ServedModel", name, {}, opts);

    for (const warning of weightsWarnings(args)) {
      void pulumi.log.warn(warning, this);
    }
    const created =
      args.createNamespace === true
        ? [new k8s.core.v1.Namespace(logicalNames(name).namespace, namespace(args.namespace), childOptions(this, opts))]
        : [];
    const inNamespace = childOptions(this, opts, { dependsOn: created });
    const platform = accepted(name, args);
    const { claim, awaited } = placeWeights(name, args, inNamespace);
    const server = new VllmServer(
      name,
      serverOptions<pulumi.Input<string>>(name, args, claim, kserveVersionOf(platform)),
      childOptions(this, opts, { dependsOn: [...created, ...awaited] }),
    );
    const autoscaler = new SloAutoscaler(
      name,
      { ...autoscalerOptions(name, args), platform },
      childOptions(this, opts, { dependsOn: [...created, server] }),
    );

    this.url = server.url;
    this.servedModelName = pulumi.output(args.servedModelName ?? name);
    this.deploymentName = server.deploymentName;
    this.scaledObjectName = autoscaler.scaledObjectName;
    this.explanation = autoscaler.explanation;
    this.registerOutputs({
      url: this.url,
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
    const placed = { namespace: args.namespace, nfs, subPath, size, modelGigabytes: modelGigabytes(args) };
    const weights = new ModelWeights(name, placed, opts);
    return { claim: weights.claimName, awaited: nfs.download === undefined ? [] : [weights] };
  }
  if (localModel !== undefined) {
    const cache = localModelCache(name, args.namespace, localModel, size);
    return { awaited: [new k8s.apiextensions.CustomResource(logicalNames(name).localModel, cache, opts)] };
  }
  return { claim: existingClaim, awaited: [] };
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
  const platform = isPlain(args.platform) ? args.platform : assumedFor(args);
  return checkServedModel(name, args, platform).problems;
}

/** A platform that is not known yet has what the weights need. */
function assumedFor({ prometheusAuthentication, weights }: ServedModelArgs): PlatformReference {
  const platform = assumedPlatform(prometheusAuthentication);
  return weights.connection === undefined ? platform : { ...platform, distribution: Distribution.OpenShift };
}
