import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema";
import { afterAll, expect, inject, it } from "vitest";
import { stringify } from "yaml";
import packageJson from "../../package.json";
import { PulumiProject, projectsFolder } from "../sandbox/support/pulumi-project";
import { components } from "../support/components";

const root = resolve(__dirname, "../..");
const folder = projectsFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** The published files. The command line installs a plugin's dependencies, which lie beside it already. */
function installedPlugin(): string {
  const plugin = join(folder, "plugin");
  for (const path of ["PulumiPlugin.yaml", "dist", "src"])
    cpSync(join(root, path), join(plugin, path), { recursive: true });
  const { name, version, description, main } = packageJson;
  writeFileSync(join(plugin, "package.json"), JSON.stringify({ name, version, description, main }));
  return plugin;
}

/** As Pulumi writes a schema: no marks of optional properties, and nothing that is empty. */
function written(part: unknown): unknown {
  const text = JSON.stringify(part, (key, value) => {
    const dropped = (key === "optional" && typeof value === "boolean") || (Array.isArray(value) && value.length === 0);
    return dropped ? undefined : value;
  });
  return JSON.parse(text);
}

it("gives other programs the components, with the schema that its tests know and a generated SDK", async () => {
  const plugin = installedPlugin();
  const consumer = new PulumiProject(inject("sandbox"), join(folder, "consumer"));
  const schemaFile = join(folder, "schema.json");
  writeFileSync(schemaFile, await consumer.must("package", "get-schema", plugin));
  const { components: analyzed, typeDefinitions } = new Analyzer(
    root,
    packageJson.name,
    packageJson,
    new Set(components),
  ).analyze();
  const { name, version, description } = packageJson;
  const expected = generateSchema(name, version, description, analyzed, typeDefinitions, []);
  const schema: unknown = JSON.parse(readFileSync(schemaFile, "utf8"));
  expect(schema).toMatchObject({
    name,
    version,
    resources: written(expected.resources),
    types: written(expected.types),
  });

  await consumer.must("package", "gen-sdk", schemaFile, "--language", "nodejs", "--out", join(consumer.folder, "sdk"));
  const plugins = { providers: [{ name: packageJson.name, path: plugin }] };
  writeFileSync(join(consumer.folder, "Pulumi.yaml"), stringify({ name: "consumer", runtime: "nodejs", plugins }));
  writeFileSync(
    join(consumer.folder, "index.ts"),
    `import { ModelWeights } from "./sdk/nodejs/index";
     new ModelWeights("llama", { namespace: "models", nfs: { server: "nfs.example.com", path: "/exports/llama" } });`,
  );
  await consumer.must("stack", "init", "consumer");
  const { steps } = JSON.parse(await consumer.must("preview", "--json"));
  expect(steps.map(({ op, urn }: { op: string; urn: string }) => `${op} ${urn}`)).toEqual([
    "create urn:pulumi:consumer::consumer::pulumi:pulumi:Stack::consumer-consumer",
    "create urn:pulumi:consumer::consumer::vllm-serving:index:ModelWeights::llama",
    "create urn:pulumi:consumer::consumer::vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolume::llama-weights",
    "create urn:pulumi:consumer::consumer::vllm-serving:index:ModelWeights$kubernetes:core/v1:PersistentVolumeClaim::llama-weights",
  ]);
});
