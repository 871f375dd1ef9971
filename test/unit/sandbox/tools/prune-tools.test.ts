import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { identifyProcess } from "../../../../packages/sandbox/src/supervisor/process-identity";
import type { ToolPaths } from "../../../../packages/sandbox/src/tools/ensure-tools";
import { binaryNames, manifestNames, toolFamilies } from "../../../../packages/sandbox/src/tools/families";
import { pruneTools } from "../../../../packages/sandbox/src/tools/prune-tools";
import { familyKey, modulesDirectory } from "../../../../packages/sandbox/src/tools/tool-cache";
import { toolsInUse, useTools } from "../../../../packages/sandbox/src/tools/tools-in-use";

let root: string;
let cache: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "prune-"));
  cache = join(root, "tools");
  vi.stubEnv("VLLM_SERVING_CACHE", root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** A finished family with a program of 1000 bytes, last asked for so many days ago. */
function tool(name: string, daysAgo: number): string {
  const directory = join(cache, name);
  mkdirSync(join(directory, "bin"), { recursive: true });
  writeFileSync(join(directory, "bin/program"), Buffer.alloc(1000));
  writeFileSync(join(directory, "complete.json"), "");
  for (const path of [join(directory, "complete.json"), directory]) age(path, daysAgo);
  return directory;
}

function age(path: string, days: number): void {
  const seconds = Date.now() / 1000 - days * 24 * 3600;
  utimesSync(path, seconds, seconds);
}

/** Tools that all lie in one folder. */
function toolsIn(directory: string): ToolPaths {
  return {
    binaries: Object.fromEntries(
      binaryNames.map((name) => [name, join(directory, "bin", name)]),
    ) as ToolPaths["binaries"],
    manifests: Object.fromEntries(manifestNames.map((name) => [name, "/elsewhere"])) as ToolPaths["manifests"],
    replaced: [],
  };
}

describe("pruning the cache of tools", () => {
  it("removes what no version here uses and nobody asked for lately, and unfinished builds of it", async () => {
    const [etcd] = toolFamilies.filter(({ name }) => name === "etcd");
    const current = etcd === undefined ? "" : familyKey(etcd, join(modulesDirectory, "etcd"));
    tool(current, 100);
    const old = tool("etcd-000000000000", 15);
    tool("kwok-000000000000", 13);
    for (const [name, days] of [
      ["keda-000000000000.partial", 15],
      ["keda-111111111111.lock", 15],
      [`${current}.partial`, 15],
    ] as const) {
      mkdirSync(join(cache, name));
      age(join(cache, name), days);
    }
    expect(await pruneTools()).toEqual([
      { directory: old, bytes: 1000 },
      { directory: join(cache, "keda-000000000000.partial"), bytes: 0 },
      { directory: join(cache, "keda-111111111111.lock"), bytes: 0 },
    ]);
    expect(readdirSync(cache).sort()).toEqual([current, `${current}.partial`, "kwok-000000000000"].sort());
    expect(await pruneTools({ unusedDays: 0 })).toEqual([{ directory: join(cache, "kwok-000000000000"), bytes: 1000 }]);
  });

  it("keeps what a running process uses, and forgets those that are gone", async () => {
    const used = tool("etcd-000000000000", 15);
    const self = identifyProcess(process.pid) ?? { pid: 0, startedAt: 0 };
    useTools(toolsIn(join(cache, "kwok-000000000000")), { ...self, startedAt: 1 });
    const giveBack = useTools(toolsIn(used), self);
    expect(toolsInUse()).toEqual(new Set(["etcd-000000000000"]));
    expect(readdirSync(join(cache, "in-use"))).toEqual([`${self.pid}-${self.startedAt}.json`]);
    expect(await pruneTools()).toEqual([]);
    giveBack();
    expect((await pruneTools()).map(({ directory }) => directory)).toEqual([used]);
    expect(existsSync(used)).toBe(false);
  });

  it("has nothing to do without a cache", async () => {
    expect(await pruneTools()).toEqual([]);
  });
});
