import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, statSync, utimesSync } from "node:fs";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { ToolFamily } from "./families";

const record = z.object({
  family: z.string(),
  version: z.string(),
  builtAt: z.string(),
  buildSeconds: z.number(),
  /** By path inside the folder. Absent in a record of before sizes were kept: then nothing is compared. */
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })).exactOptional(),
});

function recordFile(directory: string): string {
  return join(directory, "complete.json");
}

/** Writes what a build has given; its presence says that the folder is finished. */
export async function writeRecord(directory: string, family: ToolFamily, buildSeconds: number): Promise<void> {
  const files: [string, { bytes: number; sha256: string }][] = [];
  for (const folder of ["bin", "manifests"].map((name) => join(directory, name)).filter(existsSync)) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      files.push([relative(directory, path), { bytes: (await stat(path)).size, sha256: await checksum(path) }]);
    }
  }
  await writeFile(
    recordFile(directory),
    JSON.stringify({
      family: family.name,
      version: family.version,
      builtAt: new Date().toISOString(),
      buildSeconds,
      files: Object.fromEntries(files),
    } satisfies z.infer<typeof record>),
  );
}

/**
 * What is not as it was built, e.g. cut off by a full disk or a crash of the machine: paths inside the folder. Undefined when
 * the folder was never finished, or its record itself is damaged.
 * @param contents Whether to compare checksums too, which reads every byte.
 */
export async function damagedFiles(directory: string, contents: boolean): Promise<string[] | undefined> {
  const parsed = readRecord(directory);
  if (parsed === undefined) return undefined;
  const damaged: string[] = [];
  for (const [path, { bytes, sha256 }] of Object.entries(parsed.files ?? {})) {
    const file = join(directory, path);
    const size = statSync(file, { throwIfNoEntry: false })?.size;
    if (size !== bytes || (contents && (await checksum(file)) !== sha256)) damaged.push(path);
  }
  return damaged;
}

/** When a finished folder was last asked for, in milliseconds since the epoch. */
export function lastUsed(directory: string): number | undefined {
  return statSync(recordFile(directory), { throwIfNoEntry: false })?.mtimeMs;
}

/** So that tools in use are told from old ones. A cache that cannot be written is used all the same. */
export function markUsed(directory: string): void {
  const now = new Date();
  try {
    utimesSync(recordFile(directory), now, now);
  } catch {
    // Read-only, or of another user.
  }
}

function readRecord(directory: string): z.infer<typeof record> | undefined {
  try {
    return record.parse(JSON.parse(readFileSync(recordFile(directory), "utf8")));
  } catch {
    return undefined;
  }
}

async function checksum(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
