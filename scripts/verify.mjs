// `npm run verify`: the longer tier, before a release. Everything of `npm test`, then the tests that need no control plane on
// every Node release that users have.
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";

const nodeReleases = ["20", "22", "24"];

run("npm", ["test"]);
prepare();
for (const release of nodeReleases) {
  console.log(`\nUnit, type and component tests on Node ${release}`);
  const projects = ["unit", "types", "component"].flatMap((project) => ["--project", project]);
  const vitest = [join(root, "node_modules/vitest/vitest.mjs"), "run", ...projects];
  run("npx", ["--yes", "--package", `node@${release}`, "--", "node", ...vitest]);
}
console.log("\nVerified.");
