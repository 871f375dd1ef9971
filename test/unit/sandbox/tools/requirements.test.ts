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
function installGo(version: string, exitCode = 0): void {
  const answer = { GOVERSION: version, GOCACHE: join(scratch, "build"), GOMODCACHE: join(scratch, "modules") };
  const script = exitCode === 0 ? `echo '${JSON.stringify(answer)}'` : `echo 'go: no home' >&2; exit ${exitCode}`;
  writeFileSync(join(scratch, "bin/go"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(scratch, "bin/go"), 0o755);
}

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "vllm-serving-requirements-"));
  mkdirSync(join(scratch, "bin"));
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

  it("that does not work says why", async () => {
    installGo("", 2);
    await expect(check()).rejects.toThrow("Go does not work here: go: no home. Install Go 1.26 or newer");
  });
});

describe("the disk", () => {
  it("needs 19 GB for everything, when both caches are on one file system", async () => {
    installGo("go1.26.8");
    free = 19e9;
    await expect(check(toolFamilies)).resolves.toBeUndefined();
    free = 18e9;
    await expect(check(toolFamilies)).rejects.toThrow(
      `The disk of ${join(scratch, "build")} and ${join(scratch, "modules")} has 18.0 GB free, and building isolate, `,
    );
    await expect(check(toolFamilies)).rejects.toThrow("may need 19.0 GB there. Free some space, or move Go's caches");
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
    free = 19e9 - 3_000_000;
    await expect(check(toolFamilies)).resolves.toBeUndefined();
  });
});
