import { describe, expect, it } from "vitest";
import { diffResource } from "../../../../packages/sandbox/src/provider/diff-resource";
import type { JsonObject } from "../../../../packages/sandbox/src/provider/json";

const immutableMaps = { configMaps: false, secrets: false };

/** The state after a create: the inputs, and the live object with what the cluster added. */
function state(inputs: JsonObject, live: JsonObject = inputs): JsonObject {
  return { ...live, status: { phase: "x" }, __inputs: inputs, __initialApiVersion: "v1", __fieldManager: "m" };
}

function object(apiVersion: string, kind: string, fields: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { apiVersion, kind, metadata: { name: "n", namespace: "ns", ...metadata }, ...fields };
}

function diff(olds: JsonObject, news: JsonObject, mutability = immutableMaps, ignoreChanges: string[] = []) {
  const result = diffResource({ olds, news, ignoreChanges, namespaced: true, mutability });
  return {
    changes: Object.fromEntries([...result.changes].map(([path, change]) => [path, change.kind])),
    replaces: result.replaces,
    deleteBeforeReplace: result.deleteBeforeReplace,
  };
}

describe("diffResource", () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      "what the cluster filled in",
      object("apps/v1", "Deployment", { spec: { template: { a: 1 } } }),
      object("apps/v1", "Deployment", { spec: { replicas: 5, template: { a: 1, b: 2 } } }, { uid: "u", generation: 3 }),
    ],
    [
      "quantities written differently",
      object("v1", "PersistentVolumeClaim", { spec: { resources: { requests: { storage: "1024Mi" } } } }),
      object("v1", "PersistentVolumeClaim", { spec: { resources: { requests: { storage: "1Gi" } } } }),
    ],
    [
      "values the cluster dropped",
      object("v1", "PersistentVolume", { spec: { nfs: { server: "s", readOnly: false } } }),
      object("v1", "PersistentVolume", { spec: { nfs: { server: "s" } } }),
    ],
  ])("sees no change in %s", (_what, inputs, live) => {
    expect(diff(state(inputs, live), inputs)).toEqual({ changes: {}, replaces: [], deleteBeforeReplace: false });
  });

  it("sees drift: a live value that is no longer the program's", () => {
    const inputs = object("v1", "Service", { spec: { type: "ClusterIP" } });
    const live = object("v1", "Service", { spec: { type: "NodePort" } });
    expect(diff(state(inputs, live), inputs).changes).toEqual({ "spec.type": "update" });
  });

  const cases: [string, string, JsonObject, JsonObject, string[]][] = [
    [
      "apps/v1",
      "Deployment",
      { spec: { selector: { matchLabels: { a: "1" } } } },
      { spec: { selector: { matchLabels: { a: "2" } } } },
      ["spec.selector.matchLabels.a"],
    ],
    ["apps/v1", "Deployment", { spec: { template: { a: 1 } } }, { spec: { template: { a: 2 } } }, []],
    ["v1", "Service", { spec: { clusterIP: "10.0.0.1" } }, { spec: { clusterIP: "None" } }, ["spec.clusterIP"]],
    ["v1", "Service", { spec: { type: "ClusterIP" } }, { spec: { type: "NodePort" } }, []],
    [
      "v1",
      "PersistentVolumeClaim",
      { spec: { storageClassName: "a" } },
      { spec: { storageClassName: "b" } },
      ["spec.storageClassName"],
    ],
    ["v1", "PersistentVolumeClaim", { spec: { volumeName: "a" } }, { spec: { volumeName: "b" } }, ["spec.volumeName"]],
    [
      "v1",
      "PersistentVolumeClaim",
      { spec: { resources: { requests: { storage: "1Gi" } } } },
      { spec: { resources: { requests: { storage: "2Gi" } } } },
      [],
    ],
    ["v1", "PersistentVolume", { spec: { nfs: { path: "/a" } } }, { spec: { nfs: { path: "/b" } } }, ["spec.nfs.path"]],
    ["v1", "PersistentVolume", { spec: { nfs: {} } }, { spec: { csi: {} } }, ["spec.csi", "spec.nfs"]],
    ["batch/v1", "Job", { spec: { template: { a: 1 } } }, { spec: { template: { a: 2 } } }, ["spec.template.a"]],
    ["batch/v1", "Job", { spec: { backoffLimit: 1 } }, { spec: { backoffLimit: 2 } }, []],
    [
      "rbac.authorization.k8s.io/v1",
      "RoleBinding",
      { roleRef: { name: "a" } },
      { roleRef: { name: "b" } },
      ["roleRef.name"],
    ],
    ["rbac.authorization.k8s.io/v1", "RoleBinding", { subjects: [{ name: "a" }] }, { subjects: [{ name: "b" }] }, []],
    ["v1", "Secret", { type: "Opaque" }, { type: "kubernetes.io/tls" }, ["type"]],
    ["v1", "Secret", { data: { a: "YQ==" } }, { data: { a: "Yg==" } }, ["data.a"]],
    ["v1", "ConfigMap", { data: { a: "1" } }, { data: { a: "2" } }, ["data.a"]],
    ["keda.sh/v1alpha1", "ScaledObject", { spec: { a: 1 } }, { spec: { a: 2 } }, []],
  ];
  it.each(cases)("%s %s: %j to %j replaces for %j", (apiVersion, kind, before, after, replaces) => {
    const result = diff(state(object(apiVersion, kind, before)), object(apiVersion, kind, after));
    expect([...result.replaces].sort()).toEqual([...replaces].sort());
    expect(Object.keys(result.changes).length).toBeGreaterThan(0);
  });

  it.each([
    ["ConfigMap", { configMaps: true, secrets: false }, {}, []],
    ["ConfigMap", { configMaps: true, secrets: false }, { immutable: true }, ["data.a"]],
    ["Secret", { configMaps: false, secrets: true }, {}, []],
    ["Secret", { configMaps: true, secrets: false }, {}, ["data.a"]],
  ])("%s with %j and %j replaces for %j", (kind, mutability, fields, replaces) => {
    const before = object("v1", kind, { ...fields, data: { a: "YQ==" } });
    const after = object("v1", kind, { ...fields, data: { a: "Yg==" } });
    expect(diff(state(before), after, mutability).replaces).toEqual(replaces);
  });

  it("deletes first only an object whose name the program gives and keeps", () => {
    const data = (value: string) => ({ data: { a: value } });
    const given = diff(state(object("v1", "ConfigMap", data("1"))), object("v1", "ConfigMap", data("2")));
    expect(given.deleteBeforeReplace).toBe(true);

    const auto = { annotations: { "pulumi.com/autonamed": "true" } };
    const autonamed = diff(
      state(object("v1", "ConfigMap", data("1"), auto)),
      object("v1", "ConfigMap", data("2"), auto),
    );
    expect(autonamed.deleteBeforeReplace).toBe(false);

    const moved = diff(state(object("v1", "ConfigMap", {})), object("v1", "ConfigMap", {}, { namespace: "other" }));
    expect(moved.replaces).toEqual(["metadata.namespace"]);
    expect(moved.deleteBeforeReplace).toBe(false);

    const renamed = diff(state(object("v1", "ConfigMap", {})), object("v1", "ConfigMap", {}, { name: "other" }));
    expect(renamed.replaces).toEqual(["metadata.name"]);
    expect(renamed.deleteBeforeReplace).toBe(false);
  });

  it("takes the namespace default and none for the same, and none where the kind has none", () => {
    const before = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "n", namespace: "default" } };
    const after = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "n" } };
    expect(diff(state(before), after).changes).toEqual({});
    const clusterWide = diffResource({
      olds: state({ apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } }),
      news: { apiVersion: "v1", kind: "Namespace", metadata: { name: "n", namespace: "x" } },
      ignoreChanges: [],
      namespaced: false,
      mutability: immutableMaps,
    });
    expect(clusterWide.changes.size).toBe(0);
  });

  it("ignores the replicas an autoscaler set", () => {
    const inputs = object("apps/v1", "Deployment", { spec: { replicas: 1 } });
    const live = object("apps/v1", "Deployment", { spec: { replicas: 5 } });
    expect(diff(state(inputs, live), inputs, immutableMaps, ["spec.replicas"]).changes).toEqual({});
  });
});
