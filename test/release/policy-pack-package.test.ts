import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, expect, inject, it } from "vitest";
import { z } from "zod";
import packageJson from "../../package.json";
import { PulumiProject, projectsFolder } from "../sandbox/support/pulumi-project";

const root = resolve(__dirname, "../..");
const folder = projectsFolder();
// Everything is installed as users do, so what the checkout has must not be found.
rmSync(join(folder, "node_modules"));
afterAll(() => rmSync(folder, { recursive: true }));

const event = z.object({
  policyEvent: z.object({ policyName: z.string(), enforcementLevel: z.string() }).optional(),
});

async function packed(path: string): Promise<string> {
  const pack = ["pack", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await execa("npm", pack, { cwd: join(root, path) });
  return join(folder, stdout.trim().split("\n").at(-1) ?? "");
}

it("a project installs the published pack and its configuration decides what a preview refuses", async () => {
  const project = new PulumiProject(inject("sandbox"), join(folder, "consumer"));
  cpSync(join(root, "test/fixtures/policy-pack/article"), project.folder, { recursive: true });
  const {
    "@pulumi/kubernetes": kubernetes,
    "@pulumi/policy": policy,
    "@pulumi/pulumi": pulumi,
  } = packageJson.devDependencies;
  const dependencies = { "@pulumi/kubernetes": kubernetes, "@pulumi/policy": policy, "@pulumi/pulumi": pulumi };
  writeFileSync(join(project.folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  const tarballs = await Promise.all([packed("."), packed("packages/policy-pack")]);
  await execa("npm", ["install", "--no-audit", "--no-fund", ...tarballs], { cwd: project.folder });
  await project.must("stack", "init", "packed");

  const mandatory = async () => {
    const pack = join("node_modules", "@vllm-serving", "policy-pack");
    const run = await project.start(["preview", "--json", "--policy-pack", pack], {
      PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
    });
    const lines = run.stdout.split("\n").filter((line) => line !== "");
    const violations = lines.flatMap((line) => event.parse(JSON.parse(line)).policyEvent ?? []);
    const stopping = violations.filter(({ enforcementLevel }) => enforcementLevel === "mandatory");
    return { exitCode: run.exitCode, rules: [...new Set(stopping.map(({ policyName }) => policyName))].sort() };
  };
  expect(await mandatory()).toEqual({
    exitCode: 1,
    rules: ["intensive-average-value", "metric-not-in-release", "outage-reads-as-idle", "unknown-vllm-metric"],
  });
  const rules = {
    "intensive-average-value": { severity: "warning", reason: "shown in a test" },
    "outage-reads-as-idle": { severity: "off", reason: "shown in a test" },
    "unknown-vllm-metric": { severity: "info", reason: "shown in a test" },
  };
  const configuration = { rules, versions: { vllm: "0.9.1" } };
  writeFileSync(join(project.folder, ".vllm-serving-lint.yaml"), JSON.stringify(configuration));
  expect(await mandatory()).toEqual({ exitCode: 0, rules: [] });
});
