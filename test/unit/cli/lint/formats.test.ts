import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { formatted } from "../../../../packages/cli/src/lint/formats";
import type { Finding } from "../../../../src/lint";

const finding: Finding = {
  rule: "no-fallback",
  severity: "warning",
  file: "a,b.yaml",
  path: "ScaledObject models/llama: spec.fallback",
  line: 2,
  column: 3,
  message: "There is no fallback: 100 %.",
  fix: "Add one.",
};
const texts = new Map([["a,b.yaml", "spec:\n  triggers: []\n"]]);

describe("findings", () => {
  it("as JSON", () => {
    const { line: _line, column: _column, ...withoutPlace } = finding;
    expect(JSON.parse(formatted("json", [finding, withoutPlace], texts))).toEqual({
      findings: [finding, withoutPlace],
    });
    expect(formatted("json", [], texts)).toBe('{\n  "findings": []\n}');
  });

  it("as annotations of a workflow, with what they reserve escaped", () => {
    expect(formatted("github", [finding], texts)).toBe(
      "::warning file=a%2Cb.yaml,line=2,col=3,title=no-fallback::There is no fallback: 100 %25. Fix: Add one.",
    );
  });

  it("as SARIF", () => {
    expect(JSON.parse(formatted("sarif", [finding], texts))).toMatchObject({
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { rules: [{ id: "no-fallback", defaultConfiguration: { level: "warning" } }] } },
          results: [
            {
              ruleId: "no-fallback",
              ruleIndex: 0,
              level: "warning",
              locations: [
                {
                  physicalLocation: { artifactLocation: { uri: "a,b.yaml" }, region: { startLine: 2, startColumn: 3 } },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it("for a person, with the line they are about", () => {
    // Colours depend on where it is run.
    expect(stripVTControlCharacters(formatted("pretty", [finding], texts)).split("\n")).toEqual([
      "warning no-fallback  a,b.yaml:2:3",
      "  ScaledObject models/llama: spec.fallback",
      "  1 | spec:",
      "  2 |   triggers: []",
      "    |   ^",
      "  There is no fallback: 100 %.",
      "  fix: Add one.",
      "",
      "1 warning",
    ]);
    expect(formatted("pretty", [], texts)).toBe("Nothing to complain about.");
  });
});
