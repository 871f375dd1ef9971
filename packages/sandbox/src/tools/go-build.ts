import { existsSync } from "node:fs";
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { ToolFamily } from "./families";

/** A build that cannot go on; the message says what to do. */
export class ToolBuildError extends Error {
  override readonly name = "ToolBuildError";
}

/** Go's caches while everything is built from nothing: 12 GB of builds and 11 GB of modules, as measured. */
const coldCacheGigabytes = 23;

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
  const { family } = step;
  await requireGo(step);
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
  const finished = { family: family.name, version: family.version, builtAt: new Date().toISOString() };
  await writeFile(join(step.partialDirectory, "complete.json"), JSON.stringify(finished));
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
    ...(tags.length > 0 ? ["-tags", tags.join(",")] : []),
    "-ldflags",
    linkerFlags.join(" "),
    "-o",
    unfinished,
    goPackage,
  ]);
  await rename(unfinished, target);
}

async function copyManifests(step: BuildStep, source: { module: string; path: string }, target: string): Promise<void> {
  await go(step, ["mod", "download", source.module]);
  const module = (await go(step, ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", source.module])).trim();
  await rm(target, { recursive: true, force: true });
  const path = join(module, source.path);
  // Go's module cache is read-only, and so would the copy be.
  await cp(path, source.path.endsWith(".yaml") ? join(target, "manifests.yaml") : target, { recursive: true });
  await execa("chmod", ["-R", "u+w", target]);
}

async function requireGo(step: BuildStep): Promise<void> {
  const result = await execa("go", ["env", "GOVERSION"], { cwd: step.moduleDirectory, reject: false });
  if (result.code === "ENOENT") {
    throw new ToolBuildError(
      `Go is not on the PATH, and ${step.family.title} must be built. Install Go 1.26 or newer from https://go.dev/dl, then run this again.`,
    );
  }
  if (result.exitCode !== 0) {
    throw new ToolBuildError(
      `Go cannot build ${step.family.title}: ${result.stderr.trim()}. Install Go 1.26 or newer from https://go.dev/dl.`,
    );
  }
}

/** Runs Go in the family's module and returns what it printed. */
async function go(step: BuildStep, args: string[]): Promise<string> {
  const result = await execa("go", args, {
    cwd: step.moduleDirectory,
    env: { CGO_ENABLED: "0" },
    reject: false,
    ...(step.signal === undefined ? {} : { cancelSignal: step.signal }),
  });
  if (result.isCanceled) throw step.signal?.reason ?? new Error("The build was stopped.");
  if (result.exitCode === 0) return result.stdout;
  const lines = result.stderr.trim().split("\n");
  const full = lines.some((line) => line.includes("no space left on device"))
    ? `\nThe disk is full: a first build needs ${coldCacheGigabytes} GB for Go's caches (go env GOCACHE GOMODCACHE).`
    : "";
  throw new ToolBuildError(
    `Building ${step.family.title} ${step.family.version} failed. The last lines of \`go ${args[0]}\`:\n${lines
      .slice(-15)
      .map((line) => `  ${line}`)
      .join("\n")}${full}\nRun this again to go on where it stopped.`,
  );
}
