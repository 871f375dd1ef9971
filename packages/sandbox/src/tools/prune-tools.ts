import { existsSync, readdirSync, statSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { toolFamilies } from "./families";
import { cacheDirectory, familyKey, modulesDirectory } from "./tool-cache";
import { lastUsed } from "./tool-record";
import { leasesFolder, toolsInUse } from "./tools-in-use";

export interface PruneOptions {
  /** Tools of other versions that were used within so many days stay, since other checkouts may need them. @default 14 */
  unusedDays?: number;
}

export interface PrunedTool {
  /** Folder in the cache. */
  directory: string;
  bytes: number;
}

const dayMs = 24 * 3600 * 1000;

/**
 * Removes tools that this version does not use, that no running sandbox uses and that nobody has asked for lately; with them
 * unfinished builds and locks that were left behind.
 */
export async function pruneTools({ unusedDays = 14 }: PruneOptions = {}): Promise<PrunedTool[]> {
  const cache = cacheDirectory();
  if (!existsSync(cache)) return [];
  const kept = new Set([leasesFolder, ...currentFolders(), ...toolsInUse()]);
  const before = Date.now() - unusedDays * dayMs;
  const old = readdirSync(cache)
    .filter((name) => !kept.has(name.replace(/\.(partial|lock)$/, "")))
    .map((name) => join(cache, name))
    .filter((path) => (lastUsed(path) ?? statSync(path).mtimeMs) <= before);
  const pruned: PrunedTool[] = [];
  for (const directory of old) {
    const bytes = await sizeOf(directory);
    await rm(directory, { recursive: true, force: true });
    pruned.push({ directory, bytes });
  }
  return pruned;
}

function currentFolders(): string[] {
  return toolFamilies.map((family) => familyKey(family, join(modulesDirectory, family.name)));
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
