import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import lockfile from "proper-lockfile";
import { z } from "zod";
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
import { cacheDirectory, familyKey, isComplete, modulesDirectory } from "./tool-cache";

export interface ToolPaths {
  /** Absolute path of each program. */
  binaries: Record<BinaryName, string>;
  /** Folder with the YAML files of each set of manifests. */
  manifests: Record<ManifestName, string>;
  /** Version of each family, by its title. */
  versions: Record<string, string>;
}

export interface EnsureToolsOptions {
  onProgress?: ProgressListener;
  /** Stops a running build; what is finished is kept. */
  signal?: AbortSignal;
}

/**
 * Makes sure that every tool is built, and says where it is. Finished families are found in the cache; the others are
 * built one after another, each once even when several processes ask at the same time.
 * A program can be replaced by `VLLM_SERVING_TOOL_<NAME>`, e.g. `VLLM_SERVING_TOOL_KUBE_APISERVER=/usr/bin/kube-apiserver`.
 * @throws ToolBuildError with what to do, when something cannot be built.
 */
export async function ensureTools(options: EnsureToolsOptions = {}): Promise<ToolPaths> {
  const directories = await ensureFamilies(toolFamilies, { ...options, modulesDirectory });
  const locate = (kind: "binaries" | "manifests", place: (directory: string, name: string) => string): unknown =>
    Object.fromEntries(
      toolFamilies.flatMap((family, i) =>
        Object.keys(family[kind]).map((name) => [name, place(directories[i] ?? "", name)]),
      ),
    );
  return {
    binaries: z
      .record(z.enum(binaryNames), z.string())
      .parse(locate("binaries", (directory, name) => replacementOf(name) ?? join(directory, "bin", name))),
    manifests: z
      .record(z.enum(manifestNames), z.string())
      .parse(locate("manifests", (directory, name) => join(directory, "manifests", name))),
    versions: Object.fromEntries(toolFamilies.map((family) => [family.title, family.version])),
  };
}

function replacementOf(name: string): string | undefined {
  return process.env[`VLLM_SERVING_TOOL_${name.toUpperCase().replaceAll("-", "_")}`];
}

/** Builds what is missing of these families and returns each one's finished folder, in their order. */
export async function ensureFamilies(
  families: ToolFamily[],
  options: EnsureToolsOptions & { modulesDirectory: string },
): Promise<string[]> {
  const cache = cacheDirectory();
  await mkdir(cache, { recursive: true });
  const planned = families.map((family) => {
    const moduleDirectory = join(options.modulesDirectory, family.name);
    return { family, moduleDirectory, directory: join(cache, familyKey(family, moduleDirectory)) };
  });
  const missing = planned.filter((plan) => !isComplete(plan.directory));
  const progress = new BuildProgress(
    missing.map((plan) => plan.family),
    options.onProgress,
  );
  for (const plan of missing) {
    progress.start(plan.family);
    try {
      await buildOnce(plan, (detail) => progress.detail(detail), options.signal);
    } catch (error) {
      progress.end("failed");
      throw error;
    }
    progress.end("done");
  }
  return planned.map((plan) => plan.directory);
}

interface Plan {
  family: ToolFamily;
  moduleDirectory: string;
  directory: string;
}

/** A lock that is older than this without a heartbeat belongs to a process that is gone. */
const staleLockMs = 20_000;

/** Builds a family under its lock, unless another process has done so by the time the lock is ours. */
async function buildOnce(plan: Plan, onDetail: (detail: string) => void, signal?: AbortSignal): Promise<void> {
  const release = await lockFamily(plan, onDetail, signal);
  try {
    if (isComplete(plan.directory)) return;
    const partialDirectory = `${plan.directory}.partial`;
    await buildFamily({ ...plan, partialDirectory, onDetail, ...(signal === undefined ? {} : { signal }) });
    await rm(plan.directory, { recursive: true, force: true });
    await rename(partialDirectory, plan.directory);
  } finally {
    await release();
  }
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
      onDetail("another process builds it, waiting");
      await sleep(500, undefined, signal === undefined ? {} : { signal });
    }
  }
}
