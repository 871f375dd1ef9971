import type { Problem } from "../../policy/policy-input";
import { formatVersion, isAtLeast, parseVersion, type Version } from "../../policy/version";
import { versions } from "../../versions";
import { kserveVersionProblems } from "../kserve-release";
import { chartOf, type HelmRelease } from "./helm-release";
import { kserveRuntimes, kserveRuntimeValues, kserveValues } from "./kserve-values";
import {
  applicationsNamespace,
  type OpenDataHubSettings,
  openDataHubKServe,
  openDataHubProblems,
} from "./openshift/open-data-hub";
import {
  Distribution,
  defaultModes,
  isManaged,
  type PlatformPiece,
  pieceProblems,
  settingsWithoutInstall,
} from "./piece";
import type { ReadyObject } from "./readiness";

/** KServe, or the one inside OpenShift AI and Open Data Hub: `version` is KServe's, at least 0.15.0. */
export interface PlatformKServe extends PlatformPiece, OpenDataHubSettings {
  /**
   * Ready-made ClusterServingRuntimes to install on Kubernetes, e.g. `huggingfaceserver`, by their name in the chart
   * `kserve-runtime-configs`. `huggingfaceserver_multinode` comes with any of them: the chart cannot leave it out.
   * @default none: a model of ours brings its own runtime, and another one would take a ready-made one by chance
   */
  runtimes?: string[] | undefined;
}

/** Which KServe it is, and the namespace of its controller and its ConfigMap `inferenceservice-config`. */
export function resolveKServe(
  distribution: Distribution,
  given: PlatformKServe = {},
): { version: string; namespace: string } {
  return distribution === Distribution.OpenShift
    ? { version: openDataHubKServe(given), namespace: applicationsNamespace(given) }
    : { version: given.version ?? versions.kserve, namespace: given.namespace ?? "kserve" };
}

/** First release whose charts are these three. */
const installableSince: Version = [0, 17, 0];

/** Everything wrong with KServe by itself. */
export function kserveProblems(distribution: Distribution, given: PlatformKServe = {}, prefix = "kserve."): Problem[] {
  const mode = given.mode ?? defaultModes.kserve;
  const { version } = resolveKServe(distribution, given);
  return [
    ...pieceProblems("kserve", distribution, given, prefix),
    ...kserveVersionProblems(`${prefix}version`, version),
    ...(distribution === Distribution.Kubernetes && isManaged(mode)
      ? installedVersionProblems(`${prefix}version`, version)
      : []),
    ...settingsWithoutInstall(given, ["runtimes"], mode, prefix),
    ...runtimeProblems(`${prefix}runtimes`, distribution, version, given.runtimes),
    ...openDataHubProblems(distribution, given, prefix),
  ];
}

function installedVersionProblems(path: string, version: string): Problem[] {
  const parsed = parseVersion(version);
  return parsed === undefined || isAtLeast(parsed, installableSince)
    ? []
    : [
        {
          path,
          message: `is ${version}; from ${formatVersion(installableSince)} on it can be installed. Take a newer one, or mode "existing".`,
        },
      ];
}

function runtimeProblems(
  path: string,
  distribution: Distribution,
  version: string,
  wanted: readonly string[] = [],
): Problem[] {
  if (wanted.length > 0 && distribution === Distribution.OpenShift) {
    return [{ path, message: "is given, but on openshift the operator brings the runtimes: leave it out." }];
  }
  const known = kserveRuntimes(version);
  return wanted.flatMap((name, index) =>
    known.length === 0 || known.includes(name)
      ? []
      : [
          {
            path: `${path}[${index}]`,
            message: `is "${name}", which KServe ${version} does not bring; take some of ${known.join(", ")}.`,
          },
        ],
  );
}

/** KServe's charts, in the order in which they are installed. */
export interface KServeReleases {
  /** The definitions, and with them every InferenceService of the cluster: Helm removes both with this release. */
  definitions: HelmRelease;
  controller: HelmRelease;
  runtimes: HelmRelease | undefined;
}

export function kserveReleases(given: PlatformKServe): KServeReleases {
  const { version, namespace } = resolveKServe(Distribution.Kubernetes, given);
  const release = (chart: string, values: HelmRelease["values"]): HelmRelease => ({
    name: chart,
    namespace,
    ...chartOf(chart, { repository: "oci://ghcr.io/kserve/charts", version: `v${version}` }, given.chart),
    values,
    timeoutSeconds: 600,
  });
  const { runtimes = [] } = given;
  return {
    definitions: release("kserve-crd", {}),
    controller: release("kserve-resources", kserveValues()),
    runtimes:
      runtimes.length === 0 ? undefined : release("kserve-runtime-configs", kserveRuntimeValues(version, runtimes)),
  };
}

/**
 * What goes with KServe's definitions: the chart `kserve-crd` brings these from 0.17 to 0.20. Those of LLMInferenceServices and of local
 * models have charts of their own, which this package does not install and so does not remove.
 */
export const kserveKinds = [
  { apiVersion: "serving.kserve.io/v1beta1", kind: "InferenceService" },
  ...["ClusterServingRuntime", "ClusterStorageContainer", "InferenceGraph", "ServingRuntime", "TrainedModel"].map(
    (kind) => ({ apiVersion: "serving.kserve.io/v1alpha1", kind }),
  ),
];

/** KServe's webhooks answer: their certificate is there and the API server has been told of it. */
export function kserveWebhooks(namespace: string): ReadyObject[] {
  const certificate: ReadyObject = {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    namespace,
    name: "serving-cert",
    condition: "Ready",
  };
  const told = ["inferenceservice", "servingruntime", "clusterservingruntime"].map((kind) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    name: `${kind}.serving.kserve.io`,
    field: "webhooks.0.clientConfig.caBundle",
  }));
  return [certificate, ...told];
}
