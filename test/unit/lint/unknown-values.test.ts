import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { LintedObject, lint, readYaml, rules, unknownValue } from "../../../src/lint";
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

describe("a value that a template is part of is not known yet", () => {
  const foundIn = (text: string) => lint([readYaml("given.yaml", text)], options());

  const variable = (name: string) => `$\{${name}}`;

  it.each([
    "{{ .Values.prometheus }}",
    variable("PROMETHEUS_URL"),
    "{{ .Values.host }}:9090",
    `${variable("HOST")}:9090`,
  ])("%s as an address", (value) => {
    const address = (given: string) =>
      bad("server-address-unusable").replace(/serverAddress: .*/, () => `serverAddress: ${JSON.stringify(given)}`);
    expect(foundIn(address("prometheus:9090")).map(({ rule }) => rule)).toEqual(["server-address-unusable"]);
    expect(foundIn(address(value))).toEqual([]);
  });

  it("and the rest of its object is linted, though nobody knows which one it is", () => {
    const text = bad("max-replicas-unset")
      .replace("name: llama\n", 'name: "{{ .Release.Name }}"\n')
      .replace("namespace: models", () => `namespace: ${variable("NAMESPACE")}`);
    expect(foundIn(text).map(({ rule, path }) => [rule, path])).toEqual([
      ["max-replicas-unset", "ScaledObject ?/?: spec.maxReplicaCount"],
    ]);
  });

  it("but not in what a shell or a server reads itself", () => {
    const text = (args: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: llama }
spec: { template: { spec: { containers: [{ name: a, args: [${args}] }] } } }
`;
    const args = (given: string) => {
      const [object] = readYaml("given.yaml", text(given)).objects;
      return object?.get("spec", "template", "spec", "containers", 0, "args", 0).value;
    };
    expect(args(`'--model={{.Name}} ${variable("MODEL")}'`)).toBe(`--model={{.Name}} ${variable("MODEL")}`);
  });
});
