import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { capacityProfile, capacityProfileIds } from "../../../src/policy";

const root = resolve(__dirname, "../../..");

function texts(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(md|yaml|ts|js)$/.test(file) && !file.includes("node_modules"))
    .map((file) => join(folder, file));
}

/** What the article measured once, with policies that do not do what it says of them: success rates, degradations, idle share. */
const anecdotal = /\b(84\.8|86\.9|51\.9|63\.3)\b|\b(12|21|30) ?% (of|lower|higher|worse|better|idle|degrad)/;

it("no figure of a single published run is given as a result (trap 11)", () => {
  const files = ["README.md", "CHANGELOG.md", ...texts("docs"), ...texts("examples"), ...texts("src")];
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => anecdotal.test(readFileSync(join(root, file), "utf8")))).toEqual([]);
});

it("profiles say how sure their figures are, and none is from that article (trap 11)", () => {
  expect(capacityProfileIds.length).toBeGreaterThan(0);
  for (const id of capacityProfileIds) {
    const { kind, source, relativeError } = capacityProfile(id)?.provenance ?? {};
    expect(["measured", "fitted", "estimated"]).toContain(kind);
    expect(source).toMatch(/datasheet|measured/i);
    expect(source).not.toMatch(/Red Hat|GuideLLM|article/i);
    expect(relativeError).toBeGreaterThan(0);
  }
});
