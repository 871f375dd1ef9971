import { describe, expect, it } from "vitest";
import { fixed, lint, readYaml, rules } from "../../../src/lint";
import { options } from "./options";

describe.each(rules)("$id", (rule) => {
  const given = options(rule.examplesFor);

  it("finds what is wrong in its bad example, and where", () => {
    const found = lint([readYaml("bad.yaml", rule.bad)], given).filter(({ rule: id }) => id === rule.id);
    expect(found.length).toBeGreaterThan(0);
    for (const { line = 0, message, fix, severity } of found) {
      expect(rule.bad.split("\n")[line - 1]).toMatch(/\S/);
      expect(message).toMatch(/\.$/);
      expect(fix).toMatch(/[.?]$/);
      expect(severity).toBe(rule.severity);
    }
  });

  it("and no rule finds anything in its good one", () => {
    expect(lint([readYaml("good.yaml", rule.good)], given)).toEqual([]);
  });

  it("is silent about what its own edits make", () => {
    const { text } = fixed(readYaml("bad.yaml", rule.bad), given);
    const after = lint([readYaml("fixed.yaml", text)], given).filter(({ rule: id }) => id === rule.id);
    const edited = text !== rule.bad;
    expect(edited ? after : []).toEqual([]);
  });

  it("can be switched off and given another severity", () => {
    const off = lint([readYaml("bad.yaml", rule.bad)], options(rule.examplesFor, { [rule.id]: "off" }));
    expect(off.filter(({ rule: id }) => id === rule.id)).toEqual([]);
    const info = lint([readYaml("bad.yaml", rule.bad)], options(rule.examplesFor, { [rule.id]: "info" }));
    expect(info.filter(({ rule: id }) => id === rule.id).map(({ severity }) => severity)).toContain("info");
  });
});

it("the ids are different", () => {
  const ids = rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
