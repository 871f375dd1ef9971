import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A file to write, by its path in the folder. */
export interface OutputFile {
  path: string;
  text: string;
}

/** What happened to the files of a folder, each by its path in it. */
export interface FolderChanges {
  written: string[];
  unchanged: string[];
  removed: string[];
}

/**
 * Makes a folder hold these files, which are rendered from `source`. The first line of a file tells whose it is: those of this
 * source that are no longer rendered are removed, and anybody else's are left alone.
 *
 * @param subfolders Folders in it that a rendering may write to.
 * @throws Error before anything is written, if a file of somebody else is in the way
 */
export function writeFolder(
  folder: string,
  source: string,
  files: readonly OutputFile[],
  subfolders: readonly string[],
): FolderChanges {
  const marker = markerOf(source);
  const found = new Map(["", ...subfolders].flatMap((place) => entriesOf(folder, place)));
  refuseForeign(
    folder,
    source,
    files.filter(({ path }) => found.has(path) && !isOurs(found.get(path), marker)),
  );
  const changes: FolderChanges = { written: [], unchanged: [], removed: [] };
  for (const { path, text } of files) {
    const marked = `${marker}\n${text}`;
    if (found.get(path) === marked) {
      changes.unchanged.push(path);
      continue;
    }
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), marked);
    changes.written.push(path);
  }
  const rendered = new Set(files.map(({ path }) => path));
  for (const [path, text] of found) {
    if (rendered.has(path) || !isOurs(text, marker)) continue;
    rmSync(join(folder, path));
    changes.removed.push(path);
  }
  return changes;
}

function markerOf(source: string): string {
  return `# Rendered by vllm-serving from ${source}: change that one, not this. Rendering again overwrites or removes this file.`;
}

function isOurs(text: string | undefined, marker: string): boolean {
  return text?.split("\n", 1)[0] === marker;
}

/** Files by their path, with their text; what is no plain file has none. */
function entriesOf(folder: string, place: string): [path: string, text: string | undefined][] {
  if (!existsSync(join(folder, place))) return [];
  return readdirSync(join(folder, place), { withFileTypes: true }).map((entry) => {
    const path = join(place, entry.name);
    return [path, entry.isFile() ? readFileSync(join(folder, path), "utf8") : undefined];
  });
}

function refuseForeign(folder: string, source: string, foreign: readonly OutputFile[]): void {
  if (foreign.length === 0) return;
  throw new Error(
    [
      `Nothing was written. Not rendered from ${source}, as their first line would say, but in the way are:`,
      ...foreign.map(({ path }) => `  ${join(folder, path)}`),
      "Move them, or render into another folder.",
    ].join("\n"),
  );
}
