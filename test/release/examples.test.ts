import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, inject, it } from "vitest";
import { expectAnswer } from "../sandbox/support/ask-model";
import { ExampleStack } from "../sandbox/support/example-stack";
import { projectsFolder } from "../sandbox/support/pulumi-project";

const sandbox = inject("sandbox");
const folder = projectsFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe("an example that was destroyed can be made again", () => {
  const chat = { namespace: "models", service: "chat", model: "meta-llama/Llama-3.1-8B-Instruct" };
  const llama31 = { namespace: "llama-31", service: "llama-31-8b", model: "llama-31-8b" };
  const llama32 = { namespace: "llama-32", service: "llama-32-3b", model: "llama-32-3b" };
  it.each([
    { path: "performance-validation", environment: "article", model: llama31 },
    { path: "performance-validation", environment: "today", model: llama31 },
    { path: "keda-setup", environment: "article", model: llama32 },
    { path: "keda-setup", environment: "today", model: llama32 },
    { path: "shared-gpu-budget", environment: "production", model: chat },
  ])("$path ($environment)", async ({ path, environment, model }) => {
    const stack = await ExampleStack.ofSandboxConfiguration(sandbox, folder, path, environment);
    await stack.up();
    await expectAnswer(sandbox, model);
    await stack.destroy();
    await stack.up();
    await expectAnswer(sandbox, model);
    await stack.expectNoChanges();
    await stack.remove();
  });
});

it("a program runs outside of the clone, with the package as npm installs it and its types checked", async () => {
  const outside = projectsFolder();
  rmSync(join(outside, "node_modules"));
  const pulumiEnvironment = { ...sandbox.pulumiEnvironment, PULUMI_NODEJS_TRANSPILE_ONLY: "false" };
  const stack = await ExampleStack.ofProgram({ ...sandbox, pulumiEnvironment }, outside, "existing-stack", {
    prometheusUrl: "http://prometheus-operated.monitoring.svc.cluster.local:9090",
  });
  const pack = ["pack", "--ignore-scripts", "--pack-destination", outside];
  const { stdout } = await execa("npm", pack, { cwd: resolve(__dirname, "../..") });
  const tarball = join(outside, stdout.trim().split("\n").at(-1) ?? "");
  await execa("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: stack.project.folder });
  expect(await stack.planned()).toContain("create serving.kserve.io/v1beta1:InferenceService llama");
  await stack.remove();
  rmSync(outside, { recursive: true });
});
