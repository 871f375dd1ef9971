import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import type { ProcessIdentity } from "../sandbox-state";
import { isRunning } from "../supervisor/process-identity";
import type { ToolPaths } from "./ensure-tools";
import { cacheDirectory } from "./tool-cache";

const lease = z.object({ pid: z.number(), startedAt: z.number(), families: z.array(z.string()) });

/** Beside the tools' folders, whose names all end in a hash. */
export const leasesFolder = "in-use";

/**
 * Says that a process uses these tools, until it ends or gives them back.
 * @returns what gives them back.
 */
export function useTools({ binaries, manifests }: ToolPaths, user: ProcessIdentity): () => void {
  const cache = cacheDirectory();
  const inside = [...Object.values(binaries), ...Object.values(manifests)]
    .map((path) => relative(cache, path).split(sep)[0] ?? "")
    .filter((name) => name !== ".." && name !== "");
  const file = join(cache, leasesFolder, `${user.pid}-${user.startedAt}.json`);
  mkdirSync(join(cache, leasesFolder), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...user, families: [...new Set(inside)] } satisfies z.infer<typeof lease>));
  return () => rmSync(file, { force: true });
}

/** Names of the folders that running processes use. What processes that are gone have left is removed. */
export function toolsInUse(): Set<string> {
  const folder = join(cacheDirectory(), leasesFolder);
  const names = new Set<string>();
  for (const file of filesOf(folder).map((name) => join(folder, name))) {
    const parsed = readLease(file);
    if (parsed !== undefined && isRunning(parsed)) for (const name of parsed.families) names.add(name);
    else rmSync(file, { force: true });
  }
  return names;
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readLease(file: string): z.infer<typeof lease> | undefined {
  try {
    return lease.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
