import type { Problem } from "../../policy/policy-input";
import { versions } from "../../versions";
import { versionProblems, wholeNumberProblems } from "../problems";
import { GpuDriver, type GpuOperatorSettings, gpuOperatorValues } from "./gpu-operator-values";
import { chartOf, type HelmRelease } from "./helm-release";
import {
  Distribution,
  defaultModes,
  type OperatorSource,
  type PlatformPiece,
  pieceProblems,
  settingsWithoutInstall,
} from "./piece";
import type { ReadyObject } from "./readiness";

/** NVIDIA's GPU operator, and node feature discovery. */
export interface PlatformGpus extends PlatformPiece, GpuOperatorSettings {
  /** GPU products of the nodes, as GPU feature discovery labels them (`-SHARED` behind it where they are sliced); with an empty list no model's product is checked. @default [`NVIDIA-L4`] */
  products?: string[] | undefined;
  /**
   * GPUs that all models together may use at most: those of the nodes, or a quota. A model by itself is held against it everywhere, the
   * sum of `replicas.max` times `gpus` over the models of a stack in a stack's configuration.
   * @default nothing is compared
   */
  budget?: number | undefined;
  /** Where node feature discovery's operator comes from, on OpenShift. */
  nodeFeatureDiscoveryOperator?: OperatorSource | undefined;
}

/** What GPU feature discovery puts behind the product of a GPU that is sliced. */
const sharedSuffix = "-SHARED";

/** Everything wrong with the GPU operator by itself. */
export function gpuProblems(distribution: Distribution, given: PlatformGpus = {}, prefix = "gpus."): Problem[] {
  const { timeSlices } = given;
  return [
    ...pieceProblems("gpus", distribution, given, prefix),
    ...versionProblems(`${prefix}version`, given.version, versions.gpuOperator),
    ...settingsWithoutInstall(
      given,
      [
        "driver",
        "nodeFeatureDiscovery",
        "nodeFeatureDiscoveryOperator",
        "tolerations",
        "serviceMonitorLabels",
        "timeSlices",
      ],
      given.mode ?? defaultModes.gpus,
      prefix,
    ),
    ...driverProblems(`${prefix}driver`, given.driver),
    ...distributionProblems(distribution, given, prefix),
    ...wholeNumberProblems(`${prefix}timeSlices`, timeSlices, 2),
    ...wholeNumberProblems(`${prefix}budget`, given.budget, 1),
  ];
}

function distributionProblems(distribution: Distribution, given: PlatformGpus, prefix: string): Problem[] {
  if (distribution === Distribution.OpenShift) {
    return given.timeSlices === undefined
      ? []
      : [
          {
            path: `${prefix}timeSlices`,
            message: "is given, but on openshift a GPU belongs to one pod: leave it out.",
          },
        ];
  }
  return given.nodeFeatureDiscoveryOperator === undefined
    ? []
    : [
        {
          path: `${prefix}nodeFeatureDiscoveryOperator`,
          message: "is given, but on kubernetes the chart brings node feature discovery: leave it out.",
        },
      ];
}

/** Whether a product is a slice of a GPU that others use too. */
export function isShared(product: string): boolean {
  return product.endsWith(sharedSuffix);
}

function driverProblems(path: string, driver: string | undefined): Problem[] {
  const drivers: readonly string[] = Object.values(GpuDriver);
  return driver === undefined || drivers.includes(driver)
    ? []
    : [{ path, message: `is "${driver}"; take one of ${drivers.join(", ")}.` }];
}

/** NVIDIA's chart. Its definitions lie in `crds/`: Helm leaves them when the release goes. */
export function gpuOperatorRelease(given: PlatformGpus): HelmRelease {
  const version = given.version ?? versions.gpuOperator;
  return {
    name: "gpu-operator",
    namespace: given.namespace ?? "gpu-operator",
    ...chartOf(
      "gpu-operator",
      { repository: "https://helm.ngc.nvidia.com/nvidia", version: `v${version}` },
      given.chart,
    ),
    values: gpuOperatorValues(given),
    timeoutSeconds: 600,
    // The chart's hook `upgradeCRD` wants it.
    disableOpenapiValidation: true,
  };
}

/** The operator's own word for: driver, toolkit, device plugin and discovery run on all GPU nodes, or there is no GPU node. */
export const clusterPolicyReady: ReadyObject = {
  apiVersion: "nvidia.com/v1",
  kind: "ClusterPolicy",
  name: "cluster-policy",
  field: "status.state",
  is: "ready",
};
