import { down, type SandboxState, up } from "@vllm-serving/sandbox";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    sandbox: SandboxState;
  }
}

/** One sandbox for all files that need no other; each uses stacks and namespaces of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const name = `test-${process.pid}`;
  const state = await up({ name, endWithCaller: true });
  project.provide("sandbox", state);
  return async () => {
    await down(name, { keepLogs: false });
  };
}
