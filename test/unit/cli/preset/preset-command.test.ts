import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { createProgram } from "../../../../packages/cli/src/main";
import { publishedPolicies } from "../../../../src/lint";
import { runCommand } from "../../../support/run-command";

const folder = mkdtempSync(join(tmpdir(), "preset-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Prints a preset into a file and lints it. */
async function linted(name: string) {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, (await runCommand("preset", name)).out);
  return runCommand("lint", path, "--vllm", "0.6.6", "--fail-on", "info");
}

it("lists what there is", async () => {
  const { out, exitCode } = await runCommand("preset");
  expect(exitCode).toBeUndefined();
  expect(
    out
      .split("\n")
      .filter((line) => /^\S/.test(line))
      .map((line) => line.split(" ")[0]),
  ).toEqual(publishedPolicies.map(({ id }) => id));
  expect(out).toContain("vLLM 0.6.6; also redhat-keda-repaired\n");
});

it("prints one as published, and repaired so that the linter finds nothing", async () => {
  const published = await linted("redhat-keda");
  expect(published.exitCode).toBe(1);
  expect(published.out).toContain(
    "asks for 2 above 0.077, beyond the HPA's tolerance, and for 7 only above 0.42, 6 times the threshold.",
  );
  expect(await linted("redhat-keda-repaired")).toMatchObject({
    exitCode: undefined,
    out: "Nothing to complain about.\n",
  });
});

it("says which there are when a name is wrong", async () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`ended with ${code}`);
  });
  await expect(createProgram().parseAsync(["preset", "redhat"], { from: "user" })).rejects.toThrow("ended with 1");
  vi.restoreAllMocks();
  expect(written.join("")).toContain("Allowed choices are redhat-waiting, redhat-waiting-repaired, redhat-keda");
});
