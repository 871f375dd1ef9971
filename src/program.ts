import * as pulumi from "@pulumi/pulumi";
import { ourKeys } from "./config/load";
import type { RawConfiguration } from "./config/parse";
import { configurationNamespace } from "./config/schema";
import { createServingStack } from "./serving-stack";

// The root program: `Pulumi.<environment>.yaml` in, a platform and its models out. A stack of your own makes the same
// components by itself.

export const { platform, kept, models } = createServingStack(rawConfiguration());

/** Our keys of the stack's configuration. A secret's value is not even looked at: no field takes one. */
function rawConfiguration(): RawConfiguration {
  const secretKeys: unknown = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
  const isSecret = (key: string) =>
    Array.isArray(secretKeys) && secretKeys.includes(`${configurationNamespace}:${key}`);
  const values = Object.entries(ourKeys(pulumi.runtime.allConfig()));
  return Object.fromEntries(values.map(([key, value]) => [key, isSecret(key) ? { secure: "" } : jsonOrText(value)]));
}

/** The engine passes mappings and lists as JSON, and texts as they are. */
function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
