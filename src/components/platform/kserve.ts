import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { namespace } from "../../manifests/namespace";
import {
  kserveKinds,
  kserveProblems,
  kserveReleases,
  kserveWebhooks,
  resolveKServe,
} from "../../manifests/platform/kserve";
import { dashboardProfiles } from "../../manifests/platform/openshift/open-data-hub";
import { serverlessModeProblems } from "../../manifests/platform/openshift/serverless";
import { Distribution, defaultModes } from "../../manifests/platform/piece";
import { refuse } from "../arguments";
import { childOptions } from "../child-options";
import { ReadyObjects } from "../cluster/ready-objects";
import { guard } from "./guard";
import { helmRelease, ownNamespace } from "./helm-release";
import type { KServeArgs } from "./kserve-args";
import { openDataHub } from "./openshift/open-data-hub";
import { afterAll, type BuiltPiece, buildPiece, type PieceBuild, retained, targetProblems } from "./piece";

/** KServe's controller does nothing without it. */
const configuration = "inferenceservice-config";

/** cert-manager makes a certificate within seconds. */
const webhookSeconds = 300;

/** KServe, which makes pods of InferenceServices. */
export class KServe extends pulumi.ComponentResource {
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: KServeArgs, opts?: pulumi.ComponentResourceOptions) {
    const mode = args.mode ?? defaultModes.kserve;
    refuse("KServe", name, [
      ...kserveProblems(args.distribution, args, ""),
      ...serverlessModeProblems(args, mode),
      ...targetProblems(args, [mode], opts),
    ]);
    super("vllm-serving:index:KServe", name, {}, opts);

    const { ready, kept } = buildPiece(
      "kserve",
      { component: this, name, opts },
      { ...args, mode },
      { kubernetes: (build) => charts(build, args), openshift: (build) => openDataHub(build, args) },
      [
        (options) =>
          k8s.core.v1.ConfigMap.get(
            `${name}-${configuration}`,
            `${resolveKServe(args.distribution, args).namespace}/${configuration}`,
            options,
          ),
      ],
    );
    for (const profile of args.distribution === Distribution.OpenShift ? dashboardProfiles(args) : []) {
      const { name: own, namespace: place } = profile.metadata;
      const child = childOptions(this, opts, { dependsOn: ready, deleteBeforeReplace: true, ...retained(args) });
      new k8s.apiextensions.CustomResource(`${name}-${place}-${own}`, profile, child);
    }
    this.kept = afterAll(ready, kept);
    this.registerOutputs({ kept: this.kept });
  }
}

/** The definitions first, and the runtimes when the webhook that looks at them answers. */
function charts(build: PieceBuild, args: KServeArgs): BuiltPiece {
  const releases = kserveReleases(args);
  const target = releases.controller.namespace;
  const definitions = helmRelease(build, "definitions", releases.definitions, ownNamespace(build, namespace(target)));
  const controller = helmRelease(build, "release", releases.controller, [definitions]);
  const webhooks = new ReadyObjects(
    `${build.name}-webhooks`,
    { objects: kserveWebhooks(target), kubeconfig: build.kubeconfig, timeoutSeconds: webhookSeconds },
    build.child([controller]),
  );
  const runtimes =
    releases.runtimes === undefined ? [] : [helmRelease(build, "runtimes", releases.runtimes, [webhooks])];
  const made = [definitions, controller, webhooks, ...runtimes];
  const own = [releases.definitions, releases.controller, releases.runtimes].flatMap((release) =>
    release === undefined ? [] : [{ namespace: release.namespace, name: release.name }],
  );
  return { ready: [...made, ...guard(build, kserveKinds, made, { releases: own })], kept: [] };
}
