// What every script needs first: a fitting Node, the dependencies of the lockfile, a current build.
// Only Node's own modules are used here, because in a fresh clone nothing else is there.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the project's root and ends this process with its exit code if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

export function prepare() {
  requireNode();
  installDependencies();
  build(root);
}

/** Builds the package and those of its workspaces, in this checkout or a copy of it. */
export function build(folder) {
  run("npm", ["run", "--silent", "build"], { cwd: folder });
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
  }
}

/** Installs what the lockfile says, unless that was already done for this very lockfile. */
function installDependencies() {
  const lock = readFileSync(join(root, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  const stamp = join(root, "node_modules/.installed-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("Installing npm dependencies (about a minute the first time)");
  // Not `npm ci`: it refuses a lockfile without the optional packages of other platforms, which npm leaves out of it when a
  // registry does not have them. This installs the locked versions too, and writes nothing.
  run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, wanted);
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}
