import { expect, inject, it } from "vitest";
import { askInterceptor, keepAsking } from "../sandbox/support/ask-interceptor";
import { clientsOf, waitFor } from "../sandbox/support/cluster";
import { Stack } from "../sandbox/support/pulumi";

// The other pairs of strategy and backend are in test/sandbox.
const sandbox = inject("sandbox");
const { apps } = clientsOf(sandbox);

const startup = { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 };

/** A model whose Deployment is looked at. */
class Scaled {
  private constructor(
    readonly stack: Stack,
    private readonly deployment: { name: string; namespace: string },
  ) {}

  static async up(namespace: string, deployment: string, model: object): Promise<Scaled> {
    const stack = await Stack.create(sandbox, namespace);
    stack.configure((config) => {
      const platform = config["vllm-serving:platform"];
      config["vllm-serving:platform"] = { ...Object(platform), kedaHttpAddon: { mode: "existing" } };
    });
    stack.changeModel({ startup, namespace, ...model });
    await stack.up();
    return new Scaled(stack, { name: deployment, namespace });
  }

  async replicas(): Promise<[wanted: number | undefined, ready: number]> {
    const { spec, status } = await apps.readNamespacedDeployment(this.deployment);
    return [spec?.replicas, status?.readyReplicas ?? 0];
  }

  /** Changes the pods, and waits for the update as Pulumi does. */
  async changePods(maxNumSeqs: number): Promise<void> {
    this.stack.changeModel({ maxNumSeqs });
    await this.stack.up();
    const { spec } = await apps.readNamespacedDeployment(this.deployment);
    expect(spec?.template.spec?.containers[0]?.args).toContain(`--max-num-seqs=${maxNumSeqs}`);
  }

  async setReplicas(replicas: number): Promise<void> {
    const body = { metadata: this.deployment, spec: { replicas } };
    await apps.replaceNamespacedDeploymentScale({ ...this.deployment, body });
    await waitFor(`${replicas} ready replicas`, async () => (await this.replicas())[1] === replicas);
  }
}

it("a Deployment of ours that requests wake stays at zero and above it through refresh, up and changes of its pods", async () => {
  const namespace = "kept-own-zero";
  const host = `llama-wake.${namespace}`;
  const scaled = await Scaled.up(namespace, "llama", {
    backend: "deployment",
    replicas: { min: 0, max: 2 },
    scaling: { http: { cooldownSeconds: 5 } },
  });
  await waitFor("no replica", async () => (await scaled.replicas())[0] === 0, 240);
  await scaled.stack.expectUntouched();
  await scaled.changePods(64);
  expect(await scaled.replicas()).toEqual([0, 0]);
  await scaled.stack.expectUntouched();

  const { status, coldStart } = await askInterceptor(sandbox, host);
  expect([status, coldStart]).toEqual([200, "true"]);
  const stopAsking = keepAsking(sandbox, host, "llama");
  await scaled.stack.expectUntouched();
  expect(await scaled.replicas()).toEqual([1, 1]);
  await stopAsking();
  await waitFor("no replica again", async () => (await scaled.replicas())[0] === 0, 240);
  await scaled.changePods(32);
  expect(await scaled.replicas()).toEqual([0, 0]);
  await scaled.stack.destroy();
});

it("a Deployment of KServe's that its HorizontalPodAutoscaler scales keeps its replicas", async () => {
  const scaling = { hpa: { metric: "cpu", targetPercent: 70 } };
  const replicas = { min: 1, max: 2 };
  const scaled = await Scaled.up("kept-kserve-hpa", "llama-predictor", { backend: "kserve", scaling, replicas });
  // The sandbox has no metrics of CPUs, so nothing but an update could take the second one away.
  await scaled.setReplicas(2);
  await scaled.stack.expectUntouched();
  expect(await scaled.replicas()).toEqual([2, 2]);
  await scaled.changePods(64);
  expect((await scaled.replicas())[0]).toBe(2);
  await scaled.stack.destroy();
});
