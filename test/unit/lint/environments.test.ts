import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lintSources, loadConfigurationFile, parseConfiguration } from "../../../src/config";
import { lint } from "../../../src/lint";
import { options } from "./options";

const below = readdirSync("examples", { recursive: true, encoding: "utf8" }).map((file) => join("examples", file));
const files = [...readdirSync("."), ...below].filter(
  (file) => /(^|\/)Pulumi\.[^/]+\.yaml$/.test(file) && !file.includes("node_modules"),
);

/** The others configure programs of their own. */
const environments = files.filter((file) => "models" in loadConfigurationFile(file));

describe("what an environment renders is linted without a finding", () => {
  it("and there are environments", () => expect(environments).toHaveLength(13));

  it.each(environments)("%s", (file) => {
    const parsed = parseConfiguration(loadConfigurationFile(file));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(lint(lintSources(file, parsed.configuration), options())).toEqual([]);
  });
});
