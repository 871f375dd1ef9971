import type { Problem } from "../policy/policy-input";
import { isThanosQuerier } from "../policy/thanos-querier";
import { formatVersion, isAtLeast, parseVersion, type Version } from "../policy/version";
import { versions } from "../versions";
import type { ModelMonitor } from "./model-monitors";
import { objectNameProblems } from "./naming";
import { certManagerProblems, type PlatformCertManager } from "./platform/cert-manager";
import { gpuProblems, type PlatformGpus } from "./platform/gpu-operator";
import {
  httpAddOnNamespace,
  httpAddOnProblems,
  longestHeldRequest,
  type PlatformKedaHttpAddon,
} from "./platform/http-add-on";
import { kedaProblems, type PlatformKeda, resolveKeda } from "./platform/keda";
import { knativeProblems, longestKnativeRequest, type PlatformKnative } from "./platform/knative";
import { kserveProblems, type PlatformKServe, resolveKServe } from "./platform/kserve";
import { installedPrometheusUrl, monitoringProblems, type PlatformMonitoring } from "./platform/monitoring";
import { openDataHubVersion } from "./platform/openshift/open-data-hub";
import { serverlessProblems } from "./platform/openshift/serverless";
import {
  Distribution,
  defaultModes,
  isManaged,
  type PieceName,
  type PlatformOperator,
  pieceProblems,
} from "./platform/piece";
import { versionProblems } from "./problems";

/** How KEDA authenticates against Prometheus. */
export const PrometheusAuthentication = {
  /** No credentials. */
  None: "none",
  /** A short-lived token of a ServiceAccount of the model's namespace, issued by KEDA (KEDA 2.17 or newer); needs `keda.serviceAccount`. */
  BoundServiceAccountToken: "boundServiceAccountToken",
  /** A token of such a ServiceAccount that does not expire, in a Secret: where KEDA's operator shall not issue tokens. */
  ServiceAccountTokenSecret: "serviceAccountTokenSecret",
  /** User name and password, in a Secret of the model's namespace; needs `prometheus.credentialsSecret`. */
  Basic: "basic",
} as const;
export type PrometheusAuthentication = (typeof PrometheusAuthentication)[keyof typeof PrometheusAuthentication];

/** User name and password of a Prometheus, in a Secret that exists in each model's namespace. Only KEDA reads it. */
export interface CredentialsSecret {
  /** Name of the Secret. */
  name: string;
  /** Key of the user name. @default `username`, as in Secrets of the type `kubernetes.io/basic-auth` */
  usernameKey?: string | undefined;
  /** Key of the password. @default `password` */
  passwordKey?: string | undefined;
}

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
  /** With the authentication `basic`. */
  prometheusCredentialsSecret?: CredentialsSecret | undefined;
  /** Without it, the certificate authorities that KEDA's image trusts. */
  prometheusCertificateAuthority?: CertificateAuthority | undefined;
  /** What scrapes models already, as named or as found in the cluster: they make no monitors of their own. */
  monitors?: ModelMonitor[] | undefined;
  kedaVersion: string;
  kedaNamespace: string;
  kedaServiceAccount: string;
  /** Namespace of the HTTP add-on. */
  kedaHttpAddonNamespace: string;
  /** Version of KEDA's HTTP add-on, if there is one. */
  kedaHttpAddonVersion: string;
  /** Longest a request may take through the HTTP add-on; without it nothing is compared. */
  kedaHttpAddonLongestRequestSeconds?: number | undefined;
  /** Longest a request may take through Knative; without it nothing is compared. */
  knativeLongestRequestSeconds?: number | undefined;
  kserveVersion: string;
  kserveNamespace: string;
  kubernetesVersion: string;
  gpuProducts: string[];
  /** GPUs that all models together may use; without it nothing is compared. */
  gpuBudget?: number | undefined;
  /** On OpenShift: version of OpenShift AI or Open Data Hub. */
  kserveProductVersion?: string | undefined;
  /** On OpenShift: whether it serves through Knative too; without it nothing is compared. */
  kserveServerless?: boolean | undefined;
  /** Mode of each piece, by its name. */
  modes: Record<string, string>;
}

export interface PrometheusOptions<S = string> extends PlatformMonitoring {
  /**
   * Base URL as KEDA reaches it, path prefix included.
   * @default on OpenShift thanos-querier's port 9092, on Kubernetes that of the Prometheus that is installed; required where it is `existing`
   */
  url?: S | undefined;
  /**
   * Send the model's namespace as the `namespace` parameter, as tenancy proxies want it.
   * @default true on OpenShift (thanos-querier's port 9092), false elsewhere
   */
  tenancy?: boolean | undefined;
  /** @default `boundServiceAccountToken` on OpenShift, `none` elsewhere */
  authentication?: PrometheusAuthentication;
  /** Secret of each model's namespace with user name and password. Required with the authentication `basic`. */
  credentialsSecret?: CredentialsSecret | undefined;
  /**
   * Authority that KEDA trusts beside its image's own, in each model's namespace. KEDA reads it only together with an authentication.
   * @default `service-ca.crt` of `openshift-service-ca.crt`, which every namespace of OpenShift has; none elsewhere
   */
  certificateAuthority?: CertificateAuthority | undefined;
}

/** `S` is `string`, or `Input<string>` inside a Pulumi program. */
export interface ServingPlatformOptions<S = string> {
  distribution: Distribution;
  /** Where the autoscaler's metrics are. @default on OpenShift the cluster's own */
  prometheus?: PrometheusOptions<S> | undefined;
  /** The autoscaler's operator. @default `existing` */
  keda?: PlatformKeda | undefined;
  /** @default `none` */
  kedaHttpAddon?: PlatformKedaHttpAddon | undefined;
  /** @default `none`: it is there, or nothing needs it */
  certManager?: PlatformCertManager | undefined;
  /** @default `existing`; `none` on a cluster without it, where models take the backend `deployment` */
  kserve?: PlatformKServe | undefined;
  /** @default `none` */
  knative?: PlatformKnative | undefined;
  /** Service Mesh 2, from which OpenShift AI 2 makes a mesh to serve through Knative. @default `none` */
  serviceMesh?: PlatformOperator | undefined;
  /** Authorino, by which OpenShift AI 2 checks the tokens of models that it serves through Knative. @default `none`: it checks none */
  authorino?: PlatformOperator | undefined;
  /** @default `existing` */
  gpus?: PlatformGpus | undefined;
  /** Kubernetes' version; below the oldest one supported is an error. @default the pinned version of `versions.ts` */
  kubernetesVersion?: string | undefined;
}

/** What differs by distribution. */
const defaults = {
  kubernetes: {
    prometheusUrl: "",
    tenancy: false,
    authentication: PrometheusAuthentication.None,
    certificateAuthority: undefined,
    kubernetesVersion: versions.kubernetes,
  },
  openshift: {
    prometheusUrl: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092",
    tenancy: true,
    authentication: PrometheusAuthentication.BoundServiceAccountToken,
    certificateAuthority: { configMap: "openshift-service-ca.crt", key: "service-ca.crt" },
    kubernetesVersion: versions.openShiftKubernetes,
  },
} as const satisfies Record<Distribution, unknown>;

/** First KEDA release with `boundServiceAccountToken`. */
const boundTokenSince: Version = [2, 17, 0];

/** Base URL of Prometheus: the one that is said, else that of the one that is installed, else the one the distribution has. */
export function prometheusUrl<S>({ distribution, prometheus = {} }: ServingPlatformOptions<S>): S | string {
  const installed =
    distribution === Distribution.Kubernetes && isManaged(prometheus.mode ?? defaultModes.prometheus)
      ? installedPrometheusUrl(prometheus)
      : undefined;
  return prometheus.url ?? installed ?? defaults[distribution].prometheusUrl;
}

/**
 * The reference of a platform, with the defaults of its distribution for all that is not said. `found` is what scrapes models in the
 * cluster, where that was looked for.
 */
export function platformReference(options: ServingPlatformOptions, found: ModelMonitor[] = []): PlatformReference {
  const fallback = defaults[options.distribution];
  const prometheus = options.prometheus ?? {};
  const monitors =
    prometheus.clusterPodMonitor === undefined ? found : [{ kind: "PodMonitor", ...prometheus.clusterPodMonitor }];
  const keda = resolveKeda(options.distribution, options.keda);
  const kserve = resolveKServe(options.distribution, options.kserve);
  const longestHeld = longestHeldRequest(options.kedaHttpAddon);
  const authentication = prometheus.authentication ?? fallback.authentication;
  const certificateAuthority =
    prometheus.certificateAuthority ??
    (authentication === PrometheusAuthentication.None ? undefined : fallback.certificateAuthority);
  return {
    distribution: options.distribution,
    prometheusUrl: prometheusUrl(options),
    prometheusTenancy: prometheus.tenancy ?? fallback.tenancy,
    prometheusAuthentication: authentication,
    ...(prometheus.credentialsSecret === undefined
      ? {}
      : { prometheusCredentialsSecret: prometheus.credentialsSecret }),
    ...(certificateAuthority === undefined ? {} : { prometheusCertificateAuthority: certificateAuthority }),
    ...(monitors.length === 0 ? {} : { monitors }),
    kedaVersion: keda.version,
    kedaNamespace: keda.namespace,
    kedaServiceAccount: keda.serviceAccount,
    kedaHttpAddonNamespace: httpAddOnNamespace(options.distribution, options.kedaHttpAddon ?? {}, keda.namespace),
    kserveVersion: kserve.version,
    kserveNamespace: kserve.namespace,
    kedaHttpAddonVersion: options.kedaHttpAddon?.version ?? versions.httpAddOn,
    ...(longestHeld === undefined ? {} : { kedaHttpAddonLongestRequestSeconds: longestHeld }),
    knativeLongestRequestSeconds: longestKnativeRequest(options.knative),
    kubernetesVersion: options.kubernetesVersion ?? fallback.kubernetesVersion,
    gpuProducts: options.gpus?.products ?? ["NVIDIA-L4"],
    ...(options.gpus?.budget === undefined ? {} : { gpuBudget: options.gpus.budget }),
    ...(options.distribution === Distribution.OpenShift
      ? {
          kserveProductVersion: openDataHubVersion(options.kserve),
          kserveServerless: options.kserve?.serverless === true,
        }
      : {}),
    modes: modesOf(options),
  };
}

/** Mode of each piece, by its name. */
export function modesOf<S>(options: ServingPlatformOptions<S>): Record<PieceName, string> {
  const mode = (piece: PieceName) => options[piece]?.mode ?? defaultModes[piece];
  return {
    prometheus: mode("prometheus"),
    keda: mode("keda"),
    kedaHttpAddon: mode("kedaHttpAddon"),
    certManager: mode("certManager"),
    kserve: mode("kserve"),
    knative: mode("knative"),
    serviceMesh: mode("serviceMesh"),
    authorino: mode("authorino"),
    gpus: mode("gpus"),
  };
}

/** Everything wrong with the arguments of a platform, as far as they are known. */
export function platformProblems<S>(options: ServingPlatformOptions<S>): Problem[] {
  const distributions: readonly string[] = Object.values(Distribution);
  const { distribution } = options;
  if (!distributions.includes(distribution)) {
    return [{ path: "distribution", message: `is "${distribution}"; take one of ${distributions.join(", ")}.` }];
  }
  const url = prometheusUrl(options);
  const known = typeof url === "string" ? url : "";
  const reference = platformReference({ ...options, prometheus: { ...options.prometheus, url: known } });
  return [
    ...(typeof url === "string" ? urlProblems("prometheus.url", url, reference.prometheusAuthentication) : []),
    ...(isThanosQuerier(known, 9092) && !reference.prometheusTenancy
      ? [
          {
            path: "prometheus.tenancy",
            message:
              "is false, but port 9092 of thanos-querier answers only for the namespace that is asked for. Leave it out.",
          },
        ]
      : []),
    ...credentialsSecretProblems(options.prometheus?.credentialsSecret, reference.prometheusAuthentication),
    ...certificateAuthorityProblems(options.prometheus?.certificateAuthority, reference.prometheusAuthentication),
    ...monitoringProblems(distribution, options.prometheus),
    ...kedaProblems(distribution, options.keda),
    ...boundTokenProblems(reference),
    ...httpAddOnProblems(distribution, options.kedaHttpAddon),
    ...certManagerProblems(distribution, options.certManager),
    ...kserveProblems(distribution, options.kserve),
    ...certificateProblems(distribution, reference.modes),
    ...knativeProblems(distribution, options.knative),
    ...pieceProblems("serviceMesh", distribution, options.serviceMesh),
    ...pieceProblems("authorino", distribution, options.authorino),
    ...(distribution === Distribution.OpenShift ? serverlessProblems(options, modesOf(options)) : []),
    ...gpuProblems(distribution, options.gpus),
    ...versionProblems("kubernetesVersion", reference.kubernetesVersion, versions.kubernetes),
  ];
}

/** Without certificates KServe's webhooks never answer, and its release waits in vain. */
function certificateProblems(distribution: Distribution, modes: Record<string, string>): Problem[] {
  return distribution === Distribution.Kubernetes && isManaged(modes.kserve ?? "") && modes.certManager === "none"
    ? [
        {
          path: "certManager.mode",
          message: `is "none", but kserve.mode is "${modes.kserve}" and KServe's webhooks need certificates: take "install", or "existing" where cert-manager runs.`,
        },
      ]
    : [];
}

/** What is wrong with the URL of a Prometheus. A user name or password in it is never repeated. */
function urlProblems(path: string, url: string, authentication: string): Problem[] {
  if (url === "") {
    return [
      {
        path,
        message: "is missing; write the one KEDA reaches, such as http://prometheus-operated.monitoring.svc:9090.",
      },
    ];
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) {
    return [
      { path, message: "is no http or https URL; write one such as http://prometheus-operated.monitoring.svc:9090." },
    ];
  }
  if (parsed.username !== "" || parsed.password !== "") {
    return [
      {
        path,
        message:
          "has a user name or password in it, which would end up in a ScaledObject for all to read; use authentication.",
      },
    ];
  }
  return clearTextProblems(path, url, authentication);
}

/** Whoever reads a credential on the way has the metrics too. */
function clearTextProblems(path: string, url: string, authentication: string): Problem[] {
  const credential = authentication === PrometheusAuthentication.Basic ? "password" : "token";
  return authentication !== PrometheusAuthentication.None && URL.canParse(url) && new URL(url).protocol === "http:"
    ? [
        {
          path,
          message: `begins with http://, so the ${credential} of authentication "${authentication}" would travel in clear text. Use https, or authentication "${PrometheusAuthentication.None}".`,
        },
      ]
    : [];
}

function credentialsSecretProblems(given: CredentialsSecret | undefined, authentication: string): Problem[] {
  const path = "prometheus.credentialsSecret";
  const basic = authentication === PrometheusAuthentication.Basic;
  if (given === undefined) {
    return basic
      ? [
          {
            path,
            message: 'is missing; name the Secret of each model\'s namespace that holds "username" and "password".',
          },
        ]
      : [];
  }
  return [
    ...(basic
      ? []
      : [
          {
            path,
            message: `is given, but with authentication "${authentication}" nothing reads it. Set prometheus.authentication to "${PrometheusAuthentication.Basic}", or leave it out.`,
          },
        ]),
    ...objectNameProblems(`${path}.name`, given.name),
    ...keyProblems(`${path}.usernameKey`, "Secret", given.usernameKey),
    ...keyProblems(`${path}.passwordKey`, "Secret", given.passwordKey),
  ];
}

function keyProblems(path: string, kind: string, key: string | undefined): Problem[] {
  return key === undefined || /^[-._a-zA-Z0-9]+$/.test(key)
    ? []
    : [
        {
          path,
          message: `is "${key}", which is no key of a ${kind}: use letters, digits, dashes, dots and underscores.`,
        },
      ];
}

function certificateAuthorityProblems(given: CertificateAuthority | undefined, authentication: string): Problem[] {
  if (given === undefined) {
    return [];
  }
  const path = "prometheus.certificateAuthority";
  const problems = [
    ...objectNameProblems(`${path}.configMap`, given.configMap),
    ...keyProblems(`${path}.key`, "ConfigMap", given.key),
  ];
  if (authentication === PrometheusAuthentication.None) {
    problems.push({
      path,
      message: `is given, but KEDA reads it only together with an authentication. Set prometheus.authentication, or leave it out.`,
    });
  }
  return problems;
}

function boundTokenProblems({
  kedaVersion: version,
  prometheusAuthentication: authentication,
}: PlatformReference): Problem[] {
  const parsed = parseVersion(version);
  if (
    parsed === undefined ||
    authentication !== PrometheusAuthentication.BoundServiceAccountToken ||
    isAtLeast(parsed, boundTokenSince)
  ) {
    return [];
  }
  return [
    {
      path: "keda.version",
      message: `is ${version}, which cannot issue bound tokens; prometheus.authentication "${authentication}" needs ${formatVersion(boundTokenSince)} or newer.`,
    },
  ];
}
