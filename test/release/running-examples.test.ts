import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { complete, expectAnswer } from "../sandbox/support/ask-model";
import { clientsOf, waitFor } from "../sandbox/support/cluster";
import { ExampleStack, vllmServing } from "../sandbox/support/example-stack";
import { projectsFolder } from "../sandbox/support/pulumi-project";
import { StrictValidation } from "../sandbox/support/strict-validation";

const sandbox = inject("sandbox");
const { core, apps } = clientsOf(sandbox);
const folder = projectsFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** A short start, as the sandbox's configuration declares it for models. */
const startup = { "startup.imagePullSeconds": "2", "startup.loadSeconds": "6", "startup.compileSeconds": "2" };
const prometheusUrl = "http://prometheus-operated.monitoring.svc.cluster.local:9090";

async function expectGone(namespace: string): Promise<void> {
  const list = await core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
  expect(list.items).toEqual([]);
}

/** Whether the API server takes all that a program would make. Those of configuration alone are asked about without Pulumi. */
let validation: StrictValidation;
beforeAll(async () => {
  validation = await StrictValidation.inNamespace(sandbox, "strict-programs");
});
afterAll(() => validation.end());

/** @returns the kinds of what a program would make, all of it accepted with strict field validation */
async function acceptedKinds(stack: ExampleStack): Promise<string[]> {
  const objects = await stack.plannedObjects();
  expect(await validation.refused(objects)).toEqual([]);
  return objects.map(({ kind }) => kind).sort();
}

const objectSchema = z.looseObject({ kind: z.string() });

describe.each([
  { path: "keda-setup", environment: "article" },
  { path: "keda-setup", environment: "today" },
  { path: "performance-validation", environment: "article" },
  { path: "performance-validation", environment: "today" },
  { path: "dynamic-autoscaling", environment: "openshift" },
  { path: "knative-modelcar", environment: "article" },
  { path: "knative-modelcar", environment: "today" },
  { path: "prokube", environment: "production" },
  { path: "shared-gpu-budget", environment: "production" },
])("$path in its environment $environment, without its cluster", ({ path, environment }) => {
  it("is planned as it is rendered", async () => {
    const pulumiEnvironment = { ...sandbox.pulumiEnvironment, KUBECONFIG: join(folder, "no-kubeconfig") };
    const stack = await ExampleStack.ofEnvironment({ ...sandbox, pulumiEnvironment }, folder, path, environment);
    const rendered = await vllmServing(stack.project.folder, "render", `Pulumi.${environment}.yaml`);
    const objects = parseAllDocuments(rendered).map((document) => objectSchema.parse(document.toJS()));
    const planned = await stack.planned();
    expect(planned.map((step) => step.replace(/^create .*:(\w+) .*$/, "$1")).sort()).toEqual(
      objects.map(({ kind }) => kind).sort(),
    );
    await stack.remove();
  });
});

describe("autoscaling only", () => {
  const model = { namespace: "chat", service: "chat", model: "chat" };
  let workload: ExampleStack;
  let autoscaler: ExampleStack;

  beforeAll(async () => {
    workload = await ExampleStack.ofProgram(sandbox, folder, "autoscaling-only/workload");
    autoscaler = await ExampleStack.ofProgram(sandbox, folder, "autoscaling-only/autoscaler", {
      workloadStack: "organization/chat-workload/try",
      prometheusUrl,
      ...startup,
      longestGenerationSeconds: "15",
    });
    expect(await acceptedKinds(workload)).toEqual(["Deployment", "Namespace", "PodMonitor", "Service"]);
    await workload.up();
  });

  it("adds a ScaledObject to the Deployment of the other stack, and nothing else", async () => {
    expect(await autoscaler.planned()).toEqual(["create keda.sh/v1alpha1:ScaledObject chat"]);
    expect(await acceptedKinds(autoscaler)).toEqual(["ScaledObject"]);
    await autoscaler.up();
    expect(await autoscaler.output("policy")).toContainEqual(
      expect.stringMatching(/^spec\.triggers\[0\]\.metadata\.threshold = 5: /),
    );
  });

  it("scales it by the requests in flight, and neither stack takes that back", async () => {
    const replicas = async () => {
      const { spec } = await apps.readNamespacedDeployment({ name: "chat", namespace: "chat" });
      return spec?.replicas;
    };
    expect(await replicas()).toBe(1);
    // At 5 a replica, 12 requests in flight want three.
    const load = new AbortController();
    const endless = { max_tokens: 2000, ignore_eos: true, stream: true };
    const requests = Array.from({ length: 12 }, () => complete(sandbox, model, endless, load.signal));
    await waitFor("three replicas", async () => (await replicas()) === 3);
    await autoscaler.expectNoChanges();
    await workload.expectNoChanges();
    // A machine that is slow just now makes tokens late, and then the latency guard may ask for the fourth.
    expect(await replicas()).toBeGreaterThanOrEqual(3);
    load.abort();
    await Promise.allSettled(requests);
  });

  it("leaves the Deployment serving when it goes, and both can be made again", async () => {
    await autoscaler.destroy();
    await expectAnswer(sandbox, model);
    await workload.destroy();
    await expectGone("chat");
    await workload.up();
    await autoscaler.up();
    await expectAnswer(sandbox, model);
    await autoscaler.remove();
    await workload.remove();
  });
});

it("a model comes beside what a stack had before, of which only one variable changes, and can be made again", async () => {
  const stack = await ExampleStack.ofProgram(sandbox, folder, "existing-stack", { prometheusUrl, ...startup });
  const program = join(stack.project.folder, "index.ts");
  const withModel = readFileSync(program, "utf8");
  writeFileSync(program, 'import { application } from "./application";\napplication("https://llm.example.com/v1");\n');
  await stack.up();

  writeFileSync(program, withModel);
  const planned = await stack.planned();
  expect(planned.filter((step) => !step.startsWith("create "))).toEqual(["update apps/v1:Deployment assistant"]);
  await stack.up();
  const { spec } = await apps.readNamespacedDeployment({ name: "assistant", namespace: "assistant" });
  expect(spec?.template.spec?.containers[0]?.env).toEqual([
    { name: "OPENAI_BASE_URL", value: "http://llama.assistant-llm.svc:8000/v1" },
  ]);
  const model = { namespace: "assistant-llm", service: "llama", model: "llama" };
  await expectAnswer(sandbox, model);
  await stack.expectNoChanges();
  await stack.destroy();
  await expectGone("assistant-llm");
  expect(await acceptedKinds(stack)).toEqual([
    "Deployment",
    "InferenceService",
    "Namespace",
    "Namespace",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodMonitor",
    "ScaledObject",
    "Service",
    "ServingRuntime",
  ]);
  await stack.up();
  await expectAnswer(sandbox, model);
  await stack.remove();
});

it("a platform and two teams are three stacks, the teams' with what the platform's says, and can be made again", async () => {
  const platform = await ExampleStack.ofSandboxConfiguration(
    sandbox,
    folder,
    "platform-and-teams/platform",
    "production",
  );
  await platform.up();
  const teamConfiguration = { platformStack: "organization/serving-platform/try", ...startup };
  const chat = await ExampleStack.ofProgram(sandbox, folder, "platform-and-teams/team-chat", teamConfiguration);
  const code = await ExampleStack.ofProgram(sandbox, folder, "platform-and-teams/team-code", teamConfiguration);
  for (const team of [chat, code]) {
    expect(await acceptedKinds(team)).toEqual([
      "InferenceService",
      "Namespace",
      "PersistentVolume",
      "PersistentVolumeClaim",
      "PodMonitor",
      "ScaledObject",
      "Service",
      "ServingRuntime",
    ]);
  }
  const stacks = [platform, chat, code];
  const serve = async () => {
    await chat.up();
    await code.up();
    const model = "meta-llama/Llama-3.1-8B-Instruct";
    await expectAnswer(sandbox, { namespace: "team-chat", service: "chat", model });
    await expectAnswer(sandbox, { namespace: "team-code", service: "code", model: "code" });
    for (const stack of stacks) await stack.expectNoChanges();
  };
  await serve();
  for (const stack of stacks.toReversed()) await stack.destroy();
  await expectGone("team-chat");
  await expectGone("team-code");
  await platform.up();
  await serve();
  for (const stack of stacks.toReversed()) await stack.remove();
});

it("a program runs outside of the clone, with the package as npm installs it and its types checked", async () => {
  const outside = projectsFolder();
  rmSync(join(outside, "node_modules"));
  const pulumiEnvironment = { ...sandbox.pulumiEnvironment, PULUMI_NODEJS_TRANSPILE_ONLY: "false" };
  const stack = await ExampleStack.ofProgram({ ...sandbox, pulumiEnvironment }, outside, "existing-stack", {
    prometheusUrl,
    ...startup,
  });
  const pack = ["pack", "--ignore-scripts", "--pack-destination", outside];
  const { stdout } = await execa("npm", pack, { cwd: resolve(__dirname, "../..") });
  const tarball = join(outside, stdout.trim().split("\n").at(-1) ?? "");
  await execa("npm", ["install", "--no-audit", "--no-fund", tarball], { cwd: stack.project.folder });
  expect(await stack.planned()).toContain("create serving.kserve.io/v1beta1:InferenceService llama");
  await stack.up();
  await expectAnswer(sandbox, { namespace: "assistant-llm", service: "llama", model: "llama" });
  await stack.remove();
  rmSync(outside, { recursive: true });
});
