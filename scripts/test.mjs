// `npm test`: format and lint, build, then all test projects; ends with one line `N passed, N failed`.
// `npm test -- --project unit` runs one project; other arguments go to vitest too.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";

const vitestArguments = process.argv.slice(2);
const projects = vitestArguments.flatMap((argument, i) => (argument === "--project" ? [vitestArguments[i + 1]] : []));

prepare();
run(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "check", "."]);
if (projects.length === 0 || projects.includes("sandbox")) {
  run(process.execPath, [join(root, "packages/cli/bin/vllm-serving.cjs"), "sandbox", "tools"]);
}

const results = mkdtempSync(join(tmpdir(), "vllm-serving-test-"));
const report = join(results, "report.json");
const vitest = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...vitestArguments,
  ],
  { cwd: root, stdio: "inherit" },
);
const counts = count(report);
rmSync(results, { recursive: true, force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ""}`);
process.exit(vitest.status === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1);

/** A file that could not be run has no test of its own, so it counts as one failure. */
function count(file) {
  let json;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const brokenFiles = json.testResults.filter(
    (result) => result.status === "failed" && !result.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests + brokenFiles,
    skipped: json.numPendingTests + json.numTodoTests,
  };
}
