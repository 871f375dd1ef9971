import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import type * as fsPromises from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toolFamilies } from "../../../../packages/sandbox/src/tools/families";
import { requireBuildEnvironment } from "../../../../packages/sandbox/src/tools/requirements";
import { ToolBuildError } from "../../../../packages/sandbox/src/tools/tool-build-error";

/** Bytes that the disk pretends to have free. */
let free = 0;
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof fsPromises>()),
  statfs: async (path: string) => ({ ...statfsSync(path), bsize: 1, bavail: free }),
}));

let scratch: string;

/** Puts a `go` in front of the PATH that answers `go env` with this version. */
function installGo(version: string, settings: { GOTOOLCHAIN?: string; GOCACHE?: string } = {}): void {
  const caches = { GOCACHE: join(scratch, "build"), GOMODCACHE: join(scratch, "modules") };
  installProgram(`echo '${JSON.stringify({ GOVERSION: version, ...caches, ...settings })}'`);
}

function installProgram(script: string): void {
  writeFileSync(join(scratch, "bin/go"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(scratch, "bin/go"), 0o755);
}

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "vllm-serving-requirements-"));
  mkdirSync(join(scratch, "bin"));
  vi.stubEnv("VLLM_SERVING_CACHE", join(scratch, "cache"));
  vi.stubEnv("PATH", `${join(scratch, "bin")}${delimiter}${process.env.PATH ?? ""}`);
  free = 100e9;
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true });
});

const etcd = toolFamilies.filter((family) => family.name === "etcd");
const check = (families = etcd): Promise<void> => requireBuildEnvironment(families, scratch);

describe("Go", () => {
  it.each(["go1.26.0", "go1.26.8", "go1.27rc1", "go2.0.1", "devel +abc123"])("%s is new enough", async (version) => {
    installGo(version);
    await expect(check()).resolves.toBeUndefined();
  });

  it.each(["go1.25.9", "go1.9", "go1.24rc1"])("%s is too old", async (version) => {
    installGo(version);
    await expect(check()).rejects.toThrow(
      new ToolBuildError(
        `Go ${version.slice(2)} is too old to build etcd. Install Go 1.26 or newer from https://go.dev/dl, then run this again.`,
      ),
    );
  });

  it("that an own choice makes too old says so", async () => {
    installGo("go1.24.0", { GOTOOLCHAIN: "go1.24.0" });
    await expect(check()).rejects.toThrow(
      "Go 1.24.0 is too old to build etcd. GOTOOLCHAIN=go1.24.0 chooses it: unset that (also with `go env -u GOTOOLCHAIN`). Install Go 1.26",
    );
  });

  it("without its cache says so", async () => {
    installGo("go1.26.8", { GOCACHE: "off" });
    await expect(check()).rejects.toThrow("GOCACHE=off leaves Go without the cache that every build needs: unset it");
  });

  it("that does not work says why", async () => {
    installProgram("echo 'go: no idea' >&2; exit 2");
    await expect(check()).rejects.toThrow("Go does not work here: go: no idea. Install Go 1.26 or newer");
    installProgram("echo 'go: download go1.26.0 for linux/amd64: toolchain not available' >&2; exit 1");
    await expect(check()).rejects.toThrow(
      "toolchain not available. This Go is too old for the module and may not, or cannot, fetch a newer one: unset GOTOOLCHAIN",
    );
  });
});

describe("the disk", () => {
  it("needs 20 GB for everything, when all caches are on one file system", async () => {
    installGo("go1.26.8");
    free = 20e9;
    await expect(check(toolFamilies)).resolves.toBeUndefined();
    free = 19e9;
    await expect(check(toolFamilies)).rejects.toThrow(
      `The disk of ${["build", "modules", "cache/tools"].map((folder) => join(scratch, folder)).join(" and ")} has 19.0 GB free, and building isolate, `,
    );
    await expect(check(toolFamilies)).rejects.toThrow("may need 20.0 GB there. Free some space, or move Go's caches");
  });

  it("needs a family's share when only that is missing", async () => {
    installGo("go1.26.8");
    free = 1e9;
    await expect(check(etcd)).resolves.toBeUndefined();
  });

  it("counts what the caches hold already, which may be these very builds", async () => {
    installGo("go1.26.8");
    mkdirSync(join(scratch, "build"));
    writeFileSync(join(scratch, "build/cached"), Buffer.alloc(4_000_000, 1));
    free = 20e9 - 3_000_000;
    await expect(check(toolFamilies)).resolves.toBeUndefined();
  });
});
