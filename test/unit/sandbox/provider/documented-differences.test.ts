import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";

const root = resolve(__dirname, "../../../..");
const differencesSchema = z.array(
  z.object({ difference: z.string(), reason: z.string(), places: z.array(z.string()).min(1) }),
);

it("has a row in the docs for each known difference to the official provider, and no other", () => {
  const file = resolve(root, "test/fixtures/provider/differences.json");
  const differences = differencesSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const page = readFileSync(resolve(root, "docs/provider-differences.md"), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| "));
  expect(rows.slice(1)).toEqual(differences.map(({ difference, reason }) => `| ${difference} | ${reason} |`));
});
