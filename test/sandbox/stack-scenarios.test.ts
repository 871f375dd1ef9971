import { AutoscalingV2Api } from "@kubernetes/client-node";
import { down, type SandboxState, up } from "@vllm-serving/sandbox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientsOf, deleteNamespace, listObjects, waitFor } from "./support/cluster";
import { Stack } from "./support/pulumi";

/** Of its own: what else is in the cluster must stay as it is, and beside other tests it would not. */
const name = `stacks-${process.pid}`;
let sandbox: SandboxState;
let clients: ReturnType<typeof clientsOf>;

beforeAll(async () => {
  sandbox = await up({ name, endWithCaller: true });
  clients = clientsOf(sandbox);
});
afterAll(() => down(name));

/** Name of the resource and its type: the readable end of a URN. */
const short = (urn: string): string => urn.split("::").slice(-2).join("::");

describe("a stack over its life", () => {
  let stack: Stack;
  let before: string[];

  beforeAll(async () => {
    before = await listObjects(clients.kubeConfig);
    stack = await Stack.create(sandbox, "life");
    stack.changeModel({ namespace: "life" });
  });

  it("is created by up", async () => {
    await stack.up();
    const deployment = await clients.apps.readNamespacedDeployment({ name: "llama-predictor", namespace: "life" });
    expect(deployment.status?.readyReplicas).toBe(1);
    const claims = await clients.core.listNamespacedPersistentVolumeClaim({ namespace: "life" });
    expect(claims.items.map((claim) => claim.status?.phase)).toEqual(["Bound"]);
  });

  it("is not changed by a second up", async () => {
    expect(await stack.preview("--expect-no-changes")).toEqual({});
    expect(await stack.up()).toMatch(/Resources:\s+\d+ unchanged/);
  });

  it("has only its ScaledObject updated when the SLO changes", async () => {
    stack.changeModel({ slo: { itl: { atMostMs: 100 } } });
    const changes = await stack.preview();
    expect(Object.entries(changes).map(([urn, op]) => `${op} ${short(urn)}`)).toEqual([
      "update vllm-serving:index:ServedModel$vllm-serving:index:SloAutoscaler$kubernetes:keda.sh/v1alpha1:ScaledObject::llama",
    ]);
    await stack.up();
    expect(await stack.preview("--expect-no-changes")).toEqual({});
  });

  it("is clean in a refresh after the autoscaler moved the replicas, and up leaves them alone", async () => {
    // The HPA follows the ScaledObject's bounds, so raising the minimum moves the Deployment as load would. Scaling in is paused,
    // so that nobody but an update could take the replicas away again.
    const scaledObject = {
      group: "keda.sh",
      version: "v1alpha1",
      plural: "scaledobjects",
      namespace: "life",
      name: "llama",
    };
    const patch = (...body: object[]): Promise<object> =>
      clients.custom.patchNamespacedCustomObject({ ...scaledObject, body });
    await patch(
      { op: "add", path: "/metadata/annotations", value: { "autoscaling.keda.sh/paused-scale-in": "true" } },
      { op: "replace", path: "/spec/minReplicaCount", value: 3 },
    );
    // A refresh while pods start records that the Deployment is not ready yet, and the next preview says so.
    await waitFor("3 ready replicas", async () => {
      const { spec, status } = await clients.apps.readNamespacedDeployment({
        name: "llama-predictor",
        namespace: "life",
      });
      return spec?.replicas === 3 && status?.readyReplicas === 3;
    });
    await patch({ op: "replace", path: "/spec/minReplicaCount", value: 1 });
    const refresh = await stack.refresh();
    // Objects of others that the platform only reads; nothing of the model's.
    const updated = [...refresh.matchAll(/^ ~ {2}kubernetes:\S+ (\S+) updated/gm)].map(([, name = ""]) => name);
    expect(updated.filter((name) => !name.startsWith("platform-"))).toEqual([]);
    expect(refresh).toMatch(/Resources:\n(\s+~ \d updated\n)?\s+\d+ unchanged\n/);
    expect(await stack.preview("--expect-no-changes")).toEqual({});
    await stack.up();
    expect(
      (await clients.apps.readNamespacedDeployment({ name: "llama-predictor", namespace: "life" })).spec?.replicas,
    ).toBe(3);
  });

  it("leaves nothing behind when it is destroyed, and touches nothing else", async () => {
    await stack.destroy();
    const hpas = await clients.kubeConfig.makeApiClient(AutoscalingV2Api).listHorizontalPodAutoscalerForAllNamespaces();
    expect(hpas.items).toEqual([]);
    await waitFor("the objects of before", async () => {
      const now = await listObjects(clients.kubeConfig);
      return JSON.stringify(now) === JSON.stringify(before);
    });
    expect(await listObjects(clients.kubeConfig)).toEqual(before);
  });
});

describe("an up that fails in the middle", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.create(sandbox, "broken");
    stack.changeModel({ namespace: "broken", createNamespace: false, backend: "deployment" });
    await clients.core.createNamespace({ body: { metadata: { name: "broken" } } });
  });
  afterAll(() => deleteNamespace(clients.core, "broken"));

  it("says what is in the way, keeps what was made, and is completed by a rerun", async () => {
    await clients.core.createNamespacedService({
      namespace: "broken",
      body: { metadata: { name: "llama" }, spec: { ports: [{ port: 80 }] } },
    });
    const failed = await stack.pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--stack",
      "broken",
      "--config-file",
      stack.configFile,
    );
    expect(failed.exitCode).not.toBe(0);
    expect(failed.output).toMatch(/services "llama" already exists/i);
    const made = await stack.resources();
    expect(made.map(short)).toContainEqual(expect.stringMatching(/^.*PersistentVolumeClaim::llama/));
    expect(made.map(short)).not.toContainEqual(expect.stringMatching(/core\/v1:Service::/));

    await clients.core.deleteNamespacedService({ name: "llama", namespace: "broken" });
    await stack.up();
    expect(await stack.preview("--expect-no-changes")).toEqual({});
    expect((await stack.resources()).filter((urn) => made.includes(urn)).sort()).toEqual(made.sort());
    await stack.destroy();
    expect((await clients.core.listNamespacedService({ namespace: "broken" })).items).toEqual([]);
  });
});
