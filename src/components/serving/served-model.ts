import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { namespace } from "../../manifests/namespace";
import { logicalNames } from "../../manifests/naming";
import type { PlatformReference } from "../../manifests/platform-reference";
import { assumedPlatform } from "../../manifests/scaled-object";
import { autoscalerOptions, checkServedModel, serverOptions } from "../../manifests/served-model";
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

    const created =
      args.createNamespace === true
        ? [new k8s.core.v1.Namespace(logicalNames(name).namespace, namespace(args.namespace), childOptions(this, opts))]
        : [];
    const inNamespace = childOptions(this, opts, { dependsOn: created });
    const platform = accepted(name, args);
    const server = new VllmServer(
      name,
      serverOptions<pulumi.Input<string>>(name, args, claimOf(name, args, inNamespace), kserveVersionOf(platform)),
      inNamespace,
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

function claimOf(name: string, args: ServedModelArgs, opts: pulumi.ComponentResourceOptions): pulumi.Input<string> {
  const { nfs, existingClaim, size } = args.weights;
  return nfs === undefined
    ? (existingClaim ?? "")
    : new ModelWeights(name, { namespace: args.namespace, nfs, size }, opts).claimName;
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
  const platform = isPlain(args.platform) ? args.platform : assumedPlatform(args.prometheusAuthentication);
  return checkServedModel(name, args, platform).problems;
}
