import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

const kserveModule = "github.com/kserve/kserve";

const definitionSchema = z.looseObject({
  kind: z.literal("CustomResourceDefinition"),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({ group: z.string(), names: z.looseObject({ plural: z.string(), kind: z.string() }) }),
});

/**
 * Definitions of ServingRuntime and InferenceService as KServe 0.15.2 has them, in a group of their own: so they can stand
 * beside today's in one API server.
 */
export async function legacyDefinitions(group: string): Promise<object[]> {
  const cwd = resolve(__dirname, "../modules/kserve-legacy");
  await execa("go", ["mod", "download", kserveModule], { cwd });
  const { stdout } = await execa("go", ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", kserveModule], { cwd });
  const folder = join(stdout.trim(), "config/crd/full");
  return readdirSync(folder)
    .filter((file) => /_(inferenceservices|servingruntimes)\.yaml$/.test(file))
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), "utf8")))
    .map((document) => {
      const { metadata, spec, status: _, ...definition } = definitionSchema.parse(document.toJS());
      const name = `${spec.names.plural}.${group}`;
      return { ...definition, metadata: { ...metadata, name }, spec: { ...spec, group } };
    });
}
