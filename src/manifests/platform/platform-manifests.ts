import type { KubernetesObject } from "../kubernetes-object";
import { namespace, privilegedNamespace } from "../namespace";
import { modesOf, type ServingPlatformOptions } from "../platform-reference";
import { certManagerRelease } from "./cert-manager";
import { gpuOperatorRelease } from "./gpu-operator";
import type { HelmRelease } from "./helm-release";
import { httpAddOnNamespace, httpAddOnRelease } from "./http-add-on";
import { customMetricsAutoscaler, kedaController, kedaRelease, resolveKeda } from "./keda";
import { knativeOperatorRelease, knativeServing, type PlatformKnative } from "./knative";
import { kserveReleases } from "./kserve";
import { prometheusStackRelease } from "./monitoring";
import { operatorGroup, subscription } from "./olm";
import { certManagerOperator } from "./openshift/cert-manager-operator";
import {
  certifiedGpuOperator,
  clusterPolicy,
  nodeFeatureDiscovery,
  nodeFeatureDiscoveryOperator,
} from "./openshift/gpu-nodes";
import {
  dashboardProfiles,
  dataScienceCluster,
  dscInitialization,
  openDataHubOperator,
} from "./openshift/open-data-hub";
import {
  authorinoOperator,
  madeByOpenDataHub,
  serverlessOperator,
  serverlessServing,
  serviceMeshOperator,
} from "./openshift/serverless";
import { clusterMonitoringConfig, userWorkloadConfig } from "./openshift/user-workload-monitoring";
import { type OperatorInstallation, operatorsNamespace } from "./operator";
import { Distribution, isManaged, PieceMode, type PieceName } from "./piece";

/** Of a piece that is adopted these are somebody else's; a second OperatorGroup would stop every operator of its namespace. */
const keptOfOthers: ReadonlySet<string> = new Set(["Namespace", "OperatorGroup", "Subscription"]);

/** What installs the pieces of a platform, for those who apply it without Pulumi. */
export interface PlatformManifests {
  objects: KubernetesObject[];
  /** In the order in which they are installed. */
  releases: NumberedRelease[];
  /** What is left to do, since no manifest can say it; a line each. */
  notes: string[];
}

/** A release with its place in the order, which is the same whatever else is installed. */
export interface NumberedRelease extends HelmRelease {
  step: number;
}

interface Piece {
  objects?: KubernetesObject[];
  releases?: HelmRelease[];
  notes?: string[];
}

type Maker = (options: ServingPlatformOptions) => Piece;

/** The pieces in the order in which they are installed, as the component `ServingPlatform` makes them. */
const pieces: readonly (readonly [PieceName, Record<Distribution, Maker>])[] = [
  [
    "prometheus",
    {
      kubernetes: ({ prometheus = {} }) => helm(prometheusStackRelease(prometheus)),
      openshift: userWorkloadMonitoring,
    },
  ],
  [
    "certManager",
    {
      kubernetes: ({ certManager = {} }) => helm(certManagerRelease(certManager)),
      openshift: ({ certManager = {} }) => ({ objects: olm(certManagerOperator(certManager)) }),
    },
  ],
  ["gpus", { kubernetes: gpuOperator, openshift: gpuNodes }],
  ["keda", { kubernetes: ({ keda = {} }) => helm(kedaRelease(keda)), openshift: autoscaler }],
  ["kedaHttpAddon", { kubernetes: httpAddOn, openshift: httpAddOn }],
  ["knative", { kubernetes: knative, openshift: serverless }],
  ["serviceMesh", onOpenShift(({ serviceMesh = {} }) => olm(serviceMeshOperator(serviceMesh.operator)))],
  ["authorino", onOpenShift(({ authorino = {} }) => olm(authorinoOperator(authorino.operator)))],
  ["kserve", { kubernetes: kserve, openshift: openDataHub }],
];

/** What installs the pieces that this platform installs or adopts. Of adopted ones the namespaces and OLM's objects are somebody else's. */
export function platformManifests(options: ServingPlatformOptions): PlatformManifests {
  const modes = modesOf(options);
  const made = pieces.map(([piece, makers], i) => {
    const mode = modes[piece];
    const { objects = [], releases = [], notes = [] } = isManaged(mode) ? makers[options.distribution](options) : {};
    return {
      objects: mode === PieceMode.Adopt ? objects.filter(({ kind }) => !keptOfOthers.has(kind)) : objects,
      releases: releases.map((release, j) => ({ ...release, step: 10 * (i + 1) + j })),
      notes,
    };
  });
  const { distribution, kserve: given } = options;
  const profiles = distribution === Distribution.OpenShift ? dashboardProfiles(given ?? {}) : [];
  return {
    objects: [...made.flatMap(({ objects }) => objects), ...profiles],
    releases: made.flatMap(({ releases }) => releases),
    notes: made.flatMap(({ notes }) => notes),
  };
}

function onOpenShift(objectsOf: (options: ServingPlatformOptions) => KubernetesObject[]): Record<Distribution, Maker> {
  return { kubernetes: () => ({}), openshift: (options) => ({ objects: objectsOf(options) }) };
}

function helm(...releases: HelmRelease[]): Piece {
  const names = [...new Set(releases.map((release) => release.namespace))];
  return { objects: names.map(namespace), releases };
}

function gpuOperator({ gpus = {} }: ServingPlatformOptions): Piece {
  const release = gpuOperatorRelease(gpus);
  return { objects: [privilegedNamespace(release.namespace)], releases: [release] };
}

/** KEDA's namespace is there. */
function httpAddOn({ distribution, kedaHttpAddon = {}, keda }: ServingPlatformOptions): Piece {
  const ofKeda = resolveKeda(distribution, keda).namespace;
  const target = httpAddOnNamespace(distribution, kedaHttpAddon, ofKeda);
  const release = httpAddOnRelease(distribution, kedaHttpAddon, target);
  return target === ofKeda ? { releases: [release] } : helm(release);
}

function knative({ knative: given = {} }: ServingPlatformOptions): Piece {
  const serving = knativeServing(given);
  const { objects = [], releases = [] } = helm(knativeOperatorRelease(given));
  return { objects: [...objects, namespace(serving.metadata.namespace), serving], releases };
}

function kserve({ kserve: given = {} }: ServingPlatformOptions): Piece {
  const { definitions, controller, runtimes } = kserveReleases(given);
  return helm(definitions, controller, ...(runtimes === undefined ? [] : [runtimes]));
}

function userWorkloadMonitoring({ prometheus = {} }: ServingPlatformOptions): Piece {
  const because = "It is not written, because a manifest would replace what others have in it.";
  const { namespace: place, name } = clusterMonitoringConfig;
  const { retention } = prometheus;
  const ofWorkloads = `${userWorkloadConfig.namespace}/${userWorkloadConfig.name}`;
  return {
    notes: [
      `ConfigMap ${place}/${name} needs enableUserWorkload: true in its config.yaml. ${because}`,
      ...(retention === undefined
        ? []
        : [`ConfigMap ${ofWorkloads} needs prometheus.retention: ${retention} in its config.yaml. ${because}`]),
    ],
  };
}

function gpuNodes({ gpus = {} }: ServingPlatformOptions): Piece {
  const discovery =
    gpus.nodeFeatureDiscovery === false ? [] : [...olm(nodeFeatureDiscoveryOperator(gpus)), nodeFeatureDiscovery(gpus)];
  return { objects: [...discovery, ...olm(certifiedGpuOperator(gpus)), clusterPolicy(gpus)] };
}

function autoscaler({ distribution, keda = {} }: ServingPlatformOptions): Piece {
  const controller = kedaController(resolveKeda(distribution, keda).namespace);
  return { objects: [...olm(customMetricsAutoscaler(keda)), controller] };
}

function serverless(options: ServingPlatformOptions): Piece {
  const { knative: given = {} } = options;
  const serving = serverlessServing(given);
  const objects = [...olm(serverlessOperator(given.operator)), namespace(serving.metadata.namespace)];
  return madeByOpenDataHub(options, modesOf(options)) ? { objects } : { objects: [...objects, serving] };
}

function openDataHub(options: ServingPlatformOptions): Piece {
  const { kserve: given = {}, knative } = options;
  const modes = modesOf(options);
  const product = { ...given, knativeMode: modes.knative, serviceMeshMode: modes.serviceMesh };
  return {
    objects: [...olm(openDataHubOperator(given)), dscInitialization(product), dataScienceCluster(product)],
    notes: madeByOpenDataHub(options, modes) && isManaged(modes.knative) ? [servingNote(knative ?? {})] : [],
  };
}

/** As a manifest it could come before the one that OpenShift AI makes, without mesh and gateways. */
function servingNote(given: PlatformKnative): string {
  const { metadata, spec } = serverlessServing(given);
  return `KnativeServing ${metadata.namespace}/${metadata.name} is made by OpenShift AI. Once it is there, give it what models need: kubectl patch knativeserving ${metadata.name} -n ${metadata.namespace} --type merge -p '${JSON.stringify({ spec })}'`;
}

/** Has an OperatorGroup on every cluster. */
const ofTheCluster = "openshift-operators";

function olm(operator: OperatorInstallation): KubernetesObject[] {
  const place = operator.namespace === ofTheCluster ? [] : [operatorsNamespace(operator), operatorGroup(operator)];
  return [...place, subscription(operator)];
}
