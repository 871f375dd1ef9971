// A copy of the checkout outside of it, with another version of a dependency: the user's node_modules stay as they are.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import envPaths from "env-paths";
import { build, root, run } from "./prepare.mjs";

/** Made by tools, or large and not needed. */
const left = new Set([".git", "node_modules", "dist", "out"]);

/**
 * Copies, installs and builds. What is installed is kept for the next time, in the user's cache folder or that of
 * `VLLM_SERVING_CACHE`.
 * @param name The copy's own, e.g. `node-22`.
 * @param versions Exact versions of development dependencies, by package.
 * @returns the copy's folder.
 */
export function checkoutCopy(name, versions) {
  const cache = process.env.VLLM_SERVING_CACHE || envPaths("vllm-serving", { suffix: "" }).cache;
  const copy = join(cache, "verify", name);
  mkdirSync(copy, { recursive: true });
  removeOldFiles(copy);
  cpSync(root, copy, { recursive: true, filter: (source) => source === root || !left.has(source.split("/").at(-1)) });
  const manifest = JSON.parse(readFileSync(join(copy, "package.json"), "utf8"));
  Object.assign(manifest.devDependencies, versions);
  writeFileSync(join(copy, "package.json"), JSON.stringify(manifest, null, 2));
  install(copy);
  build(copy);
  return copy;
}

/** All but what is installed, so that nothing stays which the checkout no longer has. */
function removeOldFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === "node_modules") continue;
    if (entry.isDirectory()) removeOldFiles(path);
    else rmSync(path);
  }
}

function install(copy) {
  const hash = createHash("sha256");
  for (const file of ["package.json", "package-lock.json"]) hash.update(readFileSync(join(copy, file)));
  const wanted = hash.digest("hex");
  const stamp = join(copy, "node_modules/.installed-for");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: copy,
  });
  writeFileSync(stamp, wanted);
}
