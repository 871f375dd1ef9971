import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { autoscalerClassAnnotation } from "../../manifests/annotations";
import { deployment } from "../../manifests/deployment";
import { claimUri } from "../../manifests/existing-runtime";
import { imagePrePull } from "../../manifests/image-pre-pull";
import { deploymentModeOf, inferenceService, waitForAnnotation } from "../../manifests/inference-service";
import { kserveRelease } from "../../manifests/kserve-release";
import { logicalNames } from "../../manifests/naming";
import { podDisruptionBudget } from "../../manifests/pod-disruption-budget";
import { makesPodMonitor, makesServiceMonitor, podMonitor, serviceMonitor } from "../../manifests/pod-monitor";
import { drain, progressDeadlineSeconds } from "../../manifests/rollout";
import { serverUrl, service } from "../../manifests/service";
import { servingRuntime, servingRuntimeName, servingRuntimeSpec } from "../../manifests/serving-runtime";
import { scalesTransformer, transformerAutoscaler } from "../../manifests/transformer";
import { serverNamespaceProblems, vllmServerProblems } from "../../manifests/vllm-server";
import { usesKnative, usesKServe, workload } from "../../manifests/workload";
import { versions } from "../../versions";
import { checked, invalidArguments, refuse } from "../arguments";
import { childOptions } from "../child-options";
import type { VllmServerArgs } from "./vllm-server-args";

/** vLLM on GPUs behind a Service, with a PodMonitor. Objects are named after the component. */
export class VllmServer extends pulumi.ComponentResource {
  /** Base URL inside the cluster, without the `/v1`. */
  readonly url: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
  /** What an autoscaler scales. With the backend `kserve`, KServe makes it. */
  readonly deploymentName: pulumi.Output<string>;
  /** Labels that select the pods. */
  readonly podLabels: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: VllmServerArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse("VllmServer", name, vllmServerProblems(name, args));
    super("vllm-serving:index:VllmServer", name, {}, opts);

    const namespace = checked(
      args.namespace,
      (value) => serverNamespaceProblems(name, args, value),
      (problems) => invalidArguments("VllmServer", name, problems),
    );
    const options = { ...args, namespace };
    const child: Child = (own) => childOptions(this, opts, { deleteBeforeReplace: true, ...own });
    const { server, transformer } = logicalNames(name);
    const { deploymentName, podLabels } = workload(name, args.backend);

    const prePulled = args.prePullImage === true ? [makeImagePrePull(name, options, child)] : [];
    const make = usesKServe(args) ? makeInferenceService : makeDeployment;
    const made = make(name, options, prePulled, child);
    // The provider waits until a Service has endpoints, which come with the first replica. With Knative, KServe's is the way in.
    const endpoint = usesKnative(args)
      ? undefined
      : new k8s.core.v1.Service(
          server,
          service(name, options),
          child({ dependsOn: [made], customTimeouts: timeouts(args) }),
        );
    makeMonitors(name, options, child);
    if (args.transformer !== undefined && scalesTransformer(args)) {
      const scaled = transformerAutoscaler(name, args.transformer, namespace);
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(transformer, scaled, child({ dependsOn: [made] }));
    }
    if (args.maxDisrupted !== undefined) {
      new k8s.policy.v1.PodDisruptionBudget(server, podDisruptionBudget(name, options), child());
    }

    this.serviceName = endpoint?.metadata.name ?? made.metadata.name.apply(() => deploymentName);
    this.deploymentName = made.metadata.name.apply(() => deploymentName);
    this.podLabels = pulumi.output(podLabels);
    this.url = (endpoint ?? made).metadata.apply(({ namespace }) => serverUrl(name, namespace, args));
    this.registerOutputs({
      url: this.url,
      serviceName: this.serviceName,
      deploymentName: this.deploymentName,
      podLabels: this.podLabels,
    });
  }
}

/** Options of a child with some of its own. */
type Child = (own?: pulumi.CustomResourceOptions) => pulumi.CustomResourceOptions;

function makeImagePrePull(name: string, args: VllmServerArgs, child: Child) {
  return new k8s.apps.v1.DaemonSet(
    logicalNames(name).imagePrePull,
    imagePrePull(name, args),
    child({ customTimeouts: timeouts(args) }),
  );
}

function makeDeployment(name: string, args: VllmServerArgs, awaited: pulumi.Resource[], child: Child) {
  return new k8s.apps.v1.Deployment(
    logicalNames(name).server,
    deployment(name, args),
    child({ dependsOn: awaited, ignoreChanges: ["spec.replicas"], customTimeouts: timeouts(args) }),
  );
}

/** Nothing beside a monitor that is there. Who that is may be read from the cluster, in a preview too. */
function makeMonitors(name: string, args: VllmServerArgs, child: Child): void {
  const { server } = logicalNames(name);
  const make = (monitoredBy: string) => {
    if (monitoredBy === "" && makesPodMonitor(args)) {
      new k8s.apiextensions.CustomResource(server, podMonitor(name, args), child());
    }
    if (monitoredBy === "" && makesServiceMonitor(args)) {
      new k8s.apiextensions.CustomResource(server, serviceMonitor(name, args), child());
    }
  };
  const { monitoredBy = "" } = args;
  if (typeof monitoredBy === "string") {
    make(monitoredBy);
  } else {
    pulumi.output(monitoredBy).apply(make);
  }
}

/** A runtime of our own, and its name. */
function makeRuntime(name: string, args: VllmServerArgs, child: Child) {
  const runtimeName = pulumi.output(servingRuntimeSpec(args)).apply((spec) => servingRuntimeName(name, spec));
  const runtime = new k8s.apiextensions.CustomResource(
    logicalNames(name).server,
    servingRuntime(name, runtimeName, args),
    // Named after its content: the old one stays until the InferenceService has moved on.
    child({ deleteBeforeReplace: false }),
  );
  return { runtimeName, runtime };
}

/**
 * Only a new InferenceService gets another autoscaler. KServe refuses another deployment mode, and one of the modes has no class; and it
 * leaves the ScaledObject of its class `keda` behind, beside which KEDA takes no other.
 */
const autoscalerClassPath = `metadata.annotations["${autoscalerClassAnnotation}"]`;

function makeInferenceService(name: string, args: VllmServerArgs, awaited: pulumi.Resource[], child: Child) {
  const { server } = logicalNames(name);
  const made = args.runtime === undefined ? makeRuntime(name, args, child) : undefined;
  const release = pulumi.output(args.kserveVersion ?? versions.kserve).apply(kserveRelease);
  const context = {
    runtimeName: made?.runtimeName ?? args.runtime?.name ?? "",
    storageUri: pulumi
      .all([args.weightsClaim ?? "", args.weightsSubPath])
      .apply(([claim, subPath]) => claimUri(claim, subPath)),
    deploymentMode: release.apply((known) => deploymentModeOf(known, args)),
    waitFor: release.apply((known) => waitForAnnotation(known, args)),
  };
  return new k8s.apiextensions.CustomResource(
    server,
    inferenceService(name, context, args),
    // KServe's word on an update comes when the rollout begins.
    child({
      dependsOn: made === undefined ? awaited : [...awaited, made.runtime],
      customTimeouts: { ...timeouts(args), update: timeouts(args).create },
      replaceOnChanges: [autoscalerClassPath],
    }),
  );
}

/**
 * To make: longer than Kubernetes' own deadline, whose message says more. To update: one replica after the other. To delete:
 * after the longest generation.
 */
function timeouts(args: VllmServerArgs) {
  return {
    create: `${progressDeadlineSeconds(args) + 60}s`,
    update: "2h",
    delete: `${drain(args).gracePeriodSeconds + 600}s`,
  };
}
