import type { Input } from "@pulumi/pulumi";

/** What kind of cluster it is. Picks an installer once; nothing else asks for it. */
export const Distribution = { Kubernetes: "kubernetes", OpenShift: "openshift" } as const;
export type Distribution = (typeof Distribution)[keyof typeof Distribution];

/** Who owns a piece of the platform. Never inferred. */
export const PieceMode = {
  /** The piece is there; it is only checked and wired. */
  Existing: "existing",
} as const;
export type PieceMode = (typeof PieceMode)[keyof typeof PieceMode];

/** How KEDA authenticates against Prometheus. */
export const PrometheusAuthentication = {
  /** No credentials. */
  None: "none",
  /** A short-lived token of a ServiceAccount of the model's namespace, issued by KEDA (KEDA 2.17 or newer); needs `keda.serviceAccount`. */
  BoundServiceAccountToken: "boundServiceAccountToken",
} as const;
export type PrometheusAuthentication = (typeof PrometheusAuthentication)[keyof typeof PrometheusAuthentication];

export interface PlatformPrometheusArgs {
  /** @default `existing`, the only mode of this release */
  mode?: PieceMode;
  /** Base URL as KEDA reaches it, path prefix included. */
  url: Input<string>;
  /**
   * Send the model's namespace as the `namespace` parameter, as tenancy proxies want it.
   * @default true on OpenShift (thanos-querier's port 9092), false elsewhere
   */
  tenancy?: boolean;
  /** @default `boundServiceAccountToken` on OpenShift, `none` elsewhere */
  authentication?: PrometheusAuthentication;
}

export interface PlatformKedaArgs {
  /** @default `existing`, the only mode of this release */
  mode?: PieceMode;
  /** KEDA's version, which decides what a policy may say. @default the pinned version of `versions.ts` (the CMA's on OpenShift) */
  version?: string;
  /** Namespace KEDA's operator runs in. @default `openshift-keda` on OpenShift, `keda` elsewhere */
  namespace?: string;
  /** ServiceAccount of KEDA's operator, which must be allowed to issue bound tokens. @default `keda-operator` */
  serviceAccount?: string;
}

export interface PlatformGpusArgs {
  /** @default `existing`, the only mode of this release */
  mode?: PieceMode;
  /** GPU products of the nodes, as GPU feature discovery labels them. @default [`NVIDIA-L4`] */
  products?: string[];
}

export interface ServingPlatformArgs {
  distribution: Distribution;
  prometheus: PlatformPrometheusArgs;
  keda?: PlatformKedaArgs;
  gpus?: PlatformGpusArgs;
  /** Kubernetes' version, which decides what a policy may say. @default the pinned version of `versions.ts` */
  kubernetesVersion?: string;
  /**
   * Read the custom resource definitions the pieces bring (KEDA's, Prometheus Operator's) and fail if one is missing.
   * Needs a cluster, so a preview without one sets it to false.
   * @default true
   */
  check?: boolean;
}

/**
 * The platform as other stacks see it: one serialisable value. Export it, and read it through a StackReference.
 */
export interface PlatformReference {
  distribution: string;
  prometheusUrl: string;
  prometheusTenancy: boolean;
  prometheusAuthentication: string;
  kedaVersion: string;
  kedaNamespace: string;
  kedaServiceAccount: string;
  kubernetesVersion: string;
  gpuProducts: string[];
  /** Mode of each piece, by its name. */
  modes: Record<string, string>;
}
