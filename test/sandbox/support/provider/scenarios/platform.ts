import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";
import type { Scenario } from "../scenario";
import { creates } from "./cluster";
import { inNamespace, object } from "./objects";

const lateClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "answers-late" },
  provisioner: "answers.test/none",
  volumeBindingMode: "WaitForFirstConsumer",
};

/** Namespaces, access and storage. */
export const platformScenarios: Scenario[] = [
  {
    name: "namespace",
    type: "core/v1:Namespace",
    steps: [
      { do: "up", program: namespace({ team: "a" }) },
      { do: "up", program: namespace({ team: "a" }) },
      { do: "refresh" },
      { do: "up", program: namespace({ team: "b" }) },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "service-account",
    type: "core/v1:ServiceAccount",
    steps: [
      { do: "up", program: object("v1", "ServiceAccount", undefined, { metadata: inNamespace("service-account") }) },
      {
        do: "up",
        program: object("v1", "ServiceAccount", undefined, {
          metadata: inNamespace("service-account"),
          more: { automountServiceAccountToken: false },
        }),
      },
      { do: "refresh" },
      { do: "destroy" },
    ],
  },
  {
    name: "token-secret",
    type: "core/v1:Secret",
    steps: [
      {
        do: "outside",
        what: "account",
        act: creates({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "thing" } }),
      },
      { do: "up", program: tokenSecret("thing") },
      { do: "destroy" },
    ],
  },
  {
    name: "role",
    type: "rbac.authorization.k8s.io/v1:Role",
    steps: [
      { do: "up", program: role(["get"]) },
      { do: "up", program: role(["get", "list"]) },
      { do: "up", program: role([]) },
      { do: "destroy" },
    ],
  },
  {
    name: "role-binding",
    type: "rbac.authorization.k8s.io/v1:RoleBinding",
    steps: [
      { do: "up", program: roleBinding("one", "x") },
      { do: "up", program: roleBinding("one", "y") },
      { do: "up", program: roleBinding("two", "y") },
      { do: "destroy" },
    ],
  },
  {
    name: "persistent-volume",
    type: "core/v1:PersistentVolume",
    steps: [
      { do: "up", program: volume("answers-volume", "/a", "1Gi") },
      { do: "up", program: volume("answers-volume", "/a", "1024Mi") },
      { do: "up", program: volume("answers-volume", "/a", "2Gi") },
      { do: "compare", program: volume("answers-volume", "/b", "2Gi") },
      { do: "refresh" },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "persistent-volume-claim",
    type: "core/v1:PersistentVolumeClaim",
    steps: [
      { do: "outside", what: "volume", act: creates(volume("answers-claimed", "/a", "1Gi")) },
      { do: "up", program: claim("persistent-volume-claim", { volumeName: "answers-claimed" }), timeoutSeconds: 60 },
      { do: "compare", program: claim("persistent-volume-claim", { volumeName: "answers-claimed" }) },
      { do: "compare", program: claim("persistent-volume-claim", { volumeName: "other" }) },
      {
        do: "compare",
        program: claim("persistent-volume-claim", { volumeName: "answers-claimed", accessModes: ["ReadOnlyMany"] }),
      },
      { do: "refresh" },
    ],
  },
  {
    name: "claim-of-its-first-pod",
    type: "core/v1:PersistentVolumeClaim",
    steps: [
      { do: "outside", what: "class", act: creates(lateClass) },
      { do: "up", program: claim("claim-of-its-first-pod", { storageClassName: "answers-late" }), timeoutSeconds: 60 },
      {
        do: "up",
        program: claim("claim-of-its-first-pod", { storageClassName: "answers-late" }, { a: "b" }),
        timeoutSeconds: 60,
      },
      { do: "refresh" },
      { do: "destroy", timeoutSeconds: 60 },
    ],
  },
  {
    name: "list",
    type: "core/v1:ConfigMapList",
    steps: [{ do: "preview", program: { apiVersion: "v1", kind: "ConfigMapList", items: [] } }],
  },
];

function namespace(labels: JsonObject): JsonObject {
  return object("v1", "Namespace", undefined, { metadata: { name: "answers-made", labels } });
}

function tokenSecret(account: string): JsonObject {
  return object("v1", "Secret", undefined, {
    metadata: inNamespace("token-secret", { annotations: { "kubernetes.io/service-account.name": account } }),
    more: { type: "kubernetes.io/service-account-token" },
  });
}

function role(verbs: string[]): JsonObject {
  const rules = [{ apiGroups: [""], resources: ["serviceaccounts/token"], verbs }];
  return object("rbac.authorization.k8s.io/v1", "Role", undefined, { metadata: inNamespace("role"), more: { rules } });
}

function roleBinding(roleName: string, account: string): JsonObject {
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: roleName };
  const subjects = [{ kind: "ServiceAccount", name: account, namespace: "default" }];
  return object("rbac.authorization.k8s.io/v1", "RoleBinding", undefined, {
    metadata: inNamespace("role-binding"),
    more: { roleRef, subjects },
  });
}

function volume(name: string, path: string, storage: string): JsonObject {
  return object(
    "v1",
    "PersistentVolume",
    {
      accessModes: ["ReadWriteMany"],
      capacity: { storage },
      nfs: { path, server: "nfs.test", readOnly: false },
      storageClassName: "",
      persistentVolumeReclaimPolicy: "Retain",
    },
    { metadata: { name } },
  );
}

function claim(scenario: string, spec: JsonObject, labels?: JsonObject): JsonObject {
  return object(
    "v1",
    "PersistentVolumeClaim",
    { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "1Gi" } }, storageClassName: "", ...spec },
    { metadata: inNamespace(scenario, labels === undefined ? {} : { labels }) },
  );
}
