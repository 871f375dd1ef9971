import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gatherPrograms, pulumiEnvironment } from "../../../../packages/sandbox/src/supervisor/pulumi-environment";
import { sandboxFiles } from "../../../../packages/sandbox/src/supervisor/sandbox-directory";

describe("pulumiEnvironment", () => {
  it("keeps a sandbox's Pulumi apart from the user's", () => {
    const environment = pulumiEnvironment(sandboxFiles("/state/a"), "pass", "/bin");
    expect(environment).toEqual({
      PATH: "/state/a/pulumi-programs:/bin",
      PULUMI_HOME: "/state/a/pulumi",
      PULUMI_BACKEND_URL: "file:///state/a/pulumi-state",
      PULUMI_CONFIG_PASSPHRASE: "pass",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      KUBECONFIG: "/state/a/kubeconfig",
      NO_PROXY: "127.0.0.1,localhost",
      no_proxy: "127.0.0.1,localhost",
    });
  });
});

describe("gatherPrograms", () => {
  it("has programs of different folders in one, also when they were there before", () => {
    const scratch = mkdtempSync(join(tmpdir(), "vllm-serving-programs-"));
    const programs = ["pulumi", "pulumi-language-nodejs"].map((name) => join(scratch, "tools", name, name));
    for (const program of programs) {
      mkdirSync(join(program, ".."), { recursive: true });
      writeFileSync(program, `program ${program}`, { mode: 0o755 });
    }
    const together = join(scratch, "sandbox/programs");
    gatherPrograms(together, programs);
    gatherPrograms(together, programs);
    expect(readFileSync(join(together, "pulumi"), "utf8")).toBe(`program ${programs[0]}`);
    expect(readFileSync(join(together, "pulumi-language-nodejs"), "utf8")).toBe(`program ${programs[1]}`);
    rmSync(scratch, { recursive: true });
  });

  it("starts the provider for dynamic resources without a shell in between, so that it ends with a killed Pulumi", () => {
    const scratch = mkdtempSync(join(tmpdir(), "vllm-serving-programs-"));
    gatherPrograms(scratch, []);
    const program = readFileSync(join(scratch, "pulumi-resource-pulumi-nodejs"), "utf8");
    expect(program).toMatch(/^#!\/bin\/sh\nexec '.*node.*' '.*\/dist\/supervisor\/dynamic-provider\.js' "\$@"\n$/);
    rmSync(scratch, { recursive: true });
  });
});
