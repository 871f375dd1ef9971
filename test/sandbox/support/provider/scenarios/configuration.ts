import type { Scenario } from "../scenario";
import { creates, deletes, looksAt, patches } from "./cluster";
import { configMap, inNamespace, object, secret, unknown } from "./objects";

const type = "core/v1:ConfigMap";
const target = { apiVersion: "v1", kind: "ConfigMap" };
const mutable = { enableConfigMapMutable: "true", enableSecretMutable: "true" };

/** ConfigMaps and Secrets: names, owners, immutability, secret values. */
export const configurationScenarios: Scenario[] = [
  {
    name: "config-map",
    type,
    steps: [
      { do: "up", program: configMap(inNamespace("config-map"), { a: "1", b: "" }) },
      { do: "up", program: configMap(inNamespace("config-map"), { a: "1", b: "" }) },
      { do: "refresh" },
      { do: "up", program: configMap(inNamespace("config-map", { labels: { added: "1" } }), { a: "1", b: "" }) },
      { do: "up", program: configMap(inNamespace("config-map", { labels: { added: "1" } }), { a: "2" }) },
      { do: "destroy" },
    ],
  },
  {
    name: "config-map-mutable",
    type,
    settings: mutable,
    steps: [
      { do: "up", program: configMap(inNamespace("config-map-mutable"), { a: "1", b: "2" }) },
      { do: "up", program: configMap(inNamespace("config-map-mutable"), { a: "2" }) },
      {
        do: "compare",
        program: configMap(inNamespace("config-map-mutable"), { a: "3" }, { immutable: true }),
      },
      { do: "outside", what: "labels of others", act: patches(target, { metadata: { labels: { theirs: "1" } } }) },
      { do: "outside", what: "data of others", act: patches(target, { data: { theirs: "1" } }) },
      { do: "refresh" },
      { do: "up", program: configMap(inNamespace("config-map-mutable"), { a: "4" }) },
      { do: "outside", what: "data", act: looksAt(target, "data") },
      { do: "destroy" },
    ],
  },
  {
    name: "autonamed",
    type,
    steps: [
      { do: "up", program: configMap({ namespace: "answers-autonamed" }, { a: "1" }) },
      { do: "up", program: configMap({ namespace: "answers-autonamed", annotations: { note: "x" } }, { a: "1" }) },
      { do: "up", program: configMap({ namespace: "answers-autonamed" }, { a: "2" }) },
      { do: "compare", program: configMap(inNamespace("autonamed"), { a: "2" }) },
      { do: "destroy" },
    ],
  },
  {
    name: "renamed",
    type,
    steps: [
      { do: "up", program: configMap(inNamespace("renamed"), { a: "1" }) },
      { do: "compare", program: configMap(inNamespace("renamed", { namespace: "default" }), { a: "1" }) },
      { do: "up", program: configMap(inNamespace("renamed", { name: "thing-two" }), { a: "1" }) },
      { do: "destroy" },
    ],
  },
  {
    name: "default-namespace",
    type,
    settings: { namespace: "answers-default-namespace" },
    steps: [
      { do: "up", program: configMap({ name: "thing" }, { a: "1" }) },
      { do: "up", program: configMap({ name: "thing" }, { a: "1" }) },
      { do: "compare", program: configMap(inNamespace("default-namespace"), { a: "1" }) },
      { do: "destroy" },
    ],
  },
  {
    name: "names-refused",
    type,
    steps: [{ do: "preview", program: configMap({ generateName: "thing-", namespace: "answers-names-refused" }, {}) }],
  },
  {
    name: "unknown-values",
    type,
    steps: [
      { do: "preview", program: configMap(inNamespace("unknown-values"), { a: unknown }) },
      { do: "preview", program: { apiVersion: "v1", kind: "ConfigMap", metadata: unknown } },
      { do: "up", program: configMap(inNamespace("unknown-values"), { a: "1" }, {}) },
      { do: "compare", program: configMap(inNamespace("unknown-values", { labels: { a: unknown } }), { a: "1" }) },
      { do: "destroy" },
    ],
  },
  {
    name: "exists-already",
    type,
    steps: [
      {
        do: "outside",
        what: "made by others",
        act: creates({ ...target, metadata: { name: "thing" }, data: { a: "theirs", b: "theirs" } }),
      },
      { do: "up", program: configMap(inNamespace("exists-already"), { a: "1" }) },
    ],
  },
  {
    name: "exists-already-upsert",
    type,
    settings: { ...mutable, upsertExistingObjects: "true", enablePatchForce: "true" },
    steps: [
      {
        do: "outside",
        what: "made by others",
        act: creates({ ...target, metadata: { name: "thing" }, data: { a: "theirs", b: "theirs" } }),
      },
      { do: "up", program: configMap(inNamespace("exists-already-upsert"), { a: "1" }) },
      { do: "up", program: configMap(inNamespace("exists-already-upsert"), { a: "2" }) },
      { do: "outside", what: "data", act: looksAt(target, "data") },
      { do: "destroy" },
    ],
  },
  {
    name: "imported",
    type,
    settings: mutable,
    steps: [
      {
        do: "outside",
        what: "made by others",
        act: creates({ ...target, metadata: { name: "thing", labels: { a: "b" } }, data: { a: "1" } }),
      },
      { do: "import", id: "answers-imported/thing" },
      { do: "compare", program: configMap(inNamespace("imported", { labels: { a: "b" } }), { a: "1" }) },
      { do: "up", program: configMap(inNamespace("imported", { labels: { a: "c" } }), { a: "2" }) },
      { do: "refresh" },
      { do: "destroy" },
    ],
  },
  {
    name: "gone",
    type,
    settings: mutable,
    steps: [
      { do: "up", program: configMap(inNamespace("gone"), { a: "1" }) },
      { do: "outside", what: "deleted by others", act: deletes(target) },
      { do: "up", program: configMap(inNamespace("gone"), { a: "2" }) },
      { do: "refresh" },
      { do: "import", id: "answers-gone/never" },
      { do: "up", program: configMap(inNamespace("gone"), { a: "2" }) },
      { do: "outside", what: "deleted by others", act: deletes(target) },
      { do: "destroy" },
    ],
  },
  {
    name: "conflict",
    type,
    settings: mutable,
    steps: [
      { do: "up", program: configMap(inNamespace("conflict"), { a: "1", b: "1" }) },
      { do: "up", program: configMap(inNamespace("conflict"), { a: "2", b: "1" }) },
      { do: "outside", what: "changed by others", act: patches(target, { data: { a: "theirs" } }) },
      { do: "compare", program: configMap(inNamespace("conflict"), { a: "2", b: "1" }) },
      { do: "up", program: configMap(inNamespace("conflict"), { a: "3", b: "1" }) },
      { do: "refresh" },
      { do: "up", program: configMap(inNamespace("conflict"), { a: "3", b: "2" }), ignoreChanges: ["data.a"] },
      {
        do: "up",
        program: configMap(inNamespace("conflict", { annotations: { "pulumi.com/patchForce": "true" } }), { a: "3" }),
      },
      { do: "outside", what: "data", act: looksAt(target, "data") },
      { do: "destroy" },
    ],
  },
  {
    name: "secret",
    type: "core/v1:Secret",
    steps: [
      { do: "up", program: secretObject("secret", { stringData: { a: secret("hunter2"), open: "x" } }) },
      { do: "up", program: secretObject("secret", { stringData: { a: secret("hunter2"), open: "x" } }) },
      { do: "refresh" },
      { do: "up", program: secretObject("secret", { data: { a: secret("aHVudGVyMw=="), open: "eA==\n" } }) },
      { do: "destroy" },
    ],
  },
  {
    name: "secret-mutable",
    type: "core/v1:Secret",
    settings: mutable,
    steps: [
      { do: "up", program: secretObject("secret-mutable", { stringData: { a: secret("hunter2") } }) },
      { do: "up", program: secretObject("secret-mutable", { stringData: { a: secret("hunter3") } }) },
      { do: "compare", program: secretObject("secret-mutable", { type: "test/other", data: {} }) },
      { do: "destroy" },
    ],
  },
];

function secretObject(scenario: string, more: Parameters<typeof configMap>[2]) {
  return object("v1", "Secret", undefined, { metadata: inNamespace(scenario), more: more ?? {} });
}
