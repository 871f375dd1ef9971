import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { askInterceptor, events, keepAsking, streamedChat } from "../sandbox/support/ask-interceptor";
import { clientsOf, waitFor } from "../sandbox/support/cluster";
import { ExampleStack, vllmServing } from "../sandbox/support/example-stack";
import { projectsFolder } from "../sandbox/support/pulumi-project";

const sandbox = inject("sandbox");
const { apps, core } = clientsOf(sandbox);
const folder = projectsFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const namespace = "autoscaling-keda";
const models = ["llama3-2-3b", "granite-8b"];
const hostOf = (model: string): string => `${model}-wake.${namespace}`;

async function replicas(model: string): Promise<[wanted: number | undefined, ready: number]> {
  const { spec, status } = await apps.readNamespacedDeployment({ name: `${model}-predictor`, namespace });
  return [spec?.replicas, status?.readyReplicas ?? 0];
}

/** Replicas and pods: what a GPU is kept by. */
async function haveNone(): Promise<boolean> {
  const counts = await Promise.all(models.map(replicas));
  const pods = await core.listNamespacedPod({ namespace });
  return counts.every(([wanted, ready]) => wanted === 0 && ready === 0) && pods.items.length === 0;
}

/** Seconds from now until a replica is wanted and until it is ready. */
async function watchStart(model: string): Promise<{ wanted: number; ready: number }> {
  const begin = performance.now();
  const until = async (condition: () => Promise<boolean>): Promise<number> => {
    while (!(await condition())) await sleep(50);
    return (performance.now() - begin) / 1000;
  };
  const wanted = await until(async () => (await replicas(model))[0] === 1);
  const ready = await until(async () => (await replicas(model))[1] === 1);
  return { wanted, ready };
}

describe("models of an example that have no replica while nobody asks", () => {
  let stack: ExampleStack;
  beforeAll(async () => {
    stack = await ExampleStack.ofSandboxConfiguration(sandbox, folder, "dynamic-autoscaling", "openshift");
    await stack.up();
  });

  it("have none after their cooldown, which no update changes", async () => {
    await waitFor("no replica", haveNone, 240);
    await stack.expectNoChanges();
    await stack.up();
    expect(await haveNone()).toBe(true);
  });

  it("answer a streamed request that was held while the first replica starts", async () => {
    const model = "llama3-2-3b";
    const started = watchStart(model);
    const answer = await askInterceptor(sandbox, hostOf(model), streamedChat(model, 20));
    const { wanted, ready } = await started;
    const pieces = events(answer.body);
    expect([answer.status, answer.coldStart, pieces.at(-1)]).toEqual([200, "true", "data: [DONE]"]);
    expect(pieces.length).toBeGreaterThan(20);
    expect([await replicas(model), await replicas("granite-8b")]).toEqual([
      [1, 1],
      [0, 0],
    ]);
    const seconds = (from: number, to: number): string => `${(to - from).toFixed(1)} s`;
    const first = answer.firstMs / 1000;
    console.log(
      [
        `From no replica to the first bytes of a streamed answer: ${seconds(0, first)}; published for GPUs: 60 to 90 s.`,
        `  request to a replica that is wanted (interceptor, scaler and KEDA, real): ${seconds(0, wanted)}`,
        `  start of the replica (real control plane, simulated image, load and compilation of 10 s): ${seconds(wanted, ready)}`,
        `  ready replica to the first bytes (interceptor, real; vLLM, simulated): ${seconds(ready, first)}`,
        `  20 tokens, streamed (simulated): ${seconds(first, answer.lastMs / 1000)}`,
      ].join("\n"),
    );
  });

  it("are woken by the command line, and found to work", async () => {
    const target = ["--url", sandbox.endpoints.interceptor, "--host", hostOf("granite-8b"), "--model", "granite-8b"];
    const woken = await vllmServing(stack.project.folder, "wake", "--wait", ...target, "--json");
    expect(JSON.parse(woken)).toMatchObject({ ok: true, model: "granite-8b" });
    expect(await replicas("granite-8b")).toEqual([1, 1]);
    const verified = await vllmServing(stack.project.folder, "verify", ...target, "--json");
    expect(JSON.parse(verified)).toMatchObject({
      ok: true,
      checks: [{ name: "models" }, { name: "completion" }, { name: "stream" }],
    });
  });

  it("keep their replicas through refresh and up while somebody asks, and lose them when nobody does", async () => {
    const stopAsking = keepAsking(sandbox, hostOf("granite-8b"), "granite-8b");
    await stack.expectUntouched();
    expect(await replicas("granite-8b")).toEqual([1, 1]);
    await stopAsking();
    await waitFor("no replica again", haveNone, 300);
  });

  it("can be made again after they were destroyed", async () => {
    await stack.destroy();
    await stack.up();
    await stack.expectNoChanges();
    await stack.remove();
  });
});
