import { describe, expect, it } from "vitest";
import {
  type DiffOptions,
  detailedDiff,
  pruneToShape,
  withDroppedValues,
} from "../../../../packages/sandbox/src/provider/diff";
import type { JsonObject } from "../../../../packages/sandbox/src/provider/json";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function changes(before: JsonObject, after: JsonObject, options: Partial<DiffOptions> = {}): Record<string, string> {
  const diff = detailedDiff(before, after, { replacedOn: [], ignoreChanges: [], ...options });
  return Object.fromEntries([...diff].map(([path, change]) => [path, change.kind]));
}

describe("pruneToShape", () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    ["keys the inputs lack", { a: 1, b: 2 }, { a: 0 }, { a: 1 }],
    ["nested keys", { a: { b: 1, c: 2 } }, { a: { b: 0 } }, { a: { b: 1 } }],
    ["keys in list elements", { a: [{ n: 1, d: 2 }] }, { a: [{ n: 0 }] }, { a: [{ n: 1 }] }],
    ["elements beyond the inputs'", { a: [1, 2, 3] }, { a: [1, 2] }, { a: [1, 2] }],
    ["elements of an empty list", { a: [{ n: 1 }] }, { a: [] }, { a: [] }],
  ])("removes %s", (_what, live, inputs, pruned) => {
    expect(pruneToShape(live, inputs)).toEqual(pruned);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ["values of another type", { a: "1" }, { a: 1 }],
    ["lists of another type", { a: ["x", "y"] }, { a: [{ n: 1 }] }],
  ])("keeps %s", (_what, live, inputs) => {
    expect(pruneToShape(live, inputs)).toEqual(live);
  });
});

it("withDroppedValues keeps the inputs' empty values that the API server drops", () => {
  expect(
    withDroppedValues(
      { spec: { a: 1, list: [{ n: 1 }] } },
      { spec: { a: 2, off: false, none: [], set: "x", list: [{ n: 1, off: false }, { off: false }] } },
    ),
  ).toEqual({ spec: { a: 1, off: false, none: [], list: [{ n: 1, off: false }] } });
});

describe("detailedDiff", () => {
  it.each<[string, JsonObject, JsonObject, Record<string, string>]>([
    ["nothing", { a: { b: [1] } }, { a: { b: [1] } }, {}],
    ["a value", { a: { b: 1 } }, { a: { b: 2 } }, { "a.b": "update" }],
    ["a type", { a: { b: 1 } }, { a: 1 }, { a: "update" }],
    ["an added object as one", { a: {} }, { a: { b: { c: 1 } } }, { "a.b": "add" }],
    ["a removed key", { a: { b: 1, c: 1 } }, { a: { c: 1 } }, { "a.b": "delete" }],
    ["a key set to null", { a: { b: 1 } }, { a: { b: null } }, { "a.b": "delete" }],
    ["list elements", { a: [1, 2, 3] }, { a: [1, 5] }, { "a[1]": "update", "a[2]": "delete" }],
    ["an added element", { a: [1] }, { a: [1, { b: 1 }] }, { "a[1]": "add" }],
    ["keys inside elements", { a: [{ b: 1, c: 1 }] }, { a: [{ b: 2 }] }, { "a[0].b": "update", "a[0].c": "delete" }],
    ["a value that is not known yet", { a: 1 }, { a: unknown, b: unknown }, { a: "update", b: "add" }],
    ["a key with dots", { m: {} }, { m: { "a.b/c": 1 } }, { 'm["a.b/c"]': "add" }],
  ])("finds %s", (_what, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });

  it("marks deletions as changes of the inputs", () => {
    const diff = detailedDiff({ a: 1, b: 1 }, { b: 2 }, { replacedOn: [], ignoreChanges: [] });
    expect([...diff]).toEqual([
      ["b", { kind: "update", inputDiff: false }],
      ["a", { kind: "delete", inputDiff: true }],
    ]);
  });

  it.each<[string, JsonObject, JsonObject, Record<string, string>]>([
    [
      "below the path",
      { spec: { nfs: { server: "a" } } },
      { spec: { nfs: { server: "b" } } },
      { "spec.nfs.server": "update-replace" },
    ],
    ["at the path", { spec: { nfs: {} } }, { spec: {} }, { "spec.nfs": "delete-replace" }],
    ["above it, with it inside", {}, { spec: { nfs: {} } }, { spec: "add-replace" }],
    ["above it, without it", {}, { spec: { csi: {} } }, { spec: "add" }],
    ["above it, to what is not known yet", { spec: { nfs: {} } }, { spec: unknown }, { spec: "update-replace" }],
    ["above it, to what is not known yet, without it", { spec: { a: 1 } }, { spec: unknown }, { spec: "update" }],
    ["beside it", { spec: { a: 1 } }, { spec: { a: 2 } }, { "spec.a": "update" }],
  ])("replaces for a change %s", (_where, before, after, expected) => {
    expect(changes(before, after, { replacedOn: ["spec.nfs"] })).toEqual(expected);
  });

  it("leaves ignored changes out, with what is below them", () => {
    const before = { spec: { replicas: 5, template: { a: 1 } }, other: 1 };
    const after = { spec: { replicas: 1, template: { a: 2 } }, other: 2 };
    expect(changes(before, after, { ignoreChanges: ["spec.replicas", "spec.template"] })).toEqual({ other: "update" });
  });

  it.each([false, 0, "", [], {}])("takes %j that the API server dropped earlier for no change", (empty) => {
    const inputs = { spec: { off: empty } };
    expect(changes({ spec: {} }, inputs, { inputsBefore: inputs })).toEqual({});
    expect(changes({ spec: {} }, inputs, { inputsBefore: {} })).toEqual({ "spec.off": "add" });
    expect(changes({ spec: {} }, inputs)).toEqual({ "spec.off": "add" });
  });
});
