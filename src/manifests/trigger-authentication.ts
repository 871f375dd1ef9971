import { Role, standardLabels } from "./labels";
import { fitName, logicalNames } from "./naming";
import { Distribution, type PlatformReference } from "./platform-reference";

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
  const { prometheusAccess, metricsReader, tokenIssuer } = logicalNames(name);
  return {
    serviceAccount: fitName(prometheusAccess),
    triggerAuthentication: fitName(prometheusAccess),
    reader: fitName(metricsReader),
    tokenIssuer: fitName(tokenIssuer),
  };
}

/** The identity of the queries. Nothing runs as it; KEDA asks for short-lived tokens of it. */
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

/** Tells KEDA to send a bound token of the ServiceAccount. */
export function triggerAuthentication<S>(options: TriggerAuthenticationOptions<S>) {
  const names = prometheusAccessNames(options.name);
  return {
    apiVersion: "keda.sh/v1alpha1" as const,
    kind: "TriggerAuthentication" as const,
    metadata: metadata(options, names.triggerAuthentication),
  };
}

/**
 * Specification of the TriggerAuthentication. On OpenShift the certificate of the metrics API is signed by the service CA, which
 * every namespace has in a ConfigMap.
 */
export function triggerAuthenticationSpec(name: string, platform: PlatformReference) {
  const token = [{ parameter: "bearerToken", serviceAccountName: prometheusAccessNames(name).serviceAccount }];
  return platform.distribution === Distribution.OpenShift
    ? {
        boundServiceAccountToken: token,
        configMapTargetRef: [{ parameter: "ca", name: "openshift-service-ca.crt", key: "service-ca.crt" }],
      }
    : { boundServiceAccountToken: token };
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

/** The identity that Prometheus accepts, and leave for KEDA's operator to use it. */
export function prometheusIdentity<S>(options: TriggerAuthenticationOptions<S>, keda: KedaServiceAccount<S>) {
  return {
    serviceAccount: prometheusServiceAccount(options),
    readerRole: metricsReaderRole(options),
    readerBinding: metricsReaderBinding(options),
    tokenRole: tokenIssuerRole(options),
    tokenBinding: tokenIssuerBinding(options, keda),
  };
}
