import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../packages/sandbox/src/provider/json";
import {
  forcesConflicts,
  takeOverPatch,
  withIgnoredFields,
} from "../../../../packages/sandbox/src/provider/managed-fields";

const entry = (manager: string, operation: string, fieldsV1: JsonObject, subresource?: string): JsonObject => ({
  manager,
  operation,
  fieldsV1,
  ...(subresource !== undefined && { subresource }),
});
const object = (managedFields: JsonObject[], spec: JsonObject = {}) => ({
  metadata: { resourceVersion: "7", managedFields },
  spec,
});
const replicas = { "f:spec": { "f:replicas": {} } };
const template = { "f:spec": { "f:template": { "f:spec": {} } } };

describe("takeOverPatch", () => {
  it("gives the create's fields to the object's manager, and leaves those of others", () => {
    const status = entry("kube-controller-manager", "Update", { "f:status": {} }, "status");
    const autoscaler = entry("kube-controller-manager", "Update", replicas, "scale");
    expect(takeOverPatch(object([entry("pulumi-kubernetes", "Update", template), status, autoscaler]), "mine")).toEqual(
      [
        {
          op: "replace",
          path: "/metadata/managedFields",
          value: [status, autoscaler, entry("mine", "Apply", template)],
        },
        { op: "replace", path: "/metadata/resourceVersion", value: "7" },
      ],
    );
  });

  it("joins them with the fields it already applied, and kubectl's", () => {
    const fields = [
      entry("mine", "Apply", template),
      entry("kubectl-edit", "Update", replicas),
      entry("kubectl", "Apply", { "f:metadata": {} }),
    ];
    expect(takeOverPatch(object(fields), "mine")?.[0]).toEqual({
      op: "replace",
      path: "/metadata/managedFields",
      value: [
        entry("mine", "Apply", {
          "f:spec": { "f:template": { "f:spec": {} }, "f:replicas": {} },
          "f:metadata": {},
        }),
      ],
    });
  });

  it.each<[string, JsonObject[]]>([
    ["only itself", [entry("mine", "Apply", template)]],
    ["another stack's manager", [entry("pulumi-kubernetes-1234", "Apply", template)]],
    ["kubectl scale", [entry("kubectl", "Update", replicas, "scale")]],
    ["nobody", []],
  ])("is nothing where the fields are of %s", (_who, fields) => {
    expect(takeOverPatch(object(fields), "mine")).toBeUndefined();
  });
});

describe("withIgnoredFields", () => {
  const inputs = { spec: { replicas: 1, template: { a: 1 } } };
  const theirs = entry("kube-controller-manager", "Update", replicas, "scale");
  const ours = entry("mine", "Apply", replicas);

  it.each<[string, JsonObject[], JsonObject]>([
    ["leaves out what only another owns", [theirs], { spec: { template: { a: 1 } } }],
    ["keeps the live value of what is shared", [theirs, ours], { spec: { replicas: 5, template: { a: 1 } } }],
    ["keeps the live value of what is its own", [ours], { spec: { replicas: 5, template: { a: 1 } } }],
    ["keeps the live value of what nobody owns", [], { spec: { replicas: 5, template: { a: 1 } } }],
  ])("%s", (_what, fields, expected) => {
    expect(withIgnoredFields(inputs, object(fields, { replicas: 5 }), ["spec.replicas"], "mine")).toEqual(expected);
  });

  it("keeps the program's value where the live object has none, and in lists", () => {
    expect(withIgnoredFields(inputs, object([], {}), ["spec.replicas", "spec.list[0].x"], "mine")).toEqual(inputs);
  });

  it("reads quoted keys", () => {
    const annotated = { metadata: { annotations: { "a.b/c": "program" } } };
    const live = {
      metadata: {
        annotations: { "a.b/c": "live" },
        managedFields: [entry("x", "Update", { "f:metadata": { "f:annotations": { "f:a.b/c": {} } } })],
      },
    };
    expect(withIgnoredFields(annotated, live, ['metadata.annotations["a.b/c"]'], "mine")).toEqual({
      metadata: { annotations: {} },
    });
  });
});

describe("forcesConflicts", () => {
  const plain = {
    inputs: {},
    live: object([entry("other", "Apply", template)]),
    enablePatchForce: false,
    preview: false,
  };
  const created = object([entry("pulumi-kubernetes", "Update", template)]);

  it.each([
    ["normally", plain, false],
    [
      "with the annotation",
      { ...plain, inputs: { metadata: { annotations: { "pulumi.com/patchForce": "true" } } } },
      true,
    ],
    ["with the provider's setting", { ...plain, enablePatchForce: true }, true],
    ["in a preview after a create", { ...plain, live: created, preview: true }, true],
    ["in an update after a create", { ...plain, live: created }, false],
    ["in a preview of others' fields", { ...plain, preview: true }, false],
    ["of an object that tracks no fields", { ...plain, live: object([]) }, true],
  ])("%s: %#", (_when, options, forced) => {
    expect(forcesConflicts(options)).toBe(forced);
  });
});
