import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const src = (path: string) => resolve(import.meta.dirname, path);

/** Tests run against the sources, so that they never read a stale build. */
const alias = [
  { find: /^vllm-serving\/(config|policy|manifests)$/, replacement: src("src/$1/index.ts") },
  { find: /^vllm-serving$/, replacement: src("src/index.ts") },
  { find: /^@vllm-serving\/sandbox$/, replacement: src("packages/sandbox/src/index.ts") },
];

export default defineConfig({
  test: {
    projects: [
      { resolve: { alias }, test: { name: "unit", include: ["test/unit/**/*.test.ts"], pool: "forks" } },
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
          testTimeout: 60_000,
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
          fileParallelism: false,
        },
      },
    ],
  },
});
