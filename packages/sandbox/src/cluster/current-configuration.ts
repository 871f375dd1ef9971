import { mkdir, mkdtemp, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ConfigurationFiles } from "./prometheus-files";

const link = "current";

/** Path under which Prometheus finds its configuration: always that of the last `use`. */
export function currentConfiguration(directory: string): string {
  return join(directory, link);
}

/**
 * Puts a whole set of files in the place of the one before, at once, as a kubelet does with its volumes.
 * @returns how to go back to the one before, and how to forget that.
 */
export async function useConfiguration(
  directory: string,
  files: ConfigurationFiles,
): Promise<{ undo(): Promise<void>; commit(): Promise<void> }> {
  const before = await readlink(currentConfiguration(directory)).catch(() => undefined);
  const created = await mkdtemp(join(directory, "configuration-"));
  for (const [path, text] of files) {
    const file = join(created, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o600 });
  }
  await pointTo(directory, basename(created));
  return {
    async undo() {
      if (before === undefined) return;
      await pointTo(directory, before);
      await rm(created, { recursive: true, force: true });
    },
    async commit() {
      if (before !== undefined) await rm(join(directory, before), { recursive: true, force: true });
    },
  };
}

async function pointTo(directory: string, target: string): Promise<void> {
  const next = join(directory, `${link}.new`);
  await rm(next, { force: true });
  await symlink(target, next);
  await rename(next, currentConfiguration(directory));
}
