import { rmSync } from "node:fs";
import { afterAll, describe, expect, inject, it } from "vitest";
import { expectAnswer } from "../sandbox/support/ask-model";
import { clientsOf } from "../sandbox/support/cluster";
import { ExampleStack } from "../sandbox/support/example-stack";
import { projectsFolder } from "../sandbox/support/pulumi-project";

const sandbox = inject("sandbox");
const { core } = clientsOf(sandbox);
const folder = projectsFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe("an example of configuration alone serves, stays as it is, goes, and can be made again", () => {
  const chat = { namespace: "models", service: "chat", model: "meta-llama/Llama-3.1-8B-Instruct" };
  const summaries = { namespace: "models", service: "summaries", model: "meta-llama/Llama-3.2-3B-Instruct" };
  const llama31 = { namespace: "llama-31", service: "llama-31-8b", model: "llama-31-8b" };
  const llama32 = { namespace: "llama-32", service: "llama-32-3b", model: "llama-32-3b" };
  it.each([
    { path: "performance-validation", environment: "article", models: [llama31] },
    { path: "performance-validation", environment: "today", models: [llama31] },
    { path: "keda-setup", environment: "article", models: [llama32] },
    { path: "keda-setup", environment: "today", models: [llama32] },
    { path: "shared-gpu-budget", environment: "production", models: [chat, summaries] },
  ])("$path ($environment)", async ({ path, environment, models }) => {
    const stack = await ExampleStack.ofSandboxConfiguration(sandbox, folder, path, environment);
    await stack.up();
    for (const model of models) await expectAnswer(sandbox, model);
    await stack.expectNoChanges();
    await stack.destroy();
    for (const { namespace } of models) {
      expect((await core.listNamespace({ fieldSelector: `metadata.name=${namespace}` })).items).toEqual([]);
    }
    await stack.up();
    for (const model of models) await expectAnswer(sandbox, model);
    await stack.remove();
  });
});
