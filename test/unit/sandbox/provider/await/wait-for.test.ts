import { describe, expect, it } from "vitest";
import { parseWaitFor } from "../../../../../packages/sandbox/src/provider/await/wait-for";
import type { JsonObject } from "../../../../../packages/sandbox/src/provider/json";

const annotated = (text: string) => ({ metadata: { annotations: { "pulumi.com/waitFor": text } } });
const live: JsonObject = {
  status: {
    phase: "Active",
    replicas: 3,
    nothing: null,
    conditions: [
      { type: "Ready", status: "True" },
      { type: "Active", status: "False" },
    ],
  },
};

function resultOf(text: string, object: JsonObject = live) {
  return parseWaitFor(annotated(text))?.(object);
}

describe("waitFor", () => {
  it.each([
    "condition=Ready",
    "condition=ready=true",
    "condition=Active=False",
    "jsonpath={.status.phase}=Active",
    "jsonpath={ .status.phase }=Active",
    "jsonpath={$.status.phase}",
    "jsonpath={.status.replicas}=3",
    "jsonpath={.status.nothing}=<nil>",
    "jsonpath={.status.conditions}",
    "jsonpath={.status.conditions[*].type}=Ready",
    'jsonpath={.status.conditions[?(@.type=="Active")].status}=False',
    'jsonpath={.status.conditions[?(@.type=="Failed"||@.type=="Ready")].status}=True',
    '["condition=Ready", "jsonpath={.status.phase}=Active"]',
  ])("%s holds", (text) => {
    expect(resultOf(text)).toEqual({ state: "ready" });
  });

  it.each([
    ["condition=Ready=False", "Resource has condition Ready=True (want False)"],
    ["condition=Other", "Waiting for condition Other=True"],
    ["jsonpath={.status.phase}=Other", 'Waiting for {.status.phase}=Other (found "Active")'],
    ["jsonpath={.status.missing}", "{.status.missing} selected nothing"],
    ['["condition=Ready", "jsonpath={.status.phase}=Other"]', 'Waiting for {.status.phase}=Other (found "Active")'],
  ])("%s waits", (text, status) => {
    expect(resultOf(text)).toEqual({ state: "waiting", status, reasons: [] });
  });

  it("waits for a status to appear", () => {
    expect(resultOf("condition=Ready", {})).toEqual({
      state: "waiting",
      status: "Has no .status.conditions",
      reasons: [],
    });
  });

  it("says what is wrong when a value is compared with a list", () => {
    const problem = '"{.status.conditions}" has a non-primitive value ([])';
    expect(resultOf("jsonpath={.status.conditions}=True", { status: { conditions: [] } })).toEqual({
      state: "waiting",
      status: problem,
      reasons: [],
      problem,
    });
  });

  it.each([
    ["condition=Ready", { observedGeneration: 1 }, {}],
    ["condition=Ready", {}, { observedGeneration: 1 }],
    ["jsonpath={.status.conditions[0].status}=True", { observedGeneration: 1 }, {}],
  ])("%s does not count what was said about an earlier generation", (text, ofStatus, ofCondition) => {
    const object = (generation: number) => ({
      metadata: { generation },
      status: { ...ofStatus, conditions: [{ type: "Ready", status: "True", ...ofCondition }] },
    });
    expect(resultOf(text, object(1))).toEqual({ state: "ready" });
    expect(resultOf(text, object(2))).toEqual({
      state: "waiting",
      status: "Generation 1 is less than expected 2",
      reasons: [],
    });
  });

  it("is nothing without the annotation", () => {
    expect(parseWaitFor({ metadata: {} })).toBeUndefined();
  });

  it.each([
    ["ready", 'expected a "jsonpath=" or "condition=" prefix, got "ready"'],
    ["[1]", 'expected a "jsonpath=" or "condition=" prefix, got "[1]"'],
    ["[]", "at least one condition must be specified"],
    ["null", "at least one condition must be specified"],
    ["jsonpath={.a}=", "{.a}= requires a value"],
    ["jsonpath={.a}=b=c", 'format should be {.path}=value or {.path}, got "{.a}=b=c"'],
    ["jsonpath='{.a}'=b", "'{.a}' should omit shell quotes"],
    ["jsonpath=.a", ".a should be wrapped in brackets { ... }"],
    ["jsonpath={.a[].b}", 'parsing "{.a[].b}": jsonpath: Expected'],
    ["jsonpath={.a.b-c}", 'parsing "{.a.b-c}": jsonpath: Expected'],
  ])("refuses %s", (text, message) => {
    expect(() => parseWaitFor(annotated(text))).toThrow(message);
  });
});
