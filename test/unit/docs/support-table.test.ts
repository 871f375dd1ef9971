import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { supportFacts } from "../../../src/manifests/platform/openshift/support";

const file = resolve(__dirname, "../../../docs/platform.md");
const begin = "<!-- table of support: begin -->\n\n";
const end = "\n<!-- table of support: end -->\n";

// `npx vitest run --project unit test/unit/docs -u` writes the table anew.
it("docs/platform.md has the table of what is not fully supported", async () => {
  const rows = Object.values(supportFacts).map(
    ({ part, level, message, source }) => `| ${[part, level, message, source].join(" | ")} |`,
  );
  const table = [
    "| what is used | on OpenShift | said by a preview, `up` and `render` | source |",
    "|---|---|---|---|",
    ...rows,
    "",
  ];
  const [before = "", rest = ""] = readFileSync(file, "utf8").split(begin);
  const [, after] = rest.split(end);
  expect(after, `${file} has the two marks of the table`).toBeDefined();
  await expect([before, begin, table.join("\n"), end, after].join("")).toMatchFileSnapshot(file);
});
