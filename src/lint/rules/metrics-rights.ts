import { type Report, Severity } from "../finding";
import type { Rule } from "../rule";
import type { LintedObject } from "../source/linted-object";
import { openShiftSources, tenancyExample, triggerAuthentication } from "./prometheus-access";

/** A policy for a model, and the ServiceAccount it asks by. */
const authenticated = `${tenancyExample}---
${triggerAuthentication("models")}`;

const roleBinding = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: keda-metrics
  namespace: models
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: keda-metrics
subjects:
  - kind: ServiceAccount
    name: llama-prometheus
    namespace: models
`;

const tokenSecret: Rule = {
  id: "long-lived-token",
  modelsOnly: true,
  title: "A token that never expires",
  severity: Severity.Warning,
  kinds: ["Secret"],
  happens:
    "The token is valid until the Secret is deleted, in every copy and every backup. Right after it is made it is empty for a moment, which KEDA meets as 401.",
  why: "A Secret of type `kubernetes.io/service-account-token` is filled by a controller and never rotated.",
  sources: ["kedacore/keda apis/keda/v1alpha1/triggerauthentication_types.go, boundServiceAccountToken (KEDA 2.17)"],
  fix: "Use `boundServiceAccountToken`: KEDA asks for a token of an hour, and needs `create serviceaccounts/token` for that ServiceAccount.",
  bad: `${authenticated}---
apiVersion: v1
kind: Secret
metadata:
  name: llama-prometheus
  namespace: models
  annotations:
    kubernetes.io/service-account.name: llama-prometheus
type: kubernetes.io/service-account-token
`,
  good: triggerAuthentication("models"),
  *check(object: LintedObject): Generator<Report> {
    const type = object.get("type");
    if (type.text !== "kubernetes.io/service-account-token") return;
    yield {
      at: type,
      message: `Secret ${object.name} holds a token that never expires.`,
      fix: "Use boundServiceAccountToken in the TriggerAuthentication and delete the Secret.",
    };
  },
};

const broadRole: Rule = {
  id: "role-too-broad",
  modelsOnly: true,
  title: "The role allows more than reading metrics needs",
  severity: Severity.Warning,
  kinds: ["Role", "ClusterRole"],
  happens: "Whoever has the token can read, or change, what scaling never touches.",
  why: "Port 9092 only asks whether the caller may get pods in the namespace. KEDA serves external metrics itself.",
  sources: openShiftSources,
  fix: "`get` on pods, and `get`, `list` on pods of metrics.k8s.io.",
  bad: `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: keda-metrics
  namespace: models
rules:
  - apiGroups: [metrics.k8s.io, custom.metrics.k8s.io, external.metrics.k8s.io]
    resources: ["*"]
    verbs: ["*"]
---
${roleBinding}---
${authenticated}`,
  good: `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: keda-metrics
  namespace: models
rules:
  - apiGroups: [""]
    resources: [pods]
    verbs: [get]
  - apiGroups: [metrics.k8s.io]
    resources: [pods]
    verbs: [get, list]
`,
  *check(object: LintedObject): Generator<Report> {
    for (const rule of object.get("rules").items()) {
      const groups = rule.get("apiGroups").items();
      if (!groups.some(({ text }) => text?.endsWith("metrics.k8s.io"))) continue;
      const star = [rule.get("verbs"), rule.get("resources")].find((list) =>
        list.items().some(({ text }) => text === "*"),
      );
      if (star)
        yield {
          at: star,
          message: `${object.title} allows everything on metrics of the cluster.`,
          fix: "Allow get and list on pods of metrics.k8s.io.",
        };
    }
  },
};

const clusterView: Rule = {
  id: "cluster-monitoring-view",
  modelsOnly: true,
  title: "The ServiceAccount may read the metrics of every namespace",
  severity: Severity.Warning,
  kinds: ["ClusterRoleBinding", "RoleBinding"],
  happens: "A token of one team reads the metrics of all.",
  why: "`cluster-monitoring-view` is for port 9091. Port 9092 needs a Role in the namespace only.",
  sources: openShiftSources,
  fix: "Ask port 9092, and bind a Role that may get pods.",
  bad: `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: keda-metrics
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-monitoring-view
subjects:
  - kind: ServiceAccount
    name: llama-prometheus
    namespace: models
---
${authenticated}`,
  good: `${roleBinding}---
${authenticated}`,
  *check(object: LintedObject): Generator<Report> {
    const role = object.get("roleRef", "name");
    if (role.text !== "cluster-monitoring-view") return;
    yield {
      at: role,
      message: `${object.title} lets its subjects read the metrics of all namespaces.`,
      fix: "Bind a Role of the namespace and ask port 9092.",
    };
  },
};

export const metricsRightsRules: readonly Rule[] = [tokenSecret, broadRole, clusterView];
