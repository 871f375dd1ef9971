import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { RawConfiguration } from "./parse";
import { configurationNamespace } from "./schema";

const stackFileSchema = z.object({ config: z.record(z.string(), z.unknown()) });

/**
 * The `vllm-serving:` values of a stack's configuration file (`Pulumi.<stack>.yaml`), unchecked. Encrypted values stay as they
 * are; `parseConfiguration` refuses them.
 *
 * @throws Error if the file cannot be read, is no YAML, or has no `config`
 */
export function loadConfigurationFile(path: string): RawConfiguration {
  const file = stackFileSchema.safeParse(readYaml(path));
  if (!file.success) {
    throw new Error(`${path} is no stack configuration: it has no mapping \`config\` at its top`);
  }
  return ourKeys(file.data.config);
}

/** Values of our namespace by key, without the namespace. */
export function ourKeys<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  const prefix = `${configurationNamespace}:`;
  const ours = Object.entries(values).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(ours.map(([key, value]) => [key.slice(prefix.length), value]));
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
