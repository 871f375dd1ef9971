import { describe, expect, it } from "vitest";
import { LintedObject, lint } from "../../../src/lint";
import { renderedConfigurations } from "../../support/rendered-configurations";
import { options } from "./options";

/** Where a setting asks for what a rule advises against. */
const asked: Record<string, string[]> = {
  "a token in a Secret": ["long-lived-token"],
  // By CPU, of a model on GPUs.
  "a transformer in KServe's own autoscaling by CPU": ["utilization-as-signal"],
};

describe("no rule objects to what is rendered here", () => {
  it.each(renderedConfigurations)("$name", ({ name, rendered }) => {
    const origin = { name: "rendered" };
    const objects = rendered.map(({ object }) => new LintedObject(origin, object));
    const found = lint([{ name: "rendered", objects }], options());
    expect(found.map(({ rule }) => rule)).toEqual(asked[name] ?? []);
  });
});
