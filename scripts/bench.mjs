// `npm run bench`: how long the linter takes for many ScaledObjects, and how much memory, by the built command line.
// `npm run bench -- --objects 5000` takes another number of them. It measures and asserts nothing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fail, root } from "./prepare.mjs";

const { values } = parseArgs({ options: { objects: { type: "string", default: "1000" } } });
const count = Number(values.objects);
if (!Number.isInteger(count) || count < 1) fail(`--objects ${values.objects}: give a number of objects.`);

const { publishedPolicies } = createRequire(import.meta.url)(join(root, "dist/lint/index.js"));
const policies = publishedPolicies.filter(({ manifests }) => manifests.includes("kind: ScaledObject"));
const texts = Array.from({ length: count }, (_, i) =>
  // Each in a namespace of its own: none says anything about another.
  policies[i % policies.length].manifests.replace(/^ {2}namespace: .*$/m, `  namespace: team-${i}`),
);

/** Tells on descriptor 3 what the process has used. */
const usage = `data:text/javascript,${encodeURIComponent(
  'import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, JSON.stringify(process.resourceUsage())));',
)}`;
const folder = mkdtempSync(join(tmpdir(), "vllm-serving-bench-"));
try {
  const file = join(folder, "policies.yaml");
  writeFileSync(file, texts.join("---\n"));
  const command = join(root, "packages/cli/bin/vllm-serving.cjs");
  const { output, status } = spawnSync(process.execPath, ["--import", usage, command, "lint", "--json", file], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
    maxBuffer: 1024 ** 3,
  });
  if (status !== 0 && status !== 1) fail(`vllm-serving lint ended with ${status}.`);
  const { findings } = JSON.parse(output[1].toString());
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(output[3].toString());
  const seconds = ((userCPUTime + systemCPUTime) / 1e6).toFixed(1);
  console.log(
    `${count} ScaledObjects, ${(statSync(file).size / 1024 ** 2).toFixed(1)} MB: ${seconds} s, ${Math.round(maxRSS / 1024)} MB of memory, ${findings.length} findings`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
