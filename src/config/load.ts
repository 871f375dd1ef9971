import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { RawConfiguration } from "./parse";
import { type Configuration, configurationNamespace } from "./schema";

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

/** A stack's configuration file (`Pulumi.<stack>.yaml`), in which Kubernetes has no provider but the one that the program makes. */
export function stackFileText(configuration: Configuration): string {
  const ours = Object.entries(configuration).map(([key, value]) => [`${configurationNamespace}:${key}`, value]);
  return stringify({ config: { "pulumi:disable-default-providers": ["kubernetes"], ...Object.fromEntries(ours) } });
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
