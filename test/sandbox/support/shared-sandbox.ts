import { down, type SandboxState, up } from "@vllm-serving/sandbox";
import type { TestProject } from "vitest/node";
import { kubernetesSdkVersion } from "../../../packages/sandbox/src/provider/sdk-version";

declare module "vitest" {
  interface ProvidedContext {
    sandbox: SandboxState;
  }
}

const providerVariable = "VLLM_SERVING_TEST_PROVIDER";

/** Which Kubernetes provider the tests must run with; without the variable it is the official one where there is one. */
function wantedProvider(): "official" | undefined {
  const value = process.env[providerVariable];
  if (value === undefined || value === "" || value === "official") return value === "official" ? value : undefined;
  throw new Error(`${providerVariable}=${value}: the only value is official.`);
}

/** One sandbox for all files that need no other; each uses stacks and namespaces of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = wantedProvider();
  const name = `test-${process.pid}`;
  const state = await up({ name, endWithCaller: true });
  if (wanted !== undefined && state.provider !== wanted) {
    await down(name, { keepLogs: false });
    throw new Error(
      `${providerVariable}=${wanted}, but the sandbox found no plugin resource-kubernetes ${kubernetesSdkVersion()}: ` +
        "put pulumi-resource-kubernetes of this version on the PATH or install it with `pulumi plugin install`.",
    );
  }
  project.provide("sandbox", state);
  return async () => {
    await down(name, { keepLogs: false });
  };
}
