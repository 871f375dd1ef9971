import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, expect, inject, it } from "vitest";
import { z } from "zod";
import packageJson from "../../package.json";
import { PulumiProject, projectsFolder } from "../sandbox/support/pulumi-project";

const folder = projectsFolder();
// Everything is installed as users do, so what the checkout has must not be found.
rmSync(join(folder, "node_modules"));
afterAll(() => rmSync(folder, { recursive: true }));

const previewed = z.object({ steps: z.array(z.object({ op: z.string(), urn: z.string() })) });

/** The published package, unpacked. Pulumi installs all of a plugin's dependencies, and one for development is not on npm. */
async function publishedPackage(): Promise<string> {
  const root = resolve(__dirname, "../..");
  const { stdout } = await execa("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  await execa("tar", ["-xzf", join(folder, stdout.trim().split("\n").at(-1) ?? "")], { cwd: folder });
  const manifest = join(folder, "package", "package.json");
  const { "@vllm-serving/sandbox": _, ...devDependencies } = packageJson.devDependencies;
  writeFileSync(manifest, JSON.stringify({ ...packageJson, workspaces: undefined, devDependencies }));
  return join(folder, "package");
}

it("a project adds the published package with Pulumi's command line and previews a component", async () => {
  const consumer = new PulumiProject(inject("sandbox"), join(folder, "consumer"));
  const { "@pulumi/pulumi": sdk, typescript, "ts-node": tsNode } = packageJson.devDependencies;
  const dependencies = { "@pulumi/pulumi": sdk, typescript, "ts-node": tsNode };
  writeFileSync(
    join(consumer.folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, main: "index.ts", dependencies }),
  );
  writeFileSync(join(consumer.folder, "Pulumi.yaml"), "name: consumer\nruntime: nodejs\n");
  const added = await consumer.must("package", "add", await publishedPackage());
  expect(added).toContain('import * as vllmServing from "@pulumi/vllm-serving";');
  expect(JSON.parse(readFileSync(join(consumer.folder, "package.json"), "utf8")).dependencies).toEqual({
    ...dependencies,
    "@pulumi/vllm-serving": "file:sdks/vllm-serving",
  });

  writeFileSync(
    join(consumer.folder, "index.ts"),
    `import * as vllmServing from "@pulumi/vllm-serving";
     const nfs = { server: "nfs.example.com", path: "/exports/llama" };
     export const claim = new vllmServing.ModelWeights("llama", { namespace: "models", nfs }).claimName;`,
  );
  await consumer.must("stack", "init", "release");
  const { steps } = previewed.parse(JSON.parse(await consumer.must("preview", "--json")));
  expect(steps.map(({ op, urn }) => `${op} ${urn.split("::").slice(2).join(" ")}`)).toEqual([
    "create pulumi:pulumi:Stack consumer-release",
    "create vllm-serving:index:ModelWeights llama",
    "create vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolume llama-weights",
    "create vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolumeClaim llama-weights",
  ]);
});
