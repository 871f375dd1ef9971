// Runs vitest and counts what it ran.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * @param folder The checkout, or a copy of it.
 * @param vitestArguments What follows `vitest run`.
 * @param node Command that runs Node, as a list of words.
 */
export function runVitest(folder, vitestArguments, node = [process.execPath]) {
  const results = mkdtempSync(join(tmpdir(), "vllm-serving-test-"));
  const report = join(results, "report.json");
  const [command, ...words] = [
    ...node,
    join(folder, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...vitestArguments,
  ];
  const { status } = spawnSync(command, words, { cwd: folder, stdio: "inherit" });
  const counts = count(report);
  rmSync(results, { recursive: true, force: true });
  return { ...counts, ok: status === 0 && counts.failed === 0 && counts.passed > 0 };
}

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

/** The line that a run of tests ends with. */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}
