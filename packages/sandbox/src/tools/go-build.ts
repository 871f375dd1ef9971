import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import pRetry from "p-retry";
import type { ToolFamily } from "./families";
import { runGo } from "./go-command";
import { writeRecord } from "./tool-record";

export interface BuildStep {
  family: ToolFamily;
  moduleDirectory: string;
  /** Finished programs of an interrupted build are kept here and not built again. */
  partialDirectory: string;
  onDetail(detail: string): void;
  signal?: AbortSignal;
}

/** Builds a family into its partial folder; the caller moves it into place. */
export async function buildFamily(step: BuildStep): Promise<void> {
  const temporary = temporaryDirectory(step);
  // What a killed build left there, too.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    await buildParts(step);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Not the system's: that is often a small file system in memory. */
function temporaryDirectory({ partialDirectory }: BuildStep): string {
  return join(partialDirectory, "tmp");
}

async function buildParts(step: BuildStep): Promise<void> {
  const { family } = step;
  const startedAt = Date.now();
  const binaries = Object.entries(family.binaries);
  await mkdir(join(step.partialDirectory, "bin"), { recursive: true });
  for (const [index, [name, goPackage]] of binaries.entries()) {
    const target = join(step.partialDirectory, "bin", name);
    step.onDetail(binaries.length === 1 ? name : `${name}, ${index + 1} of ${binaries.length}`);
    if (!existsSync(target)) await buildBinary(step, goPackage, target);
  }
  for (const [name, source] of Object.entries(family.manifests)) {
    step.onDetail(name);
    await copyManifests(step, source, join(step.partialDirectory, "manifests", name));
  }
  await writeRecord(step.partialDirectory, family, Math.round((Date.now() - startedAt) / 100) / 10);
}

async function buildBinary(step: BuildStep, goPackage: string, target: string): Promise<void> {
  const { tags, symbols } = step.family;
  const linkerFlags = [
    "-s",
    "-w",
    ...Object.entries(symbols).flatMap(([symbol, value]) => ["-X", `${symbol}=${value}`]),
  ];
  const unfinished = `${target}.unfinished`;
  // Go refuses to write over a file that an interruption has cut off.
  await rm(unfinished, { force: true });
  await go(step, [
    "build",
    "-trimpath",
    // Checksums come from go.sum; a build never changes the module files.
    "-mod=readonly",
    // The state of the clone is not part of the result.
    "-buildvcs=false",
    ...(tags.length > 0 ? ["-tags", tags.join(",")] : []),
    "-ldflags",
    linkerFlags.join(" "),
    "-o",
    unfinished,
    goPackage,
  ]);
  await toDisk(unfinished);
  await rename(unfinished, target);
}

/** Otherwise a crash of the machine may leave the new name with no content. */
async function toDisk(file: string): Promise<void> {
  const handle = await open(file, "r+");
  await handle.sync().finally(() => handle.close());
}

/** Copies the YAML files of a folder, or one file, of a module. */
async function copyManifests(step: BuildStep, source: { module: string; path: string }, target: string): Promise<void> {
  await go(step, ["mod", "download", source.module]);
  const module = (await go(step, ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", source.module])).trim();
  const path = join(module, source.path);
  const files = (await stat(path)).isDirectory()
    ? (await readdir(path)).filter((file) => file.endsWith(".yaml")).map((file) => join(path, file))
    : [path];
  await mkdir(target, { recursive: true });
  for (const file of files) await writeFile(join(target, basename(file)), await readFile(file));
}

/** What Go says when a download broke off, which the next try may not meet again. A refusal (404, a checksum) is none. */
const brokenDownload =
  /dial tcp|i\/o timeout|connection reset|unexpected EOF|TLS handshake|stream error|: (502|503|504) |temporary failure in name/i;

async function go(step: BuildStep, args: string[]): Promise<string> {
  const { family, moduleDirectory, signal } = step;
  const once = (): Promise<string> =>
    runGo({
      args,
      directory: moduleDirectory,
      temporaryDirectory: temporaryDirectory(step),
      purpose: `Building ${family.title} ${family.version}`,
      ...(signal && { signal }),
    });
  return pRetry(once, {
    retries: 3,
    minTimeout: 2_000,
    shouldRetry: ({ error }) => brokenDownload.test(error.message),
    ...(signal && { signal }),
  });
}
