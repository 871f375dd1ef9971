import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { rules } from "../../../../src/lint";
import { runCommand } from "../../../support/run-command";

const folder = mkdtempSync(join(tmpdir(), "lint-configuration-"));
afterAll(() => rmSync(folder, { recursive: true }));

function project(name: string, configuration: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries({ ".vllm-serving-lint.yaml": configuration, ...files })) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}

const bad = (id: string) => rules.find((rule) => rule.id === id)?.bad ?? "";
const polling = "polling-interval-without-effect";
const found = (out: string): { rule: string; severity: string; file: string }[] => JSON.parse(out).findings;

describe("the configuration file of the linter", () => {
  it("is the nearest upwards, and says severities with a reason, what fails, and what is left out", async () => {
    const path = project(
      "all",
      `failOn: info
rules:
  ${polling}:
    severity: info
    reason: the operator writes it
ignore:
  - vendor/
`,
      { "apps/a.yaml": bad(polling), "vendor/b.yaml": bad(polling) },
    );
    const { out, exitCode } = await runCommand("lint", join(path, "apps", "a.yaml"), join(path, "vendor"), "--json");
    expect(found(out)).toMatchObject([{ rule: polling, severity: "info", file: join(path, "apps", "a.yaml") }]);
    expect(exitCode).toBe(1);
  });

  it("says releases and seconds, and options go before it", async () => {
    const path = project("releases", `versions: { vllm: "0.9.1" }\nfailOn: warning\n`, {
      "old.yaml": bad("metric-not-in-release"),
    });
    expect(found((await runCommand("lint", path, "--json")).out)).toEqual([]);
    const { out } = await runCommand("lint", path, "--json", "--vllm", "0.30.0");
    expect(found(out)).toMatchObject([{ rule: "metric-not-in-release" }]);
  });

  it("is the one that is named", async () => {
    const named = project("named", `rules: { ${polling}: { severity: "off", reason: "our operator" } }`, {});
    const path = project("other", "failOn: info", { "a.yaml": bad(polling) });
    const config = join(named, ".vllm-serving-lint.yaml");
    expect(found((await runCommand("lint", path, "--json", "--config", config)).out)).toEqual([]);
    expect(found((await runCommand("lint", path, "--json")).out)).toMatchObject([{ rule: polling }]);
  });

  it("is one for all files of a call", async () => {
    const a = project("one", "", { "a.yaml": "" });
    const b = project("two", "", { "b.yaml": "" });
    const { error, exitCode } = await runCommand("lint", a, b);
    expect(error).toBe(
      `${join(a, ".vllm-serving-lint.yaml")}: ${join(b, ".vllm-serving-lint.yaml")} speaks about files of this call too. Name one of them with --config.\n`,
    );
    expect(exitCode).toBe(2);
  });

  it("is refused with all that is wrong in it", async () => {
    const path = project(
      "wrong",
      `failon: error
rules:
  polling-interval-without-efect: { severity: "off", reason: operator }
  ${polling}: { severity: never }
versions: { keda: newest, kubernetes: 1.36 }
startupSeconds: 0
ignore: vendor
`,
      {},
    );
    const { error, exitCode } = await runCommand("lint", path);
    expect(exitCode).toBe(2);
    expect(error.split("\n").map((line) => line.trim())).toEqual([
      `${join(path, ".vllm-serving-lint.yaml")}: It cannot be used:`,
      'rules.polling-interval-without-effect.severity: "never" must be error, warning, info, or off.',
      "rules.polling-interval-without-effect.reason: Missing: it must be why it is so here, a string.",
      'versions.kubernetes: 1.36 must be a release in quotes, such as "1.2.3".',
      "startupSeconds: 0 must be a number of seconds above 0.",
      'ignore: "vendor" must be a list of patterns of paths.',
      "failon: No such key. Did you mean failOn?",
      "rules.polling-interval-without-efect: There is no such rule. Did you mean polling-interval-without-effect?",
      expect.stringMatching(/^versions\.keda: "newest" is no release: write it as "\d+\.\d+\.\d+"\.$/),
      "",
    ]);
  });
});
