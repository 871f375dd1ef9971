// The Node releases that users have, and the Pulumi SDK each is tested with.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import semver from "semver";
import { fail, root } from "./prepare.mjs";

/** All Node releases that are tested; `sdk` would pin a version of `@pulumi/pulumi`, otherwise it is the newest that fits. */
const releases = [{ node: "20" }, { node: "22" }, { node: "24" }];

const sdkPackage = "@pulumi/pulumi";

/**
 * @param overrides Versions of the SDK by Node release, before what is pinned and what is newest.
 * @returns for each release how to run it, its exact version, and the SDK's.
 */
export function nodeReleases(overrides) {
  const unknown = Object.keys(overrides).filter((node) => !releases.some((release) => release.node === node));
  if (unknown.length > 0)
    fail(`--sdk: Node ${unknown.join(", ")} is not tested. Use ${releases.map((r) => r.node).join(", ")}.`);
  const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const published = publishedVersions(`${sdkPackage}@${peerDependencies[sdkPackage]}`);
  return releases.map(({ node, sdk }) => {
    const command = ["npx", "--yes", "--package", `node@${node}`, "--", "node"];
    const version = execFileSync(command[0], [...command.slice(1), "--version"], { encoding: "utf8" }).trim();
    return { node, command, version, sdk: overrides[node] ?? sdk ?? newestFor(version, published) };
  });
}

/** What the registry serves of a range, with the Node versions each release accepts. */
function publishedVersions(range) {
  const result = spawnSync("npm", ["view", range, "version", "engines", "--json"], { encoding: "utf8" });
  if (result.status !== 0) fail(`npm cannot list ${range}:\n${result.stderr}`);
  return [JSON.parse(result.stdout)].flat();
}

function newestFor(nodeVersion, published) {
  const fitting = published.filter(({ engines }) => semver.satisfies(nodeVersion, engines?.node ?? "*"));
  const newest = semver.maxSatisfying(
    fitting.map(({ version }) => version),
    "*",
  );
  return newest ?? fail(`No published ${sdkPackage} of the peer range accepts Node ${nodeVersion}.`);
}
