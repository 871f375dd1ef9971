import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";
import { z } from "zod";
import { explainFileProblem } from "../file-problems";
import type { ProgressListener } from "../sandbox-state";
import { BuildProgress } from "./build-progress";
import {
  type BinaryName,
  binaryNames,
  type ManifestName,
  manifestNames,
  type ToolFamily,
  toolFamilies,
} from "./families";
import { buildFamily } from "./go-build";
import { installedLanguageHost } from "./installed-language-host";
import { requireBuildEnvironment } from "./requirements";
import { ToolBuildError } from "./tool-build-error";
import { cacheDirectory, familyKey, modulesDirectory } from "./tool-cache";
import { damagedFiles, markUsed } from "./tool-record";

export interface ToolPaths {
  /** Absolute path of each program. */
  binaries: Record<BinaryName, string>;
  /** Folder with the YAML files of each set of manifests. */
  manifests: Record<ManifestName, string>;
  /** Programs of the user's own, which have replaced those built here. */
  replaced: BinaryName[];
  /** Version of Pulumi's official language host, where that one is used. */
  officialLanguageHost?: string;
}

export interface EnsureToolsOptions {
  onProgress?: ProgressListener;
  /** Stops a running build; what is finished is kept. */
  signal?: AbortSignal;
  /** Compares every finished tool with its checksum, not only with its size; takes some seconds. @default false */
  checkContents?: boolean;
}

/**
 * Makes sure that every tool is built, and says where it is. Finished families are found in the cache; the others are
 * built one after another, each once even when several processes ask at the same time.
 * A program can be replaced by `VLLM_SERVING_TOOL_<NAME>`, e.g. `VLLM_SERVING_TOOL_KUBE_APISERVER=/usr/bin/kube-apiserver`;
 * a family of which nothing is left to build is not built. Pulumi's official language host is used where it is on the PATH.
 * @throws ToolBuildError with what to do, when something cannot be built.
 * @throws the signal's reason when it is aborted.
 */
export async function ensureTools(options: EnsureToolsOptions = {}): Promise<ToolPaths> {
  const replaced = replacements();
  const installedHost = replaced.has("pulumi-language-nodejs") ? undefined : await installedLanguageHost();
  const present = new Map(replaced);
  if (installedHost !== undefined) present.set("pulumi-language-nodejs", installedHost.path);
  const families = stillNeeded(toolFamilies, new Set(present.keys()));
  const directories = await ensureFamilies(families, { ...options, modulesDirectory });
  const located = (kind: "binaries" | "manifests", folder: string): [string, string][] =>
    families.flatMap((family, i) =>
      Object.keys(family[kind]).map((name): [string, string] => [name, join(directories[i] ?? "", folder, name)]),
    );
  return {
    binaries: z
      .record(z.enum(binaryNames), z.string())
      .parse(Object.fromEntries([...located("binaries", "bin"), ...present])),
    manifests: z.record(z.enum(manifestNames), z.string()).parse(Object.fromEntries(located("manifests", "manifests"))),
    replaced: [...replaced.keys()],
    ...(installedHost !== undefined && { officialLanguageHost: installedHost.version }),
  };
}

/** Leaves out families without manifests whose programs are all replaced. */
export function stillNeeded(families: ToolFamily[], replaced: ReadonlySet<string>): ToolFamily[] {
  return families.filter(
    ({ binaries, manifests }) =>
      Object.keys(manifests).length > 0 || Object.keys(binaries).some((name) => !replaced.has(name)),
  );
}

/** Programs of the user's own, by name. */
function replacements(): Map<BinaryName, string> {
  const found = new Map<BinaryName, string>();
  const missing: string[] = [];
  for (const name of binaryNames) {
    const variable = `VLLM_SERVING_TOOL_${name.toUpperCase().replaceAll("-", "_")}`;
    const path = process.env[variable];
    if (path === undefined || path === "") continue;
    if (!existsSync(path)) missing.push(`${variable}: there is no ${path}. Correct the path, or unset the variable.`);
    found.set(name, resolve(path));
  }
  if (missing.length > 0) throw new ToolBuildError(missing.join("\n"));
  return found;
}

/** Builds what is missing or damaged of these families and returns each one's finished folder, in their order. */
export async function ensureFamilies(
  families: ToolFamily[],
  options: EnsureToolsOptions & { modulesDirectory: string },
): Promise<string[]> {
  try {
    return await ensureIn(cacheDirectory(), families, options);
  } catch (error) {
    throw explainFileProblem(error, {
      what: "The cache of tools",
      folder: cacheDirectory(),
      variable: "VLLM_SERVING_CACHE",
    });
  }
}

async function ensureIn(
  cache: string,
  families: ToolFamily[],
  options: EnsureToolsOptions & { modulesDirectory: string },
): Promise<string[]> {
  await mkdir(cache, { recursive: true });
  const planned = families.map((family) => {
    const moduleDirectory = join(options.modulesDirectory, family.name);
    return { family, moduleDirectory, directory: join(cache, familyKey(family, moduleDirectory)) };
  });
  const checkContents = options.checkContents === true;
  const complete = await Promise.all(planned.map((plan) => isComplete(plan.directory, checkContents)));
  const missing = planned.filter((_, i) => complete[i] !== true);
  const missingFamilies = missing.map((plan) => plan.family);
  if (missing[0] !== undefined) await requireBuildEnvironment(missingFamilies, missing[0].moduleDirectory);
  const progress = new BuildProgress(missingFamilies, options.onProgress);
  for (const plan of missing) {
    progress.start(plan.family);
    try {
      await buildOnce(plan, checkContents, (detail) => progress.detail(detail), options.signal);
    } catch (error) {
      progress.end("failed");
      throw error;
    }
    progress.end("done");
  }
  for (const plan of planned) markUsed(plan.directory);
  return planned.map((plan) => plan.directory);
}

/** A family's folder in the cache exists only once everything in it is finished; but a crash or a full disk may cut files off. */
async function isComplete(directory: string, checkContents: boolean): Promise<boolean> {
  return (await damagedFiles(directory, checkContents))?.length === 0;
}

interface Plan {
  family: ToolFamily;
  moduleDirectory: string;
  directory: string;
}

/** A lock that is older than this without a heartbeat belongs to a process that is gone. */
const staleLockMs = 20_000;

/** Builds a family under its lock, unless another process has done so by the time the lock is ours. */
async function buildOnce(
  plan: Plan,
  checkContents: boolean,
  onDetail: (detail: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const release = await lockFamily(plan, onDetail, signal);
  try {
    if (await isComplete(plan.directory, checkContents)) return;
    const partialDirectory = `${plan.directory}.partial`;
    await keepUndamaged(plan.directory, partialDirectory, checkContents);
    await buildFamily({ ...plan, partialDirectory, onDetail, ...(signal && { signal }) });
    await rm(plan.directory, { recursive: true, force: true });
    await rename(partialDirectory, plan.directory);
  } finally {
    // Refused for a lock that was lost in between; what it guarded is done all the same.
    await release().catch(() => undefined);
  }
}

/** Of a finished family with damaged files, the other files are kept, as those of an interrupted build are. */
async function keepUndamaged(directory: string, partialDirectory: string, checkContents: boolean): Promise<void> {
  const damaged = await damagedFiles(directory, checkContents);
  if (damaged === undefined) return;
  await rm(partialDirectory, { recursive: true, force: true });
  await rename(directory, partialDirectory);
  for (const path of damaged) await rm(join(partialDirectory, path), { force: true });
}

async function lockFamily(
  plan: Plan,
  onDetail: (detail: string) => void,
  signal?: AbortSignal,
): Promise<() => Promise<void>> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await lockfile.lock(plan.directory, {
        realpath: false,
        stale: staleLockMs,
        update: staleLockMs / 4,
        // After a pause such as a suspended laptop another process may have taken over; both then build the same files.
        onCompromised: () => undefined,
      });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ELOCKED")) throw error;
      onDetail(`another process builds it, waiting; if there is none, remove ${plan.directory}.lock`);
      await sleep(500);
    }
  }
}
