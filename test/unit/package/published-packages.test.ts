import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, describe, expect, it } from "vitest";

const root = resolve(__dirname, "../../..");
const scratch = mkdtempSync(join(tmpdir(), "vllm-serving-pack-"));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}

function pack(folder: string): Packed {
  const output = execFileSync(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", scratch],
    {
      cwd: resolve(root, folder),
      encoding: "utf8",
    },
  );
  const packed: unknown = JSON.parse(output);
  const list: Packed[] = Array.isArray(packed) ? packed : Object.values(Object(packed));
  const [only] = list;
  if (only === undefined) throw new Error(`npm pack printed no package: ${output}`);
  return only;
}

const packages = [
  { folder: ".", name: "vllm-serving", entry: "dist/index.js" },
  { folder: "packages/sandbox", name: "@vllm-serving/sandbox", entry: "dist/index.js" },
  { folder: "packages/policy-pack", name: "@vllm-serving/policy-pack", entry: "dist/pack.js" },
  { folder: "packages/cli", name: "@vllm-serving/cli", entry: "dist/main.js" },
];
const budgetBytes = 1_000_000;

describe.each(packages)("package $name", ({ folder, entry }) => {
  it("packs into its size budget, without tests, caches and build information", () => {
    const packed = pack(folder);
    expect(statSync(join(scratch, packed.filename)).size).toBeLessThanOrEqual(budgetBytes);
    const paths = packed.files.map((file) => file.path);
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "package.json", entry]));
    expect(paths.filter((path) => /(^|\/)(test|node_modules)\/|tsbuildinfo|\.test\./.test(path))).toEqual([]);
  }, 60_000);

  it("passes publint", async () => {
    const manifest = JSON.parse(readFileSync(resolve(root, folder, "package.json"), "utf8"));
    const { messages } = await publint({ pkgDir: resolve(root, folder), level: "warning", strict: true });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  }, 60_000);
});

// Nothing imports the command line, so only the libraries have types to get wrong.
describe.each(packages.slice(0, 3))("library $name", ({ folder }) => {
  it("resolves with its types for CommonJS and ESM importers", () => {
    const tarball = join(scratch, pack(folder).filename);
    const attw = spawnSync(
      process.execPath,
      [resolve(root, "node_modules/@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "node16", "--no-color"],
      { cwd: scratch, encoding: "utf8" },
    );
    expect(attw.status, attw.stdout + attw.stderr).toBe(0);
  }, 120_000);
});

describe("unused code", () => {
  it("is not there: no file, export or dependency that nothing uses", () => {
    const knip = spawnSync(process.execPath, [resolve(root, "node_modules/knip/bin/knip.js"), "--no-progress"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(knip.stdout + knip.stderr).toBe("");
    expect(knip.status).toBe(0);
  }, 120_000);
});

describe("the lockfile", () => {
  const lock: { packages: Record<string, { resolved?: string; bin?: Record<string, string> }> } = JSON.parse(
    readFileSync(resolve(root, "package-lock.json"), "utf8"),
  );

  it("names no registry", () => {
    const resolved = Object.values(lock.packages).flatMap((entry) => entry.resolved ?? []);
    expect(resolved.filter((address) => /^[a-z]+:\/\//.test(address))).toEqual([]);
  });

  it("links the command to the file its package says, which is there before anything is built", () => {
    const { bin } = JSON.parse(readFileSync(resolve(root, "packages/cli/package.json"), "utf8"));
    expect(lock.packages["packages/cli"]?.bin).toEqual(bin);
    expect(bin).toEqual({ "vllm-serving": "bin/vllm-serving.cjs" });
    expect(statSync(resolve(root, "packages/cli/bin/vllm-serving.cjs")).mode & 0o111).not.toBe(0);
  });
});
