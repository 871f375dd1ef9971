import { readFileSync } from "node:fs";
import { z } from "zod";

const packageSchema = z.object({ version: z.string() });

/** Version of the installed `@pulumi/kubernetes`, which is the plugin's that it asks for. */
export function kubernetesSdkVersion(): string {
  const file = require.resolve("@pulumi/kubernetes/package.json");
  return packageSchema.parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
