import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { parsePromql } from "../../../src/promql";
import { differences } from "../../fixtures/promql/differences";

const file = resolve(__dirname, "../../../docs/lint.md");
const begin = "<!-- table of differences: begin -->\n\n";
const end = "\n<!-- table of differences: end -->\n";

// `npx vitest run --project unit test/unit/docs -u` writes the table anew.
it("docs/lint.md has the table of queries that Prometheus takes and the linter refuses", async () => {
  const rows = differences.map(({ what, queries, instead }) => {
    const examples = queries.map((query) => `\`${query}\``).join(", ");
    return `| ${what}: ${examples} | ${instead} |`;
  });
  const table = ["| refused, though Prometheus takes it | write |", "|---|---|", ...rows, ""];
  const [before = "", rest = ""] = readFileSync(file, "utf8").split(begin);
  const [, after] = rest.split(end);
  expect(after, `${file} has the two marks of the table`).toBeDefined();
  await expect([before, begin, table.join("\n"), end, after].join("")).toMatchFileSnapshot(file);
});

it.each(differences.flatMap(({ queries }) => queries))("%s is refused", (query) => {
  expect(parsePromql(query).ok).toBe(false);
});
