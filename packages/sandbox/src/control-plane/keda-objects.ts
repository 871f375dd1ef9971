import { kedaNamespace } from "./keda-args";

/** The ServiceAccount all of KEDA's programs run as, here as in a real cluster. */
export const kedaServiceAccount = "keda-operator";

const serviceAccountSubject = { kind: "ServiceAccount", name: kedaServiceAccount, namespace: kedaNamespace };
const readWrite = ["create", "delete", "get", "list", "patch", "update", "watch"];
const observe = ["list", "watch"];
const change = ["get", "list", "patch", "update", "watch"];

function rule(apiGroups: string[], resources: string[], verbs: string[]): object {
  return { apiGroups, resources, verbs };
}

/** Upstream's `config/rbac` and `config/metrics-server` of KEDA 2.20, so that a missing permission shows here too. */
export function kedaAccess(): object[] {
  const rbac = "rbac.authorization.k8s.io";
  const apiVersion = `${rbac}/v1`;
  const bindCluster = (name: string, role: string, subject: object): object => ({
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: [subject],
  });
  const bind = (namespace: string, name: string, role: string): object => ({
    apiVersion,
    kind: "RoleBinding",
    metadata: { name, namespace },
    roleRef: { apiGroup: rbac, kind: "Role", name: role },
    subjects: [serviceAccountSubject],
  });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: kedaServiceAccount, namespace: kedaNamespace } },
    { apiVersion, kind: "ClusterRole", metadata: { name: "keda-operator" }, rules: operatorRules },
    {
      apiVersion,
      kind: "Role",
      metadata: { name: "keda-operator", namespace: kedaNamespace },
      rules: [rule([""], ["secrets"], readWrite), rule(["coordination.k8s.io"], ["leases"], readWrite)],
    },
    bindCluster("keda-operator", "keda-operator", serviceAccountSubject),
    bind(kedaNamespace, "keda-operator", "keda-operator"),
    bindCluster("keda-system-auth-delegator", "system:auth-delegator", serviceAccountSubject),
    bind("kube-system", "keda-auth-reader", "extension-apiserver-authentication-reader"),
    {
      apiVersion,
      kind: "ClusterRole",
      metadata: { name: "keda-external-metrics-reader" },
      rules: [rule(["external.metrics.k8s.io"], ["*"], ["*"])],
    },
    bindCluster("keda-hpa-controller-external-metrics", "keda-external-metrics-reader", {
      kind: "ServiceAccount",
      name: "horizontal-pod-autoscaler",
      namespace: "kube-system",
    }),
  ];
}

const operatorRules = [
  rule([""], ["configmaps", "configmaps/status", "external", "pods", "secrets", "services"], ["get", "list", "watch"]),
  rule([""], ["limitranges", "serviceaccounts"], observe),
  rule(["", "events.k8s.io"], ["events"], ["create", "patch"]),
  rule(["*"], ["*"], ["get"]),
  rule(["*"], ["*/scale"], change),
  rule(["admissionregistration.k8s.io"], ["validatingwebhookconfigurations"], change),
  rule(["apiregistration.k8s.io"], ["apiservices"], change),
  rule(["apps"], ["deployments", "replicasets", "statefulsets"], observe),
  rule(["autoscaling"], ["horizontalpodautoscalers"], readWrite),
  rule(["batch"], ["jobs"], readWrite),
  rule(["discovery.k8s.io"], ["endpointslices"], ["get", "list", "watch"]),
  rule(
    ["eventing.keda.sh"],
    ["cloudeventsources", "cloudeventsources/status", "clustercloudeventsources", "clustercloudeventsources/status"],
    change,
  ),
  rule(
    ["keda.sh"],
    [
      "clustertriggerauthentications",
      "clustertriggerauthentications/status",
      "scaledjobs",
      "scaledjobs/finalizers",
      "scaledjobs/status",
      "scaledobjects",
      "scaledobjects/finalizers",
      "scaledobjects/status",
      "triggerauthentications",
      "triggerauthentications/status",
    ],
    change,
  ),
];

/** The external metrics API, served by KEDA's adapter: a Service without pods that points at this machine. */
export function externalMetricsApi(adapterPort: number, certificateAuthority: string): object[] {
  const service = "keda-metrics-apiserver";
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: service, namespace: kedaNamespace },
      spec: { type: "ExternalName", externalName: "localhost", ports: [{ name: "https", port: adapterPort }] },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: externalMetricsApiService },
      spec: {
        service: { name: service, namespace: kedaNamespace, port: adapterPort },
        group: "external.metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: base64(certificateAuthority),
      },
    },
  ];
}

export const externalMetricsApiService = "v1beta1.external.metrics.k8s.io";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
