import * as pulumi from "@pulumi/pulumi";
import type { ModelMonitor } from "../../manifests/model-monitors";
import { resolveKeda } from "../../manifests/platform/keda";
import { madeByOpenDataHub } from "../../manifests/platform/openshift/serverless";
import { PieceMode } from "../../manifests/platform/piece";
import {
  modesOf,
  type PlatformReference,
  platformProblems,
  platformReference,
  prometheusUrl,
} from "../../manifests/platform-reference";
import { checked, invalidArguments, refuse } from "../arguments";
import { existingMonitors } from "../cluster/model-monitors";
import { Authorino } from "./authorino";
import { CertManager } from "./cert-manager";
import { GpuOperator } from "./gpu-operator";
import { Keda } from "./keda";
import { KedaHttpAddon } from "./keda-http-addon";
import { KnativeServing } from "./knative-serving";
import { KServe } from "./kserve";
import { Monitoring } from "./monitoring";
import { targetProblems } from "./piece";
import { ServiceMesh } from "./service-mesh";
import type { ServingPlatformArgs } from "./serving-platform-args";

/** The platform that models of one cluster share: each piece is installed, adopted, or only checked, as its mode says. */
export class ServingPlatform extends pulumi.ComponentResource {
  /** What models need to know of the platform. Export it to read it from another stack. */
  readonly reference: pulumi.Output<PlatformReference>;
  /** What destroy leaves in the cluster, a line each. */
  readonly kept: pulumi.Output<string[]>;

  constructor(name: string, args: ServingPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    const modes = Object.values(modesOf(args));
    refuse("ServingPlatform", name, [...platformProblems(args), ...targetProblems(args, modes, opts)]);
    super("vllm-serving:index:ServingPlatform", name, {}, opts);

    const pieces = createPieces(name, args, this, opts);
    const url = checked(
      prometheusUrl(args),
      (value) => platformProblems({ ...args, prometheus: { ...args.prometheus, url: value } }),
      (problems) => invalidArguments("ServingPlatform", name, problems),
    );
    const reference = pulumi
      .all([url, monitorsOf(args, this)])
      .apply(([known, monitors]) =>
        platformReference({ ...args, prometheus: { ...args.prometheus, url: known } }, monitors),
      );
    this.kept = pulumi.all(pieces.map(({ kept }) => kept)).apply((lists) => lists.flat());
    // Whoever uses the reference waits for the pieces.
    this.reference = pulumi.all([reference, this.kept]).apply(([known]) => known);
    this.registerOutputs({ reference: this.reference, kept: this.kept });
  }
}

/** What scrapes models already, if it is looked for. */
function monitorsOf(args: ServingPlatformArgs, platform: pulumi.Resource): pulumi.Input<ModelMonitor[]> {
  const { kubeconfig, check, prometheus = {} } = args;
  const looks = check !== false && prometheus.detectMonitors !== false && prometheus.clusterPodMonitor === undefined;
  return looks && kubeconfig !== undefined ? existingMonitors(kubeconfig, platform) : [];
}

type Piece = pulumi.ComponentResource & { kept: pulumi.Output<string[]> };

/** The pieces, each after those it needs: certificates before KServe's webhooks, Prometheus Operator before what writes monitors. */
function createPieces(
  name: string,
  args: ServingPlatformArgs,
  parent: pulumi.Resource,
  opts: pulumi.ComponentResourceOptions | undefined,
): Piece[] {
  const { distribution, kubeconfig, check } = args;
  const target = { distribution, kubeconfig, check };
  const after = (dependsOn: pulumi.Resource[] = []) => {
    const inherited = opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn };
    return pulumi.mergeOptions({ parent, ...inherited }, { dependsOn });
  };
  const monitoring = new Monitoring(`${name}-monitoring`, { ...args.prometheus, ...target }, after());
  const certManager = new CertManager(`${name}-cert-manager`, { ...args.certManager, ...target }, after());
  const gpus = new GpuOperator(`${name}-gpu-operator`, { ...args.gpus, ...target }, after([monitoring]));
  const keda = new Keda(`${name}-keda`, { ...args.keda, ...target }, after([monitoring]));
  const addon = new KedaHttpAddon(
    `${name}-keda-http-addon`,
    { ...args.kedaHttpAddon, kedaNamespace: resolveKeda(distribution, args.keda).namespace, ...target },
    after([keda]),
  );
  const modes = modesOf(args);
  const operatorOnly = madeByOpenDataHub(args, modes);
  const knative = new KnativeServing(
    `${name}-knative`,
    { ...args.knative, operatorOnly, ...target },
    after([certManager]),
  );
  const mesh = meshPieces(name, args, after);
  const kserve = new KServe(
    `${name}-kserve`,
    {
      ...args.kserve,
      ...(operatorOnly && {
        knativeMode: modes.knative,
        serviceMeshMode: modes.serviceMesh,
        longestRequestSeconds: args.knative?.longestRequestSeconds,
      }),
      ...target,
    },
    after([certManager, keda, knative, ...mesh]),
  );
  return [monitoring, certManager, gpus, keda, addon, knative, ...mesh, kserve];
}

/** What nothing but OpenShift AI 2 needs, one after the other in their one namespace, which OLM resolves as a whole. */
function meshPieces(
  name: string,
  { serviceMesh, authorino, ...target }: ServingPlatformArgs,
  after: (dependsOn: pulumi.Resource[]) => pulumi.ComponentResourceOptions,
): Piece[] {
  const { distribution, kubeconfig, check } = target;
  const made: Piece[] = [];
  for (const [piece, suffix, Piece] of [
    [serviceMesh, "service-mesh", ServiceMesh],
    [authorino, "authorino", Authorino],
  ] as const) {
    if ((piece?.mode ?? PieceMode.None) !== PieceMode.None) {
      made.push(new Piece(`${name}-${suffix}`, { ...piece, distribution, kubeconfig, check }, after([...made])));
    }
  }
  return made;
}
