import type { Problem } from "../policy/policy-input";
import { formatVersion, isAtLeast, parseVersion, type Version } from "../policy/version";
import { versions } from "../versions";
import { kserveVersionProblems } from "./kserve-release";
import { namespaceProblems, objectNameProblems } from "./naming";
import { versionProblems, wholeNumberProblems } from "./problems";

/** What kind of cluster it is. Picks an installer once; nothing else asks for it. */
export const Distribution = { Kubernetes: "kubernetes", OpenShift: "openshift" } as const;
export type Distribution = (typeof Distribution)[keyof typeof Distribution];

/** Who owns a piece of the platform. Never inferred. */
export const PieceMode = {
  /** The piece is there; it is only checked and wired. */
  Existing: "existing",
  /** The cluster does without it. Only KServe can be done without, by models of the backend `deployment`. */
  None: "none",
} as const;
export type PieceMode = (typeof PieceMode)[keyof typeof PieceMode];

/** How KEDA authenticates against Prometheus. */
export const PrometheusAuthentication = {
  /** No credentials. */
  None: "none",
  /** A short-lived token of a ServiceAccount of the model's namespace, issued by KEDA (KEDA 2.17 or newer); needs `keda.serviceAccount`. */
  BoundServiceAccountToken: "boundServiceAccountToken",
  /** A token of such a ServiceAccount that does not expire, in a Secret: where KEDA's operator shall not issue tokens. */
  ServiceAccountTokenSecret: "serviceAccountTokenSecret",
} as const;
export type PrometheusAuthentication = (typeof PrometheusAuthentication)[keyof typeof PrometheusAuthentication];

/** Certificates that sign Prometheus' own, in a ConfigMap of the model's namespace. */
export interface CertificateAuthority {
  /** Name of the ConfigMap. */
  configMap: string;
  /** Key in it; its value is PEM. */
  key: string;
}

/**
 * The platform as other stacks see it: one serialisable value. Export it, and read it through a StackReference.
 */
export interface PlatformReference {
  /** A value of `Distribution`. */
  distribution: string;
  /** Base URL of Prometheus as KEDA reaches it, path prefix included. */
  prometheusUrl: string;
  /** Whether queries send the model's namespace as the `namespace` parameter. */
  prometheusTenancy: boolean;
  /** A value of `PrometheusAuthentication`. */
  prometheusAuthentication: string;
  /** Without it, the certificate authorities that KEDA's image trusts. */
  prometheusCertificateAuthority?: CertificateAuthority | undefined;
  kedaVersion: string;
  kedaNamespace: string;
  kedaServiceAccount: string;
  kserveVersion: string;
  kserveNamespace: string;
  kubernetesVersion: string;
  gpuProducts: string[];
  /** GPUs that all models together may use; without it nothing is compared. */
  gpuBudget?: number | undefined;
  /** Mode of each piece, by its name. */
  modes: Record<string, string>;
}

export interface PrometheusOptions<S = string> {
  /** A value of `PieceMode`. @default `existing`, the only one of this release */
  mode?: string | undefined;
  /** Base URL as KEDA reaches it, path prefix included. */
  url: S;
  /**
   * Send the model's namespace as the `namespace` parameter, as tenancy proxies want it.
   * @default true on OpenShift (thanos-querier's port 9092), false elsewhere
   */
  tenancy?: boolean | undefined;
  /** @default `boundServiceAccountToken` on OpenShift, `none` elsewhere */
  authentication?: PrometheusAuthentication;
  /**
   * Authority that KEDA trusts beside its image's own, in each model's namespace. KEDA reads it only together with an authentication.
   * @default `service-ca.crt` of `openshift-service-ca.crt`, which every namespace of OpenShift has; none elsewhere
   */
  certificateAuthority?: CertificateAuthority | undefined;
}

/** KEDA, or Red Hat's Custom Metrics Autoscaler. */
export interface PlatformKeda {
  /** A value of `PieceMode`. @default `existing`, the only one of this release */
  mode?: string | undefined;
  /** KEDA's version, which decides what a policy may say about its fallback. @default the pinned version of `versions.ts` (the CMA's on OpenShift) */
  version?: string | undefined;
  /** Namespace KEDA's operator runs in. @default `openshift-keda` on OpenShift, `keda` elsewhere */
  namespace?: string | undefined;
  /** ServiceAccount of KEDA's operator, which must be allowed to issue bound tokens. @default `keda-operator` */
  serviceAccount?: string | undefined;
}

/** KServe, or the one inside OpenShift AI and Open Data Hub. */
export interface PlatformKServe {
  /** A value of `PieceMode`. @default `existing`; `none` on a cluster without it, where models take the backend `deployment` */
  mode?: string | undefined;
  /** KServe's version, which decides how an InferenceService is spelt; at least 0.15.0. @default the pinned version of `versions.ts` (Open Data Hub's on OpenShift) */
  version?: string | undefined;
  /** Namespace of KServe's controller and its ConfigMap `inferenceservice-config`. @default `redhat-ods-applications` on OpenShift, `kserve` elsewhere */
  namespace?: string | undefined;
}

export interface PlatformGpus {
  /** A value of `PieceMode`. @default `existing`, the only one of this release */
  mode?: string | undefined;
  /** GPU products of the nodes, as GPU feature discovery labels them; with an empty list no model's product is checked. @default [`NVIDIA-L4`] */
  products?: string[] | undefined;
  /**
   * GPUs that all models together may use at most: those of the nodes, or a quota. A model by itself is held against it everywhere, the
   * sum of `replicas.max` times `gpus` over the models of a stack in a stack's configuration.
   * @default nothing is compared
   */
  budget?: number | undefined;
}

/** `S` is `string`, or `Input<string>` inside a Pulumi program. */
export interface ServingPlatformOptions<S = string> {
  distribution: Distribution;
  prometheus: PrometheusOptions<S>;
  keda?: PlatformKeda | undefined;
  kserve?: PlatformKServe | undefined;
  gpus?: PlatformGpus | undefined;
  /** Kubernetes' version; below the oldest one supported is an error. @default the pinned version of `versions.ts` */
  kubernetesVersion?: string | undefined;
}

/** What differs by distribution. */
const defaults = {
  kubernetes: {
    tenancy: false,
    authentication: PrometheusAuthentication.None,
    certificateAuthority: undefined,
    kedaVersion: versions.keda,
    kedaNamespace: "keda",
    kserveVersion: versions.kserve,
    kserveNamespace: "kserve",
    kubernetesVersion: versions.kubernetes,
  },
  openshift: {
    tenancy: true,
    authentication: PrometheusAuthentication.BoundServiceAccountToken,
    certificateAuthority: { configMap: "openshift-service-ca.crt", key: "service-ca.crt" },
    kedaVersion: versions.customMetricsAutoscaler,
    kedaNamespace: "openshift-keda",
    kserveVersion: versions.openDataHubKServe,
    kserveNamespace: "redhat-ods-applications",
    kubernetesVersion: versions.openShiftKubernetes,
  },
} as const satisfies Record<Distribution, unknown>;

/** First KEDA release with `boundServiceAccountToken`. */
const boundTokenSince: Version = [2, 17, 0];

/** The reference of a platform, with the defaults of its distribution for all that is not said. */
export function platformReference(options: ServingPlatformOptions): PlatformReference {
  const fallback = defaults[options.distribution];
  const authentication = options.prometheus.authentication ?? fallback.authentication;
  const certificateAuthority =
    options.prometheus.certificateAuthority ??
    (authentication === PrometheusAuthentication.None ? undefined : fallback.certificateAuthority);
  return {
    distribution: options.distribution,
    prometheusUrl: options.prometheus.url,
    prometheusTenancy: options.prometheus.tenancy ?? fallback.tenancy,
    prometheusAuthentication: authentication,
    ...(certificateAuthority === undefined ? {} : { prometheusCertificateAuthority: certificateAuthority }),
    kedaVersion: options.keda?.version ?? fallback.kedaVersion,
    kedaNamespace: options.keda?.namespace ?? fallback.kedaNamespace,
    kedaServiceAccount: options.keda?.serviceAccount ?? "keda-operator",
    kserveVersion: options.kserve?.version ?? fallback.kserveVersion,
    kserveNamespace: options.kserve?.namespace ?? fallback.kserveNamespace,
    kubernetesVersion: options.kubernetesVersion ?? fallback.kubernetesVersion,
    gpuProducts: options.gpus?.products ?? ["NVIDIA-L4"],
    ...(options.gpus?.budget === undefined ? {} : { gpuBudget: options.gpus.budget }),
    modes: {
      prometheus: options.prometheus.mode ?? PieceMode.Existing,
      keda: options.keda?.mode ?? PieceMode.Existing,
      kserve: options.kserve?.mode ?? PieceMode.Existing,
      gpus: options.gpus?.mode ?? PieceMode.Existing,
    },
  };
}

/** Everything wrong with the arguments of a platform, as far as they are known. */
export function platformProblems<S>(options: ServingPlatformOptions<S>): Problem[] {
  const distributions: readonly string[] = Object.values(Distribution);
  if (!distributions.includes(options.distribution)) {
    return [
      { path: "distribution", message: `is "${options.distribution}"; take one of ${distributions.join(", ")}.` },
    ];
  }
  const { url } = options.prometheus;
  const known = typeof url === "string" ? url : "";
  const reference = platformReference({ ...options, prometheus: { ...options.prometheus, url: known } });
  return [
    ...(typeof url === "string"
      ? [
          ...urlProblems("prometheus.url", url),
          ...clearTextProblems("prometheus.url", url, reference.prometheusAuthentication),
        ]
      : []),
    ...certificateAuthorityProblems(options.prometheus.certificateAuthority, reference.prometheusAuthentication),
    ...Object.entries(reference.modes).flatMap(([piece, mode]) => modeProblems(piece, mode)),
    ...versionProblems("kubernetesVersion", reference.kubernetesVersion, versions.kubernetes),
    ...wholeNumberProblems("gpus.budget", reference.gpuBudget, 1),
    ...kedaProblems(reference),
    ...namespaceProblems("keda.namespace", reference.kedaNamespace),
    ...kserveVersionProblems("kserve.version", reference.kserveVersion),
    ...namespaceProblems("kserve.namespace", reference.kserveNamespace),
  ];
}

/** What is wrong with the URL of a Prometheus. A user name or password in it is never repeated. */
function urlProblems(path: string, url: string): Problem[] {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) {
    return [
      { path, message: "is no http or https URL; write one such as http://prometheus-operated.monitoring.svc:9090." },
    ];
  }
  return parsed.username === "" && parsed.password === ""
    ? []
    : [
        {
          path,
          message:
            "has a user name or password in it, which would end up in a ScaledObject for all to read; use authentication.",
        },
      ];
}

/** A token is a credential: whoever reads it on the way has the metrics too. */
function clearTextProblems(path: string, url: string, authentication: string): Problem[] {
  return authentication !== PrometheusAuthentication.None && URL.canParse(url) && new URL(url).protocol === "http:"
    ? [
        {
          path,
          message: `begins with http://, so the token of authentication "${authentication}" would travel in clear text. Use https, or authentication "${PrometheusAuthentication.None}".`,
        },
      ]
    : [];
}

function certificateAuthorityProblems(given: CertificateAuthority | undefined, authentication: string): Problem[] {
  if (given === undefined) {
    return [];
  }
  const path = "prometheus.certificateAuthority";
  const problems = objectNameProblems(`${path}.configMap`, given.configMap);
  if (!/^[-._a-zA-Z0-9]+$/.test(given.key)) {
    problems.push({
      path: `${path}.key`,
      message: `is "${given.key}", which is no key of a ConfigMap: use letters, digits, dashes, dots and underscores.`,
    });
  }
  if (authentication === PrometheusAuthentication.None) {
    problems.push({
      path,
      message: `is given, but KEDA reads it only together with an authentication. Set prometheus.authentication, or leave it out.`,
    });
  }
  return problems;
}

function modeProblems(piece: string, mode: string): Problem[] {
  const modes: readonly string[] = piece === "kserve" ? Object.values(PieceMode) : [PieceMode.Existing];
  return modes.includes(mode)
    ? []
    : [{ path: `${piece}.mode`, message: `is "${mode}"; this release knows ${modes.join(", ")}.` }];
}

function kedaProblems({
  kedaVersion: version,
  prometheusAuthentication: authentication,
}: PlatformReference): Problem[] {
  const parsed = parseVersion(version);
  if (parsed === undefined) {
    return versionProblems("keda.version", version, versions.keda);
  }
  if (authentication === PrometheusAuthentication.BoundServiceAccountToken && !isAtLeast(parsed, boundTokenSince)) {
    return [
      {
        path: "keda.version",
        message: `is ${version}, which cannot issue bound tokens; prometheus.authentication "${authentication}" needs ${formatVersion(boundTokenSince)} or newer.`,
      },
    ];
  }
  return [];
}
