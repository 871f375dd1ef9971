import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(__dirname, "../../..");

/** Violations dependency-cruiser reports for these folders, as `rule: from -> to`. */
function violations(...folders: string[]): string[] {
  const output = execFileSync(
    process.execPath,
    [
      resolve(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
      "--config",
      ".dependency-cruiser.cjs",
      "--output-type",
      "json",
      ...folders,
    ],
    { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const report: { summary: { violations: { rule: { name: string }; from: string; to: string }[] } } =
    JSON.parse(output);
  return report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

describe("import direction", () => {
  it("holds for every source file", () => {
    expect(violations("src", "packages/sandbox/src", "packages/cli/src", "packages/policy-pack/src")).toEqual([]);
  }, 120_000);

  it("is really checked: a policy file that imports Pulumi is reported", () => {
    mkdirSync(resolve(root, "src/policy"), { recursive: true });
    const folder = mkdtempSync(resolve(root, "src/policy/.probe-"));
    try {
      writeFileSync(
        resolve(folder, "probe.ts"),
        'import * as pulumi from "@pulumi/pulumi";\nexport const probe = pulumi;\n',
      );
      const found = violations(folder.slice(root.length + 1));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(
        /^policy-is-pure: src\/policy\/\.probe-\w+\/probe\.ts -> node_modules\/@pulumi\/pulumi\//,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);
});
