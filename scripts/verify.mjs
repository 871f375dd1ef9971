// `npm run verify`: the longer tier, before a release. Everything of `npm test`; what only a release needs, such as adding
// the package with Pulumi's command line; and the tests that need no control plane on every Node release that users have, each
// with the newest Pulumi SDK it allows. Ends with one line `N passed, N failed` over all of them.
// `npm run verify -- --sdk 22=3.260.0` takes that version of the SDK on Node 22.
import { parseArgs } from "node:util";
import { fail, root } from "./prepare.mjs";
import { testProjects } from "./test-projects.mjs";
import { runVitest, summary } from "./vitest.mjs";

const { values } = parseArgs({ options: { sdk: { type: "string", multiple: true, default: [] } } });
const unclear = values.sdk.filter((given) => !/^\d+=\d+\.\d+\.\d+$/.test(given));
if (unclear.length > 0) fail(`--sdk ${unclear.join(", ")}: give a Node release and a version, such as 22=3.260.0.`);
const overrides = Object.fromEntries(values.sdk.map((given) => given.split("=")));

const results = [["npm test", testProjects([])]];
results.push(["Release tests", runVitest(root, ["--project", "release"])]);
// Loaded only now: they import what has been installed.
const [{ nodeReleases }, { checkoutCopy }] = await Promise.all([
  import("./node-releases.mjs"),
  import("./checkout-copy.mjs"),
]);
const projects = ["unit", "types", "component"].flatMap((project) => ["--project", project]);
for (const { node, command, version, sdk } of nodeReleases(overrides)) {
  const title = `Node ${version} with @pulumi/pulumi ${sdk}`;
  console.log(`\nUnit, type and component tests on ${title}`);
  const copy = checkoutCopy(`node-${node}`, { "@pulumi/pulumi": sdk });
  results.push([title, runVitest(copy, projects, command)]);
}

console.log();
for (const [title, result] of results) console.log(`${title}: ${summary(result)}`);
const sum = (count) => results.reduce((total, [, result]) => total + result[count], 0);
console.log(summary({ passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") }));
process.exit(results.every(([, result]) => result.ok) ? 0 : 1);
