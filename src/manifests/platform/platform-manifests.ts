import type { KubernetesObject } from "../kubernetes-object";
import { namespace, privilegedNamespace } from "../namespace";
import type { ServingPlatformOptions } from "../platform-reference";
import { certManagerRelease } from "./cert-manager";
import { gpuOperatorRelease } from "./gpu-operator";
import type { HelmRelease } from "./helm-release";
import { httpAddOnNamespace, httpAddOnRelease } from "./http-add-on";
import { customMetricsAutoscaler, kedaController, kedaRelease, resolveKeda } from "./keda";
import { knativeOperatorRelease, knativeServing } from "./knative";
import { kserveReleases } from "./kserve";
import { prometheusStackRelease } from "./monitoring";
import { operatorGroup, subscription } from "./olm";
import type { OperatorInstallation } from "./operator";
import { type Distribution, defaultModes, isManaged, PieceMode, type PieceName } from "./piece";

/** What installs the pieces of a platform, for those who apply it without Pulumi. */
export interface PlatformManifests {
  objects: KubernetesObject[];
  /** In the order in which they are installed. */
  releases: NumberedRelease[];
}

/** A release with its place in the order, which is the same whatever else is installed. */
export interface NumberedRelease extends HelmRelease {
  step: number;
}

interface Piece {
  objects: KubernetesObject[];
  releases: HelmRelease[];
}

type Maker = (options: ServingPlatformOptions) => Piece;

/** The pieces in the order in which they are installed, as the component `ServingPlatform` makes them. */
const pieces: readonly (readonly [PieceName, Partial<Record<Distribution, Maker>>])[] = [
  ["prometheus", { kubernetes: ({ prometheus = {} }) => releases(prometheusStackRelease(prometheus)) }],
  ["certManager", { kubernetes: ({ certManager = {} }) => releases(certManagerRelease(certManager)) }],
  ["gpus", { kubernetes: ({ gpus = {} }) => privileged(gpuOperatorRelease(gpus)) }],
  ["keda", { kubernetes: ({ keda = {} }) => releases(kedaRelease(keda)), openshift: autoscaler }],
  ["kedaHttpAddon", { kubernetes: httpAddOn, openshift: httpAddOn }],
  ["knative", { kubernetes: knative }],
  ["kserve", { kubernetes: kserve }],
];

/**
 * What installs the pieces that this platform installs or adopts. Of adopted ones the namespace is somebody else's.
 *
 * @throws Error if a piece is installed by something that cannot be written down
 */
export function platformManifests(options: ServingPlatformOptions): PlatformManifests {
  const made = pieces.map(([piece, makers], i): PlatformManifests => {
    const mode = options[piece]?.mode ?? defaultModes[piece];
    if (!isManaged(mode)) return { objects: [], releases: [] };
    const make = makers[options.distribution];
    if (make === undefined) throw new Error(`What installs ${piece} on ${options.distribution} cannot be written down`);
    const found = make(options);
    const ours = mode === PieceMode.Adopt ? found.objects.filter(({ kind }) => kind !== "Namespace") : found.objects;
    return { objects: ours, releases: found.releases.map((release, j) => ({ ...release, step: 10 * (i + 1) + j })) };
  });
  return {
    objects: made.flatMap(({ objects }) => objects),
    releases: made.flatMap((piece) => piece.releases),
  };
}

function releases(...all: HelmRelease[]): Piece {
  const names = [...new Set(all.map((release) => release.namespace))];
  return { objects: names.map(namespace), releases: all };
}

function privileged(release: HelmRelease): Piece {
  return { objects: [privilegedNamespace(release.namespace)], releases: [release] };
}

/** KEDA's namespace is there. */
function httpAddOn({ distribution, kedaHttpAddon = {}, keda }: ServingPlatformOptions): Piece {
  const ofKeda = resolveKeda(distribution, keda).namespace;
  const target = httpAddOnNamespace(distribution, kedaHttpAddon, ofKeda);
  const release = httpAddOnRelease(distribution, kedaHttpAddon, target);
  return target === ofKeda ? { objects: [], releases: [release] } : releases(release);
}

function knative({ knative: given = {} }: ServingPlatformOptions): Piece {
  const serving = knativeServing(given);
  const operator = releases(knativeOperatorRelease(given));
  return { ...operator, objects: [...operator.objects, namespace(serving.metadata.namespace), serving] };
}

function kserve({ kserve: given = {} }: ServingPlatformOptions): Piece {
  const { definitions, controller, runtimes } = kserveReleases(given);
  return releases(definitions, controller, ...(runtimes === undefined ? [] : [runtimes]));
}

function autoscaler({ distribution, keda = {} }: ServingPlatformOptions): Piece {
  const controller = kedaController(resolveKeda(distribution, keda).namespace);
  return { objects: [...operatorObjects(customMetricsAutoscaler(keda)), controller], releases: [] };
}

function operatorObjects(operator: OperatorInstallation): KubernetesObject[] {
  return [namespace(operator.namespace), operatorGroup(operator), subscription(operator)];
}
