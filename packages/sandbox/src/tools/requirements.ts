import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { buildAdvice } from "./build-advice";
import { type ToolFamily, toolFamilies } from "./families";
import { goEnvironment } from "./go-command";
import { ToolBuildError } from "./tool-build-error";
import { cacheDirectory } from "./tool-cache";

/** The newest `go` line in `packages/sandbox/tools/<family>/go.mod`. */
export const minimumGo = { major: 1, minor: 26 };

/** What a build of all families from nothing adds to the disk: 10.2, 7.0 and 0.9 GB as measured, rounded up. */
const coldDisk = { buildCacheGigabytes: 11, moduleCacheGigabytes: 8, toolsGigabytes: 1 };

const gigabyte = 1e9;
const install = `Install Go ${minimumGo.major}.${minimumGo.minor} or newer from https://go.dev/dl, then run this again.`;

const goSettings = z.object({
  GOVERSION: z.string(),
  GOTOOLCHAIN: z.string().default(""),
  GOCACHE: z.string(),
  GOMODCACHE: z.string(),
});

/**
 * Checks what building these families needs before the first long build starts.
 * @param moduleDirectory A Go module, because its `go` line may make Go switch to a newer toolchain.
 * @throws ToolBuildError when Go is missing or too old, or the disk too small.
 */
export async function requireBuildEnvironment(families: ToolFamily[], moduleDirectory: string): Promise<void> {
  const titles = families.map((family) => family.title).join(", ");
  const result = await execa("go", ["env", "-json", "GOVERSION", "GOTOOLCHAIN", "GOCACHE", "GOMODCACHE"], {
    cwd: moduleDirectory,
    env: goEnvironment,
    reject: false,
  });
  if (result.code === "ENOENT") {
    throw new ToolBuildError(`Go is not on the PATH, and it must build ${titles}. ${install}`);
  }
  if (result.exitCode !== 0) {
    const said = result.stderr.trim();
    throw new ToolBuildError(`Go does not work here: ${said}. ${buildAdvice([said]) ?? install}`);
  }
  const go = goSettings.parse(JSON.parse(result.stdout));
  if (isTooOld(go.GOVERSION)) {
    const version = go.GOVERSION.replace(/^go/, "");
    throw new ToolBuildError(`Go ${version} is too old to build ${titles}. ${newerGo(go.GOTOOLCHAIN)}`);
  }
  if (go.GOCACHE === "off") {
    throw new ToolBuildError(
      "GOCACHE=off leaves Go without the cache that every build needs: unset it (also with `go env -u GOCACHE`).",
    );
  }
  await requireDisk(families, go);
}

/** A toolchain that was chosen by name is used even where a newer Go is installed. */
function newerGo(toolchain: string): string {
  if (!toolchain.startsWith("go1")) return install;
  return `GOTOOLCHAIN=${toolchain} chooses it: unset that (also with \`go env -u GOTOOLCHAIN\`). ${install}`;
}

/** @param version As `go env GOVERSION` prints it, e.g. `go1.26.8`; a development version without a number is taken as new. */
function isTooOld(version: string): boolean {
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) < minimumGo.major || (Number(major) === minimumGo.major && Number(minor) < minimumGo.minor);
}

/** What is missing takes its share of the whole, by build time. The caches may lie on one file system. */
async function requireDisk(families: ToolFamily[], go: { GOCACHE: string; GOMODCACHE: string }): Promise<void> {
  const seconds = (some: ToolFamily[]): number => some.reduce((sum, family) => sum + family.coldBuildSeconds, 0);
  const share = seconds(families) / seconds(toolFamilies);
  const needs = new Map<number, { directories: string[]; bytes: number }>();
  for (const [directory, gigabytes] of [
    [go.GOCACHE, coldDisk.buildCacheGigabytes],
    [go.GOMODCACHE, coldDisk.moduleCacheGigabytes],
    [cacheDirectory(), coldDisk.toolsGigabytes],
  ] as const) {
    const { dev } = await stat(existing(directory));
    const need = needs.get(dev) ?? { directories: [], bytes: 0 };
    needs.set(dev, {
      directories: [...need.directories, directory],
      bytes: need.bytes + share * gigabytes * gigabyte,
    });
  }
  for (const { directories, bytes } of needs.values()) {
    const { bavail, bsize } = await statfs(existing(directories[0] ?? "/"));
    const free = bavail * bsize;
    // Caches that already hold something may hold just these builds, so their size counts too, at the cost of a slow look.
    if (free >= bytes || free + (await sizeOf(directories)) >= bytes) continue;
    throw new ToolBuildError(
      `The disk of ${directories.join(" and ")} has ${gigabytesOf(free)} GB free, and building ${families
        .map((family) => family.title)
        .join(
          ", ",
        )} may need ${gigabytesOf(bytes)} GB there. Free some space, or move Go's caches with GOCACHE and GOMODCACHE, and the tools with VLLM_SERVING_CACHE.`,
    );
  }
}

/** The folder itself, or the nearest one above it that is there. */
function existing(directory: string): string {
  return existsSync(directory) ? directory : existing(dirname(directory));
}

async function sizeOf(directories: string[]): Promise<number> {
  const present = directories.filter((directory) => existsSync(directory));
  if (present.length === 0) return 0;
  const { stdout } = await execa("du", ["-sk", ...present], { reject: false });
  return stdout.split("\n").reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0) * 1024, 0);
}

function gigabytesOf(bytes: number): string {
  return (bytes / gigabyte).toFixed(1);
}
