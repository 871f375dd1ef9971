import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { rules } from "../../../src/lint";
import { lintedTraps } from "../../support/linted-traps";
import { knownTraps, traps } from "../../support/traps";

const root = resolve(__dirname, "../../..");

/** Files whose tests carry a number, by number. */
const carriers = new Map<number, string[]>();
for (const entry of readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })) {
  if (!entry.endsWith(".test.ts")) continue;
  for (const [, list = ""] of readFileSync(join(root, "test", entry), "utf8").matchAll(/\(traps? ([\d, ]+)\)["`]/g)) {
    for (const number of list.split(",").map(Number)) {
      const files = carriers.get(number) ?? [];
      if (!files.includes(entry)) carriers.set(number, [...files, entry].sort());
    }
  }
}

function lintedAs(number: number): string {
  const linted = lintedTraps[number] ?? { reason: "" };
  return "reason" in linted ? `none: ${linted.reason}` : linted.rules.map((id) => `[${id}](rules/${id}.md)`).join(", ");
}

describe("the traps", () => {
  it("each have a test that carries their number, and no test carries another", () => {
    expect([...carriers.keys()].sort((a, b) => a - b)).toEqual(traps.map(({ number }) => number));
  });

  it("are all there", () => {
    expect(traps.map(({ number }) => number)).toEqual(Array.from({ length: knownTraps }, (_, i) => i + 1));
  });

  it("each have rules of the linter that there are, or a reason why none can be", () => {
    expect(Object.keys(lintedTraps).map(Number)).toEqual(traps.map(({ number }) => number));
    const ids = rules.map(({ id }) => id);
    for (const linted of Object.values(lintedTraps)) {
      if ("reason" in linted) expect(linted.reason).not.toBe("");
      else expect(linted.rules.filter((id) => !ids.includes(id))).toEqual([]);
      if ("rules" in linted) expect(linted.rules.length).toBeGreaterThan(0);
    }
  });
});

// `npx vitest run --project unit test/unit/docs -u` writes the page anew.
it("docs/traps.md tells them", async () => {
  const page = [
    "# Traps",
    "",
    `What goes wrong in published set-ups of vLLM, KServe and KEDA, and what becomes of it here: *impossible* to express, *refused* with an error that says why, or *handled*. The tests carry the number in their titles.`,
    "",
    "| | trap | here | how | tests |",
    "|---|---|---|---|---|",
    ...traps.map(({ number, trap, handling, how }) => {
      const tests = (carriers.get(number) ?? []).map((file) => `[${file}](../test/${file})`);
      return `| ${number} | ${trap} | ${handling} | ${how} | ${tests.join(", ")} |`;
    }),
    "",
    "## What the linter says",
    "",
    "Of manifests that this package did not make, by [rules](rules/README.md); or why it cannot.",
    "",
    "| | trap | rules, or why none |",
    "|---|---|---|",
    ...traps.map(({ number, trap }) => `| ${number} | ${trap} | ${lintedAs(number)} |`),
    "",
  ].join("\n");
  await expect(page).toMatchFileSnapshot(join(root, "docs/traps.md"));
});
