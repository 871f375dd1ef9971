import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { clientsOf, deleteNamespace, listObjects } from "../sandbox/support/cluster";
import { Stack } from "../sandbox/support/pulumi";

const sandbox = inject("sandbox");
const clients = clientsOf(sandbox);

/** Over all models, as a cluster's administrators make one. */
const everyModel = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PodMonitor",
  metadata: { name: "models", namespace: "ops" },
  spec: {
    namespaceSelector: { any: true },
    selector: { matchLabels: { "app.kubernetes.io/part-of": "vllm-serving" } },
    podMetricsEndpoints: [{ port: "http" }],
  },
};
const planned = async (stack: Stack) =>
  Object.entries(await stack.preview()).map(([urn, op]) => `${op} ${urn.split(":").slice(-4).join(":")}`);
const ofModel = "monitoring.coreos.com/v1:PodMonitor::llama";
const made = async () =>
  (await listObjects(clients.kubeConfig)).filter(
    (object) => object.includes("PodMonitor") && object.includes("scraped"),
  );

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.create(sandbox, "scraped");
  stack.changeModel({ namespace: "scraped", backend: "deployment" });
  await clients.core.createNamespace({ body: { metadata: { name: "ops" } } });
  await clients.objects.create(everyModel);
});
afterAll(() => deleteNamespace(clients.core, "ops"));

it("a PodMonitor over all models is said in preview and update, and no model makes one beside it", async () => {
  const said = /PodMonitor ops\/models scrapes the models of every namespace: they make none of their own/;
  const preview = await stack.must("preview", "--stack", "scraped", "--config-file", stack.configFile);
  expect(preview).toMatch(said);
  expect(preview).not.toMatch(/PodMonitor +llama/);
  expect(await stack.up()).toMatch(said);
  expect(await made()).toEqual([]);
  expect(await stack.preview("--expect-no-changes")).toEqual({});
});

it("one that vanishes is followed by the model's own in the next update, also after a refresh", async () => {
  await clients.objects.delete(everyModel);
  await stack.refresh();
  expect(await planned(stack)).toContain(`create ${ofModel}`);
  await stack.up();
  expect(await made()).toHaveLength(1);
  expect(await stack.preview("--expect-no-changes")).toEqual({});
});

it("one that comes back takes the model's own away", async () => {
  await clients.objects.create(everyModel);
  expect(await planned(stack)).toContain(`delete ${ofModel}`);
  await stack.up();
  expect(await made()).toEqual([]);
  await stack.destroy();
});
