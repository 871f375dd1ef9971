import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { LintedObject, lint, rules, unknownValue } from "../../../src/lint";
import { options } from "./options";

const bad = (id: string) => rules.find((rule) => rule.id === id)?.bad ?? "";

function found(...values: object[]): string[] {
  const objects = values.map((value) => new LintedObject({ name: "program" }, value));
  return lint([{ name: "program", objects }], options()).map(({ rule }) => rule);
}

describe("what is not known yet", () => {
  it("is no reason for a finding, where it stands or below", () => {
    const object = parse(bad("max-replicas-unset"));
    expect(found(object)).toEqual(["max-replicas-unset"]);
    expect(found({ ...object, spec: { ...object.spec, maxReplicaCount: unknownValue } })).toEqual([]);
    expect(found({ ...object, spec: unknownValue })).toEqual([]);
  });

  it("does not hide what is known", () => {
    const object = parse(bad("max-replicas-unset"));
    const spec = { ...object.spec, fallback: unknownValue };
    expect(found({ ...object, spec })).toEqual(["max-replicas-unset"]);
  });

  it("may be the name or the namespace of an object that others are compared with", () => {
    const [scaledObject, hpa] = parseAllDocuments(bad("two-scalers")).map((document) => document.toJS());
    expect(found(scaledObject, hpa)).toEqual(["two-scalers", "two-scalers"]);
    expect(found(scaledObject, { ...hpa, metadata: { ...hpa.metadata, namespace: unknownValue } })).toEqual([]);
    expect(found(scaledObject, { ...hpa, metadata: unknownValue })).toEqual([]);
  });
});
