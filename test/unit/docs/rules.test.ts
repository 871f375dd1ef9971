import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type Rule, rules } from "../../../src/lint";
import { proofsFile, shownInSandbox } from "../../support/lint-proofs";

const folder = resolve(__dirname, "../../../docs/rules");

function page(rule: Rule): string {
  const releases = Object.entries(rule.examplesFor ?? {}).map(([name, version]) => `${name} ${version.join(".")}`);
  return [
    `# ${rule.id}`,
    "",
    `${rule.title}. *${rule.severity}*, on ${rule.kinds.join(", ")}${rule.modelsOnly ? " that serve models or belong to what does" : ""}.`,
    "",
    rule.happens,
    "",
    "## Why",
    "",
    rule.why,
    "",
    "## What to write",
    "",
    rule.fix,
    "",
    "## Examples",
    "",
    `Wrong${releases.length === 0 ? "" : ` with ${releases.join(", ")}`}:`,
    "",
    "```yaml",
    rule.bad.trimEnd(),
    "```",
    "",
    "Right:",
    "",
    "```yaml",
    rule.good.trimEnd(),
    "```",
    "",
    ...shownLines(rule),
    "## Sources",
    "",
    ...rule.sources.map((source) => `- ${source}`),
    "",
  ].join("\n");
}

const shown = new Map<string, string>(Object.entries(shownInSandbox));

function shownLines({ id }: Rule): string[] {
  const what = shown.get(id);
  return what === undefined
    ? []
    : ["## Shown", "", `By the real KEDA, HPA and Prometheus in \`${proofsFile}\`: ${what}.`, ""];
}

// `npx vitest run --project unit test/unit/docs -u` writes the pages anew.
describe("docs/rules", () => {
  it.each(rules)("tells $id", async (rule) => {
    await expect(page(rule)).toMatchFileSnapshot(join(folder, `${rule.id}.md`));
  });

  it("lists them all", async () => {
    const index = [
      "# Rules of the linter",
      "",
      `${rules.length} rules. How to run them, choose and accept: [lint](../lint.md). What ${shown.size} of them say is shown in the sandbox; their pages tell what is seen.`,
      "",
      "| rule | severity | what it finds |",
      "|---|---|---|",
      ...rules.map(({ id, severity, title }) => `| [${id}](${id}.md) | ${severity} | ${title} |`),
      "",
    ].join("\n");
    await expect(index).toMatchFileSnapshot(join(folder, "README.md"));
  });

  it("holds no page of a rule that is gone", () => {
    const pages = readdirSync(folder).filter((file) => file !== "README.md");
    expect(pages.sort()).toEqual(rules.map(({ id }) => `${id}.md`).sort());
  });
});
