import type { Problem } from "../../policy/policy-input";
import { namespaceProblems } from "../naming";

/** What kind of cluster it is. Picks an installer once; nothing else asks for it. */
export const Distribution = { Kubernetes: "kubernetes", OpenShift: "openshift" } as const;
export type Distribution = (typeof Distribution)[keyof typeof Distribution];

/** Who owns a piece of the platform. Never inferred. */
export const PieceMode = {
  /** Made by this stack, and removed with it. An error if it is there already. */
  Install: "install",
  /** It is there; this stack takes it over and never removes it. */
  Adopt: "adopt",
  /** It is there; it is only checked and wired. */
  Existing: "existing",
  /** The cluster does without it. */
  None: "none",
} as const;
export type PieceMode = (typeof PieceMode)[keyof typeof PieceMode];

/** Where a Helm chart comes from, on Kubernetes. */
export interface ChartSource {
  /** Repository: an https URL, or `oci://` in front of the chart's own folder. @default upstream's */
  repository?: string | undefined;
  /** Version of the chart. @default the one that belongs to the piece's `version` */
  version?: string | undefined;
}

/** Where an operator comes from, on OpenShift. */
export interface OperatorSource {
  /** CatalogSource, e.g. a mirrored one. @default `redhat-operators`, `certified-operators` or `community-operators` */
  catalog?: string | undefined;
  /** Namespace of the CatalogSource. @default `openshift-marketplace` */
  catalogNamespace?: string | undefined;
  /** Channel of the package. @default the one in `versions.ts` */
  channel?: string | undefined;
  /**
   * ClusterServiceVersion to install, e.g. `custom-metrics-autoscaler.v2.19.0-4`. Updates then wait until this one is
   * changed: only the InstallPlan that leads to it is approved.
   * @default none: the channel's newest, with its updates, because catalogs drop old versions
   */
  startingCsv?: string | undefined;
}

/** How long a piece stays. */
interface Retention {
  /**
   * With `install`: everything of the piece stays in the cluster when this stack is destroyed or names it no more, and what a change
   * replaces stays too (Pulumi's resource option of this name). To hand a piece over, set it, run `pulumi up`, and only then change `mode`.
   * @default false: what a stack installs, it removes
   */
  retainOnDelete?: boolean | undefined;
}

/** What every piece of the platform is told. */
export interface PlatformPiece extends Retention {
  /** A value of `PieceMode`. */
  mode?: string | undefined;
  /** Version of the software. @default the pinned one of `versions.ts` */
  version?: string | undefined;
  /** Namespace it runs in. @default upstream's, by distribution */
  namespace?: string | undefined;
  /** Where its chart comes from, on Kubernetes; that of KEDA's HTTP add-on on OpenShift too. */
  chart?: ChartSource | undefined;
  /** Where its operator comes from, on OpenShift. */
  operator?: OperatorSource | undefined;
}

/** A piece of which only the operator is installed, on OpenShift: somebody else makes what it works from. */
export interface PlatformOperator extends Retention {
  /** A value of `PieceMode`. */
  mode?: string | undefined;
  /** Where its operator comes from. */
  operator?: OperatorSource | undefined;
}

/** What a piece is when nothing is said, by piece. */
export const defaultModes = {
  prometheus: PieceMode.Existing,
  keda: PieceMode.Existing,
  kedaHttpAddon: PieceMode.None,
  certManager: PieceMode.None,
  kserve: PieceMode.Existing,
  knative: PieceMode.None,
  serviceMesh: PieceMode.None,
  authorino: PieceMode.None,
  gpus: PieceMode.Existing,
} as const satisfies Record<string, PieceMode>;
export type PieceName = keyof typeof defaultModes;

/** Pieces that a cluster can do without: their models or triggers are then not available. */
const dispensable: readonly PieceName[] = [
  "kedaHttpAddon",
  "certManager",
  "kserve",
  "knative",
  "serviceMesh",
  "authorino",
];

/** Pieces this release installs, by distribution. */
const installable: Record<Distribution, readonly PieceName[]> = {
  kubernetes: ["prometheus", "keda", "kedaHttpAddon", "certManager", "kserve", "knative", "gpus"],
  openshift: [
    "prometheus",
    "keda",
    "kedaHttpAddon",
    "certManager",
    "kserve",
    "knative",
    "serviceMesh",
    "authorino",
    "gpus",
  ],
};

/** Pieces that only OpenShift AI needs. */
const onOpenShift: readonly PieceName[] = ["serviceMesh", "authorino"];

/** Definitions a piece brings, by which an existing one is recognised. */
export const pieceDefinitions: Record<PieceName, readonly string[]> = {
  prometheus: ["podmonitors.monitoring.coreos.com"],
  keda: ["scaledobjects.keda.sh"],
  kedaHttpAddon: ["interceptorroutes.http.keda.sh"],
  certManager: ["certificates.cert-manager.io"],
  // InferenceService's comes with it, but has 2 MB, which the state would hold and every refresh would read.
  kserve: ["servingruntimes.serving.kserve.io"],
  knative: ["services.serving.knative.dev"],
  serviceMesh: ["servicemeshcontrolplanes.maistra.io"],
  authorino: ["authorinos.operator.authorino.kuadrant.io"],
  // Whatever labels the nodes will do.
  gpus: [],
};

/** Whether the piece is made or taken over by this stack. */
export function isManaged(mode: string): boolean {
  return mode === PieceMode.Install || mode === PieceMode.Adopt;
}

/** What is wrong with what is said of a piece of any kind. Paths begin with the piece's name when it has one. */
export function pieceProblems(
  piece: PieceName,
  distribution: Distribution,
  given: PlatformPiece = {},
  prefix = `${piece}.`,
): Problem[] {
  const mode = given.mode ?? defaultModes[piece];
  if (distribution === Distribution.Kubernetes && onOpenShift.includes(piece) && mode !== PieceMode.None) {
    return [{ path: `${prefix}mode`, message: `is "${mode}", but the piece is OpenShift's: leave it out.` }];
  }
  return [
    ...modeProblems(`${prefix}mode`, mode, allowedModes(piece, distribution)),
    ...(given.namespace === undefined ? [] : namespaceProblems(`${prefix}namespace`, given.namespace)),
    ...retentionProblems(`${prefix}retainOnDelete`, given, mode),
    ...sourceProblems(given, comesFromChart(piece, distribution), { distribution, mode }, prefix),
  ];
}

/** Settings of what is installed say nothing of a piece that is not. */
export function settingsWithoutInstall<Given extends object>(
  given: Given,
  settings: readonly (keyof Given & string)[],
  mode: string,
  prefix: string,
): Problem[] {
  if (isManaged(mode)) {
    return [];
  }
  return settings
    .filter((setting) => given[setting] !== undefined)
    .map((setting) => ({
      path: `${prefix}${setting}`,
      message: `is given, but with mode "${mode}" nothing is installed.`,
    }));
}

/** Settings of what may be there already say nothing of a piece that a cluster does without. */
export function settingsOfNothing<Given extends object>(
  given: Given,
  settings: readonly (keyof Given & string)[],
  mode: string,
  prefix: string,
): Problem[] {
  return mode === PieceMode.None
    ? settings
        .filter((setting) => given[setting] !== undefined)
        .map((setting) => ({
          path: `${prefix}${setting}`,
          message: `is given, but with mode "${mode}" the cluster has none.`,
        }))
    : [];
}

function allowedModes(piece: PieceName, distribution: Distribution): PieceMode[] {
  return [
    ...(installable[distribution].includes(piece) ? [PieceMode.Install, PieceMode.Adopt] : []),
    PieceMode.Existing,
    ...(dispensable.includes(piece) ? [PieceMode.None] : []),
  ];
}

function modeProblems(path: string, mode: string, allowed: readonly string[]): Problem[] {
  return allowed.includes(mode) ? [] : [{ path, message: `is "${mode}"; take one of ${allowed.join(", ")}.` }];
}

function retentionProblems(path: string, { retainOnDelete }: Retention, mode: string): Problem[] {
  if (retainOnDelete === undefined || mode === PieceMode.Install) return [];
  const message = `is given, but with mode "${mode}" nothing of the piece is ever removed: leave it out.`;
  return [{ path, message }];
}

/** No operator of OpenShift's catalogs brings these. */
const chartsEverywhere: readonly PieceName[] = ["kedaHttpAddon"];

function comesFromChart(piece: PieceName, distribution: Distribution): boolean {
  return distribution === Distribution.Kubernetes || chartsEverywhere.includes(piece);
}

function sourceProblems(
  given: PlatformPiece,
  fromChart: boolean,
  { distribution, mode }: { distribution: Distribution; mode: string },
  prefix: string,
): Problem[] {
  const [used, unused] = fromChart ? (["chart", "operator"] as const) : (["operator", "chart"] as const);
  const problems: Problem[] = [];
  if (given[unused] !== undefined) {
    problems.push({
      path: `${prefix}${unused}`,
      message: `is given, but on ${distribution} the piece comes from ${used === "chart" ? "a Helm chart: use chart" : "OLM: use operator"}.`,
    });
  }
  if (given[used] !== undefined && !isManaged(mode)) {
    problems.push({ path: `${prefix}${used}`, message: `is given, but with mode "${mode}" nothing is installed.` });
  }
  return problems;
}
