import { expect, it } from "vitest";
import { LintedObject, lint } from "../../../src/lint";
import { compiled, standardInput } from "../policy/policy-inputs";
import { options } from "./options";

const { scaledObject } = compiled({ ...standardInput, versions: { ...standardInput.versions, keda: "2.17.2" } });
const found = (names: readonly string[], threshold?: string) => {
  const triggers = scaledObject.spec.triggers
    .filter(({ name = "" }) => names.includes(name))
    .map((trigger) => ({ ...trigger, metadata: { ...trigger.metadata, ...(threshold && { threshold }) } }));
  const object = { ...scaledObject, spec: { ...scaledObject.spec, triggers } };
  return lint(
    [{ name: "policy", objects: [new LintedObject({ name: "policy" }, object)] }],
    options({ keda: [2, 17, 2] }),
  )
    .filter(({ rule }) => rule === "fallback-without-effect")
    .map(({ message }) => message);
};

it("KEDA 2.17 keeps the replicas by the trigger that falls back, beside a guard that does not", () => {
  expect(found(["in-flight", "itl"])).toEqual([]);
});

it("KEDA 2.17 keeps nothing by a guard alone, nor by a fractional threshold", () => {
  expect(found(["itl"])).toEqual(["KEDA 2.17.2 has no fallback for triggers of type Value: trigger itl only fails."]);
  expect(found(["in-flight", "itl"], "2.5")).toEqual([
    "KEDA 2.17.2 casts the threshold 2.5 to 2: its fallback reports 2 times the replicas, which scales in.",
    "KEDA 2.17.2 has no fallback for triggers of type Value: trigger itl only fails.",
  ]);
});
