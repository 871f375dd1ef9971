import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { progressDeadlineSeconds } from "../../manifests/deployment";
import { logicalNames, namespaceProblems } from "../../manifests/naming";
import { serviceUrl } from "../../manifests/service";
import { vllmServerManifests, vllmServerProblems } from "../../manifests/vllm-server";
import { checked, invalidArguments, refuse } from "../arguments";
import { childOptions } from "../child-options";
import type { VllmServerArgs } from "./vllm-server-args";

/** vLLM on GPUs behind a Service, with a PodMonitor. Objects are named after the component. */
export class VllmServer extends pulumi.ComponentResource {
  /** Base URL inside the cluster, without the `/v1`. */
  readonly url: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
  /** What an autoscaler scales. */
  readonly deploymentName: pulumi.Output<string>;
  /** Labels that select the pods. */
  readonly podLabels: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: VllmServerArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("VllmServer", name, vllmServerProblems(name, args));
    super("vllm-serving:index:VllmServer", name, {}, opts);

    const namespace = checked(
      args.namespace,
      (value) => namespaceProblems("namespace", value),
      (problems) => invalidArguments("VllmServer", name, problems),
    );
    const manifests = vllmServerManifests(name, { ...args, namespace });
    const { server } = logicalNames(name);
    const child = (own: pulumi.CustomResourceOptions = {}) =>
      childOptions(this, opts, { deleteBeforeReplace: true, ...own });
    const deployment = new k8s.apps.v1.Deployment(
      server,
      manifests.deployment,
      child({ ignoreChanges: ["spec.replicas"], customTimeouts: rolloutTimeouts(progressDeadlineSeconds(args)) }),
    );
    // The provider waits until a Service has endpoints, which come with the first replica.
    const service = new k8s.core.v1.Service(server, manifests.service, child({ dependsOn: [deployment] }));
    if (manifests.podMonitor !== undefined) {
      new k8s.apiextensions.CustomResource(server, manifests.podMonitor, child());
    }

    this.serviceName = service.metadata.name;
    this.deploymentName = deployment.metadata.name;
    this.podLabels = deployment.spec.selector.matchLabels;
    this.url = service.metadata.apply(({ name, namespace }) => serviceUrl(name, namespace));
    this.registerOutputs({
      url: this.url,
      serviceName: this.serviceName,
      deploymentName: this.deploymentName,
      podLabels: this.podLabels,
    });
  }
}

/** Longer than Kubernetes' own deadline, whose message says more. An update replaces one replica after the other. */
function rolloutTimeouts(deadlineSeconds: number) {
  return { create: `${deadlineSeconds + 60}s`, update: "2h" };
}
