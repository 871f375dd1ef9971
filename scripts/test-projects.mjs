// Everything of `npm test`: format and lint, build, then the test projects, all but those of a release.
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";
import { runVitest } from "./vitest.mjs";

/** @param vitestArguments As of the command line; `--project` limits what is run. */
export function testProjects(vitestArguments) {
  const projects = vitestArguments.flatMap((argument, i) => (argument === "--project" ? [vitestArguments[i + 1]] : []));
  prepare();
  run(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "check", "."]);
  if (projects.length === 0 || projects.includes("sandbox") || projects.includes("release")) {
    run(process.execPath, [join(root, "packages/cli/bin/vllm-serving.cjs"), "sandbox", "tools"]);
  }
  return runVitest(root, projects.length === 0 ? ["--project", "!release", ...vitestArguments] : vitestArguments);
}
