import { describe, expect, it } from "vitest";
import type { Json } from "../../../../packages/sandbox/src/provider/json";
import {
  hasUnknown,
  secretStrings,
  withoutSecretMarks,
  withSecretMarks,
} from "../../../../packages/sandbox/src/provider/property-values";

const secret = (value: Json) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("secret marks", () => {
  it("are removed at every depth", () => {
    expect(withoutSecretMarks({ a: secret("x"), b: [secret({ c: secret(1) })], d: "y" })).toEqual({
      a: "x",
      b: [{ c: 1 }],
      d: "y",
    });
  });

  it("go from the inputs to what the cluster gave back, object by object, a list as a whole", () => {
    const inputs = { spec: { host: "h", token: secret("t"), env: [{ name: "A" }, { name: "B", value: secret("b") }] } };
    const live = { spec: { host: "h", token: "t", env: [{ name: "A" }, { name: "B", value: "b" }], extra: 1 } };
    expect(withSecretMarks(live, inputs)).toEqual({
      spec: { host: "h", token: secret("t"), env: secret([{ name: "A" }, { name: "B", value: "b" }]), extra: 1 },
    });
  });

  it("are always on a Secret's data, and never twice", () => {
    expect(withSecretMarks({ kind: "Secret", data: { a: "YQ==" }, type: "Opaque" }, {})).toEqual({
      kind: "Secret",
      data: secret({ a: "YQ==" }),
      type: "Opaque",
    });
    expect(withSecretMarks({ kind: "Secret", data: secret({}) }, { data: secret({}) })).toEqual({
      kind: "Secret",
      data: secret({}),
    });
  });
});

describe("secretStrings", () => {
  it("finds marked values, and a Secret's data as it is stored and as it is meant", () => {
    expect(secretStrings({ a: secret(["x", { b: 12345 }]), c: "open" })).toEqual(["x", "12345"]);
    expect(secretStrings({ kind: "Secret", data: { a: "aHVudGVyMg==" }, stringData: { b: "plain" } })).toEqual([
      "aHVudGVyMg==",
      "hunter2",
      "plain",
    ]);
  });

  it("does not take an unknown value for a secret", () => {
    expect(secretStrings({ a: secret(unknown) })).toEqual([]);
  });
});

it("unknown values are found at every depth", () => {
  expect(hasUnknown({ a: [{ b: unknown }] })).toBe(true);
  expect(hasUnknown({ a: secret(unknown) })).toBe(true);
  expect(hasUnknown({ a: ["04da6b54"] })).toBe(false);
});
