import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { complete, expectAnswer } from "../sandbox/support/ask-model";
import { clientsOf, waitFor } from "../sandbox/support/cluster";
import { ExampleStack, vllmServing } from "../sandbox/support/example-stack";
import { projectsFolder } from "../sandbox/support/pulumi-project";

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

describe("models from configuration alone", () => {
  it.each([
    {
      path: "performance-validation",
      environment: "article",
      namespace: "llama-31",
      served: { "llama-31-8b": "llama-31-8b" },
    },
    { path: "keda-setup", environment: "today", namespace: "llama-32", served: { "llama-32-3b": "llama-32-3b" } },
    {
      path: "shared-gpu-budget",
      environment: "production",
      namespace: "models",
      served: { chat: "meta-llama/Llama-3.1-8B-Instruct", summaries: "meta-llama/Llama-3.2-3B-Instruct" },
    },
  ])("$path ($environment) serves, stays as it is, and goes", async ({ path, environment, namespace, served }) => {
    const stack = await ExampleStack.ofSandboxConfiguration(sandbox, folder, path, environment);
    await stack.up();
    for (const [service, model] of Object.entries(served)) await expectAnswer(sandbox, { namespace, service, model });
    await stack.expectNoChanges();
    await stack.remove();
    await expectGone(namespace);
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
    await workload.up();
  });

  it("adds a ScaledObject to the Deployment of the other stack, and nothing else", async () => {
    expect(await autoscaler.planned()).toEqual(["create keda.sh/v1alpha1:ScaledObject chat"]);
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
    expect(await replicas()).toBe(3);
    load.abort();
    await Promise.allSettled(requests);
  });

  it("leaves the Deployment serving when it goes", async () => {
    await autoscaler.remove();
    await expectAnswer(sandbox, model);
    await workload.remove();
    await expectGone("chat");
  });
});

it("a model comes beside what a stack had before, of which only one variable changes", async () => {
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
  await expectAnswer(sandbox, { namespace: "assistant-llm", service: "llama", model: "llama" });
  await stack.expectNoChanges();
  await stack.remove();
  await expectGone("assistant-llm");
});

it("a platform and two teams are three stacks, the teams' with what the platform's says", async () => {
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
  await chat.up();
  await code.up();
  await expectAnswer(sandbox, {
    namespace: "team-chat",
    service: "chat",
    model: "meta-llama/Llama-3.1-8B-Instruct",
  });
  await expectAnswer(sandbox, { namespace: "team-code", service: "code", model: "code" });
  for (const stack of [platform, chat, code]) await stack.expectNoChanges();
  for (const stack of [chat, code, platform]) await stack.remove();
  await expectGone("team-chat");
  await expectGone("team-code");
});
