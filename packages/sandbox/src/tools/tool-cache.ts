import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "../user-folders";
import type { ToolFamily } from "./families";

/** Folder of the Go modules, beside `dist` and `src` in the package. */
export const modulesDirectory = resolve(__dirname, "../../tools");

/** Where built tools are kept: the folder `tools` in `VLLM_SERVING_CACHE`, otherwise in the user's cache folder; never the clone. */
export function cacheDirectory(): string {
  return join(cacheFolder(), "tools");
}

/** Raised when the flags of all builds, or what they leave in their folders, change. */
const layout = 2;

/**
 * Identifies what a family's build would give: its module files, our own sources, flags, and this platform. The Go
 * version is left out on purpose: a finished build stays good when Go is updated or removed.
 */
export function familyKey(family: ToolFamily, moduleDirectory: string): string {
  const hash = createHash("sha256");
  const sources = readdirSync(moduleDirectory)
    .filter((file) => file === "go.mod" || file === "go.sum" || file.endsWith(".go"))
    .sort();
  for (const file of sources) hash.update(`${file}\n`).update(readFileSync(join(moduleDirectory, file)));
  const { binaries, manifests, tags, symbols, version } = family;
  const platform = { os: process.platform, cpu: process.arch };
  hash.update(JSON.stringify({ layout, binaries, manifests, tags, symbols, version, ...platform }));
  return `${family.name}-${hash.digest("hex").slice(0, 12)}`;
}
