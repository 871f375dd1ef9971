import { Role, standardLabels } from "./labels";
import { fitName, logicalNames } from "./naming";
import { type PlatformReference, PrometheusAuthentication } from "./platform-reference";

/** ServiceAccount of KEDA's operator, which issues the tokens. */
export interface KedaServiceAccount<S = string> {
  namespace: S;
  name: S;
}

export interface TriggerAuthenticationOptions<S = string> {
  /** Name of the autoscaler. */
  name: string;
  namespace: S;
}

/** Names of the objects by which KEDA reads Prometheus. */
export function prometheusAccessNames(name: string) {
  const { prometheusAccess, metricsReader, tokenIssuer, tokenSecret } = logicalNames(name);
  return {
    serviceAccount: fitName(prometheusAccess),
    triggerAuthentication: fitName(prometheusAccess),
    reader: fitName(metricsReader),
    tokenIssuer: fitName(tokenIssuer),
    tokenSecret: fitName(tokenSecret),
  };
}

/** The identity of the queries. Nothing runs as it. */
function prometheusServiceAccount<S>(options: TriggerAuthenticationOptions<S>) {
  return {
    apiVersion: "v1" as const,
    kind: "ServiceAccount" as const,
    metadata: metadata(options, prometheusAccessNames(options.name).serviceAccount),
    automountServiceAccountToken: false,
  };
}

/**
 * What a tenancy proxy such as OpenShift's port 9092 asks for before it answers for a namespace: `get pods`, of `metrics.k8s.io`
 * in newer releases and of the core group in older ones.
 */
function metricsReaderRole<S>(options: TriggerAuthenticationOptions<S>) {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1" as const,
    kind: "Role" as const,
    metadata: metadata(options, prometheusAccessNames(options.name).reader),
    rules: [
      { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
      { apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: ["get"] },
    ],
  };
}

function metricsReaderBinding<S>(options: TriggerAuthenticationOptions<S>) {
  const names = prometheusAccessNames(options.name);
  return roleBinding(options, names.reader, { namespace: options.namespace, name: names.serviceAccount });
}

/** Lets KEDA's operator issue tokens of that one ServiceAccount. */
function tokenIssuerRole<S>(options: TriggerAuthenticationOptions<S>) {
  const names = prometheusAccessNames(options.name);
  return {
    apiVersion: "rbac.authorization.k8s.io/v1" as const,
    kind: "Role" as const,
    metadata: metadata(options, names.tokenIssuer),
    rules: [
      {
        apiGroups: [""],
        resources: ["serviceaccounts/token"],
        resourceNames: [names.serviceAccount],
        verbs: ["create"],
      },
    ],
  };
}

function tokenIssuerBinding<S>(options: TriggerAuthenticationOptions<S>, keda: KedaServiceAccount<S>) {
  return roleBinding(options, prometheusAccessNames(options.name).tokenIssuer, keda);
}

/** Kubernetes writes a token of the ServiceAccount into it, which lasts as long as the Secret. */
function tokenSecret<S>(options: TriggerAuthenticationOptions<S>) {
  const names = prometheusAccessNames(options.name);
  const { labels, ...rest } = metadata(options, names.tokenSecret);
  return {
    apiVersion: "v1" as const,
    kind: "Secret" as const,
    metadata: { ...rest, labels, annotations: { "kubernetes.io/service-account.name": names.serviceAccount } },
    type: "kubernetes.io/service-account-token" as const,
  };
}

/** Tells KEDA to send a token of the ServiceAccount. */
export function triggerAuthentication<S>(options: TriggerAuthenticationOptions<S>) {
  const names = prometheusAccessNames(options.name);
  return {
    apiVersion: "keda.sh/v1alpha1" as const,
    kind: "TriggerAuthentication" as const,
    metadata: metadata(options, names.triggerAuthentication),
  };
}

/**
 * Specification of the TriggerAuthentication. The authority is never that of the token's Secret: its `ca.crt` is the API server's.
 */
export function triggerAuthenticationSpec(name: string, platform: PlatformReference) {
  const authority = platform.prometheusCertificateAuthority;
  return {
    ...credentials(name, platform),
    ...(authority === undefined
      ? {}
      : { configMapTargetRef: [{ parameter: "ca", name: authority.configMap, key: authority.key }] }),
  };
}

/** Where KEDA finds what it sends (kedacore/keda, `pkg/scalers/authentication`): the values are never here. */
function credentials(name: string, platform: PlatformReference) {
  const { serviceAccount, tokenSecret } = prometheusAccessNames(name);
  const { prometheusAuthentication: authentication, prometheusCredentialsSecret: secret } = platform;
  if (authentication === PrometheusAuthentication.Basic && secret !== undefined) {
    return {
      secretTargetRef: [
        { parameter: "username", name: secret.name, key: secret.usernameKey ?? "username" },
        { parameter: "password", name: secret.name, key: secret.passwordKey ?? "password" },
      ],
    };
  }
  const parameter = "bearerToken";
  return authentication === PrometheusAuthentication.ServiceAccountTokenSecret
    ? { secretTargetRef: [{ parameter, name: tokenSecret, key: "token" }] }
    : { boundServiceAccountToken: [{ parameter, serviceAccountName: serviceAccount }] };
}

function metadata<S>(options: TriggerAuthenticationOptions<S>, name: string) {
  return { name, namespace: options.namespace, labels: standardLabels(options.name, Role.Autoscaler) };
}

function roleBinding<S>(
  options: TriggerAuthenticationOptions<S>,
  name: string,
  subject: { namespace: S; name: S | string },
) {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1" as const,
    kind: "RoleBinding" as const,
    metadata: metadata(options, name),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", namespace: subject.namespace, name: subject.name }],
  };
}

/** The identity that Prometheus accepts. */
export function prometheusIdentity<S>(options: TriggerAuthenticationOptions<S>) {
  return {
    serviceAccount: prometheusServiceAccount(options),
    readerRole: metricsReaderRole(options),
    readerBinding: metricsReaderBinding(options),
    tokenSecret: tokenSecret(options),
  };
}

/** Leave for KEDA's operator to issue tokens of that identity. */
export function tokenIssuing<S>(options: TriggerAuthenticationOptions<S>, keda: KedaServiceAccount<S>) {
  return { role: tokenIssuerRole(options), binding: tokenIssuerBinding(options, keda) };
}
