import type { Problem } from "../../policy/policy-input";
import { versions } from "../../versions";
import { versionProblems } from "../problems";
import { certManagerValues } from "./cert-manager-values";
import { chartOf, type HelmRelease } from "./helm-release";
import { Distribution, defaultModes, isManaged, PieceMode, type PlatformPiece, pieceProblems } from "./piece";

/** What installs cert-manager's chart. */
export const CertManagerInstaller = {
  /** A Helm release of this package. */
  Release: "release",
  /** Pulumi's component `CertManager` (pulumi/pulumi-kubernetes-cert-manager), by its plugin alone. */
  Component: "component",
} as const;
export type CertManagerInstaller = (typeof CertManagerInstaller)[keyof typeof CertManagerInstaller];

/** cert-manager, whose certificates KServe's webhooks use. */
export interface PlatformCertManager extends PlatformPiece {
  /**
   * What installs the chart on Kubernetes: `release` or `component`. Both give Helm the same chart, version and values. The component's
   * plugin comes from Pulumi's servers and not with npm; changing this removes cert-manager first, with its certificates kept.
   * @default `release`
   */
  installer?: CertManagerInstaller;
}

/** Everything wrong with cert-manager by itself. */
export function certManagerProblems(
  distribution: Distribution,
  given: PlatformCertManager = {},
  prefix = "certManager.",
): Problem[] {
  return [
    ...pieceProblems("certManager", distribution, given, prefix),
    ...versionProblems(`${prefix}version`, given.version, versions.certManager),
    ...installerProblems(`${prefix}installer`, distribution, given),
    ...(given.installer === CertManagerInstaller.Component && given.retainOnDelete === true
      ? [
          {
            path: `${prefix}retainOnDelete`,
            message: 'is true, but does not reach what Pulumi\'s component makes: take installer "release".',
          },
        ]
      : []),
  ];
}

function installerProblems(path: string, distribution: Distribution, given: PlatformCertManager): Problem[] {
  const { installer, mode = defaultModes.certManager } = given;
  const installers: readonly string[] = Object.values(CertManagerInstaller);
  if (installer === undefined) {
    return [];
  }
  if (!installers.includes(installer)) {
    return [{ path, message: `is "${installer}"; take one of ${installers.join(", ")}.` }];
  }
  if (!isManaged(mode)) {
    return [{ path, message: `is given, but with mode "${mode}" nothing is installed.` }];
  }
  if (distribution === Distribution.OpenShift) {
    return [{ path, message: "is given, but on openshift OLM installs it: leave it out." }];
  }
  return mode === PieceMode.Adopt && installer === CertManagerInstaller.Component
    ? [{ path, message: 'is "component", which cannot take over a release that is there: use "release".' }]
    : [];
}

/** Upstream's chart. A hook of it waits until the webhook answers, so whoever waits for the release can make certificates. */
export function certManagerRelease(given: PlatformCertManager): HelmRelease {
  const version = given.version ?? versions.certManager;
  return {
    name: "cert-manager",
    namespace: given.namespace ?? "cert-manager",
    ...chartOf("cert-manager", { repository: "https://charts.jetstack.io", version: `v${version}` }, given.chart),
    values: certManagerValues(),
    timeoutSeconds: 600,
  };
}
