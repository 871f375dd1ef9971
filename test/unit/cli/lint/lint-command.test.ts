import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { rules } from "../../../../src/lint";
import { runCommand } from "../../../support/run-command";

const folder = mkdtempSync(join(tmpdir(), "lint-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const example = (id: string) => {
  const rule = rules.find((found) => found.id === id);
  if (rule === undefined) throw new Error(id);
  return rule;
};
const polling = example("polling-interval-without-effect");
async function runIn(path: string, ...args: string[]) {
  const before = process.cwd();
  process.chdir(path);
  try {
    return await runCommand(...args);
  } finally {
    process.chdir(before);
  }
}

const findings = (out: string): { rule: string; file: string }[] => JSON.parse(out).findings;

describe("lint", () => {
  it("ends with 0 where nothing is found, and 1 from the severity on that is asked for", async () => {
    const good = file("good.yaml", polling.good);
    const bad = file("bad.yaml", polling.bad);
    expect(await runCommand("lint", good)).toEqual({
      exitCode: undefined,
      out: "Nothing to complain about.\n",
      error: "",
    });
    expect((await runCommand("lint", bad)).exitCode).toBeUndefined();
    expect((await runCommand("lint", bad, "--fail-on", "warning")).exitCode).toBe(1);
    expect((await runCommand("lint", bad, "--rule", `${polling.id}=error`)).exitCode).toBe(1);
    expect(
      (await runCommand("lint", bad, "--rule", `${polling.id}=off`, "--fail-on", "info")).exitCode,
    ).toBeUndefined();
  });

  it("looks at all objects of a folder together", async () => {
    const { bad } = example("two-scalers");
    const [scaledObject = "", hpa = ""] = bad.split("---\n");
    const together = mkdtempSync(join(folder, "set-"));
    writeFileSync(join(together, "a.yaml"), scaledObject);
    writeFileSync(join(together, "b.yml"), hpa);
    writeFileSync(join(together, "notes.txt"), "a: [");
    const { out } = await runCommand("lint", together, "--json");
    expect(findings(out).map(({ rule, file: name }) => [rule, name])).toEqual([
      ["two-scalers", join(together, "a.yaml")],
      ["two-scalers", join(together, "b.yml")],
    ]);
    expect(findings((await runCommand("lint", join(together, "a.yaml"), "--json")).out)).toEqual([]);
  });

  it("takes the releases that are named", async () => {
    const bad = file("old.yaml", example("metric-not-in-release").bad);
    expect(findings((await runCommand("lint", bad, "--json")).out)).toMatchObject([{ rule: "metric-not-in-release" }]);
    expect(findings((await runCommand("lint", bad, "--json", "--vllm", "0.9.1")).out)).toEqual([]);
    await expect(runCommand("lint", bad, "--vllm", "new")).rejects.toThrow("vllm new is no release: write it as ");
  });

  it("fixes files, and says what it did", async () => {
    const path = file("fix.yaml", polling.bad);
    const run = await runCommand("lint", path, "--fix", "--fail-on", "info");
    expect(run).toEqual({
      exitCode: undefined,
      out: "Nothing to complain about.\n",
      error: `${path}: 1 change made.\n`,
    });
    expect(readFileSync(path, "utf8")).toBe(polling.bad.replace("  pollingInterval: 5\n", ""));
  });

  it("writes nothing where the changes would break the file", async () => {
    const text = polling.bad
      .replace("pollingInterval: 5", "pollingInterval: &five 5")
      .replace(/maxReplicaCount: \d+/, "maxReplicaCount: *five");
    const path = file("anchor.yaml", text);
    const { error } = await runCommand("lint", path, "--fix");
    expect(error).toBe(
      `${path}: nothing is changed, because the changes would break it. Its aliases cannot be resolved: Unresolved alias (the anchor must be set before the alias): five.\n`,
    );
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("lints what an environment renders", async () => {
    const run = await runCommand("lint", "--env", "openshift", "--fail-on", "info");
    expect(run).toEqual({ exitCode: undefined, out: "Nothing to complain about.\n", error: "" });
  });

  it("takes the environment's releases, but for those that are said", async () => {
    const article = "examples/performance-validation";
    const found = async (...args: string[]) => {
      const { out } = await runIn(article, "lint", "--env", "article", "--json", ...args);
      return findings(out).map(({ rule }) => rule);
    };
    expect(await found()).toEqual([]);
    expect(await found("--vllm", "0.30.0")).toEqual(["metric-not-in-release", "metric-not-in-release"]);
  });

  it("tells where nothing is that it lints, and leaves the findings as they are", async () => {
    const line = "There is no object in it that is linted. An object has apiVersion and kind.\n";
    const empty = file("empty.yaml", "");
    const without = file("without.yaml", polling.bad.replace(/^apiVersion.*\n/, ""));
    const other = file("other.yaml", "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n");
    expect(await runCommand("lint", empty, without, other)).toEqual({
      exitCode: undefined,
      out: "Nothing to complain about.\n",
      error: [empty, without, other].map((path) => `${path}: ${line}`).join(""),
    });
    const together = mkdtempSync(join(folder, "mixed-"));
    writeFileSync(join(together, "a.yaml"), polling.good);
    writeFileSync(join(together, "values.yaml"), "replicas: 1\n");
    expect((await runCommand("lint", together)).error).toBe("");
    const run = await runCommand("lint", empty, "--json");
    expect(run).toMatchObject({ exitCode: undefined, error: `${empty}: ${line}` });
    expect(findings(run.out)).toEqual([]);
  });

  it.each([
    ["no such file", ["nothing.yaml"], "nothing.yaml: There is no such file.\n"],
    [
      "UTF-16",
      [file("utf16.yaml", Buffer.from("\ufeffa: 1", "utf16le"))],
      /utf16\.yaml: It is UTF-16\. Save it as UTF-8\.\n$/,
    ],
    ["bytes", [file("bytes.yaml", Buffer.from([0x61, 0xff, 0x00]))], /bytes\.yaml: It is no text in UTF-8\.\n$/],
    ["no YAML", [file("open.yaml", "a: [")], /open\.yaml:1:5: It is not YAML: /],
  ])("ends with 2: %s", async (_, args, message) => {
    const run = await runCommand("lint", ...args);
    expect(run).toMatchObject({ exitCode: 2, out: "" });
    expect(run.error).toMatch(message);
  });

  it.each([
    [
      "nothing to lint",
      [],
      "Give files or folders, - for the standard input, an environment with --env, or a cluster with --context.",
    ],
    ["two sources", ["a.yaml", "--env", "openshift"], "Give files, --env or --context, and not two of them."],
    ["a fix of the standard input", ["-", "--fix"], "--fix changes files, and the standard input is none."],
    ["a fix of a cluster", ["--context", "prod", "--fix"], "--fix changes files. What is on a cluster is changed"],
    ["a namespace of nothing", ["--namespace", "models", "a.yaml"], "say what is read with --context: give it too."],
    ["a fix of an environment", ["--env", "openshift", "--fix"], "--fix changes files."],
  ])("refuses %s", async (_, args, message) => {
    await expect(runCommand("lint", ...args)).rejects.toThrow(message);
  });
});
