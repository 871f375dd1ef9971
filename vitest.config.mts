import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const src = (path: string) => resolve(import.meta.dirname, path);

/** Tests run against the sources, so that they never read a stale build. */
const alias = [
  { find: /^vllm-serving\/(config|policy|manifests|lint)$/, replacement: src("src/$1/index.ts") },
  { find: "vllm-serving/cluster/objects", replacement: src("src/cluster/list-objects.ts") },
  { find: /^vllm-serving$/, replacement: src("src/index.ts") },
  { find: /^@vllm-serving\/sandbox$/, replacement: src("packages/sandbox/src/index.ts") },
];

/** Minutes each, mostly of waiting, the longest first: a file that starts last would be waited for alone. */
const longest = [
  "test/sandbox/demo.test.ts",
  "test/sandbox/stack-scenarios.test.ts",
  "test/sandbox/sandbox-lifecycle.test.ts",
].map(src);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      longest.includes(moduleId) ? longest.indexOf(moduleId) : longest.length;
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve: { alias },
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], pool: "forks", testTimeout: 60_000 },
      },
      {
        resolve: { alias },
        test: {
          name: "types",
          include: [],
          typecheck: { enabled: true, only: true, include: ["test/types/**/*.test-d.ts"], tsconfig: "tsconfig.json" },
        },
      },
      {
        resolve: { alias },
        test: {
          name: "component",
          include: ["test/component/**/*.test.ts"],
          pool: "forks",
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "sandbox",
          include: ["test/sandbox/**/*.test.ts"],
          pool: "forks",
          testTimeout: 300_000,
          hookTimeout: 600_000,
          globalSetup: ["test/sandbox/support/shared-sandbox.ts"],
          // They wait for the cluster more than they compute, so three share even two cores; after all other projects.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: "release",
          include: ["test/release/**/*.test.ts"],
          pool: "forks",
          testTimeout: 900_000,
          hookTimeout: 600_000,
          globalSetup: ["test/sandbox/support/shared-sandbox.ts"],
        },
      },
    ],
  },
});
