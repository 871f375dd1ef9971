import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { monitoringProblems, prometheusAvailable, prometheusStackRelease } from "../../manifests/platform/monitoring";
import { defaultModes } from "../../manifests/platform/piece";
import { refuse } from "../arguments";
import { ReadyObjects } from "../cluster/ready-objects";
import { installRelease } from "./helm-release";
import type { MonitoringArgs } from "./monitoring-args";
import { userWorkloadMonitoring } from "./openshift/user-workload-monitoring";
import { afterAll, type BuiltPiece, buildPiece, type ExistingObject, type PieceBuild, targetProblems } from "./piece";

/** Its image is pulled and its volume bound first. */
const prometheusSeconds = 600;

/** Prometheus and what tells it whom to scrape. */
export class Monitoring extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.prometheus;
    refuse("Monitoring", name, [
      ...monitoringProblems(args.distribution, args, ""),
      ...targetProblems(args, [mode], opts),
    ]);
    super("vllm-serving:index:Monitoring", name, {}, opts);

    const { ready, kept } = buildPiece(
      "prometheus",
      { component: this, name, opts },
      { ...args, mode },
      {
        kubernetes: (build) => prometheusStack(build, args),
        openshift: (build) => userWorkloadMonitoring(build, args),
      },
      clusterPodMonitor(name, args),
    );
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}

function clusterPodMonitor(name: string, args: MonitoringArgs): ExistingObject[] {
  const { clusterPodMonitor: found } = args;
  if (found === undefined) return [];
  const kind = { apiVersion: "monitoring.coreos.com/v1", kind: "PodMonitor", id: `${found.namespace}/${found.name}` };
  return [(options) => k8s.apiextensions.CustomResource.get(`${name}-pod-monitor`, { ...options, ...kind })];
}

function prometheusStack(build: PieceBuild, args: MonitoringArgs): BuiltPiece {
  const release = installRelease(build, prometheusStackRelease(args));
  const prometheus = new ReadyObjects(
    `${build.name}-prometheus`,
    { objects: [prometheusAvailable(args)], kubeconfig: build.kubeconfig, timeoutSeconds: prometheusSeconds },
    build.child([release]),
  );
  return {
    ready: [release, prometheus],
    kept: ["The custom resource definitions of Prometheus Operator: Helm leaves what a chart has in crds/."],
  };
}
