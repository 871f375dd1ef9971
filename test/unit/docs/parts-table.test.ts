import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { catalogue } from "../../../packages/sandbox/src/parts/catalogue";
import { withVersion } from "../../../packages/sandbox/src/parts/parts-in-use";

const file = resolve(__dirname, "../../../docs/sandbox.md");
const begin = "<!-- table of parts: begin -->\n\n";
const end = "\n<!-- table of parts: end -->\n";

const cell = (text: string): string => text.replaceAll("|", "\\|");

// `npx vitest run --project unit test/unit/docs -u` writes the table anew.
it("docs/sandbox.md has the table of all parts of the catalogue", async () => {
  const rows = catalogue().map((part) => {
    const { name, includes, kind, version = "the sandbox's own", difference } = withVersion(part);
    const whole = includes === undefined ? name : `${name}: ${includes}`;
    return `| ${[whole, kind, version, difference].map(cell).join(" | ")} |`;
  });
  const table = [
    "| part | kind | version | how it differs from a cluster, and why |",
    "|---|---|---|---|",
    ...rows,
    "",
  ];
  const page = readFileSync(file, "utf8");
  const [before = "", rest = ""] = page.split(begin);
  const [, after] = rest.split(end);
  expect(after, `${file} has the two marks of the table`).toBeDefined();
  await expect([before, begin, table.join("\n"), end, after].join("")).toMatchFileSnapshot(file);
});
