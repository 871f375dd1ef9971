import { resolve } from "node:path";
import { AutoscalingV2Api } from "@kubernetes/client-node";
import { ensureTools } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { loadConfigurationFile, parseConfiguration, renderConfiguration } from "vllm-serving/config";
import { z } from "zod";
import { clientsOf, deleteNamespace, waitFor } from "../sandbox/support/cluster";
import { Stack } from "../sandbox/support/pulumi";

const sandbox = inject("sandbox");
const { kubeConfig, core, apps, custom } = clientsOf(sandbox);
const autoscaling = kubeConfig.makeApiClient(AutoscalingV2Api);

const listOfMappings = z.array(z.looseObject({}));

/** One replica is asked to carry one request. */
const model = {
  replicas: { min: 1, max: 2 },
  capacity: { concurrencyPerReplica: 1 },
  slo: { itl: { atMostMs: 1000 } },
  startup: { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 },
};

/** A stack of one model, other than the sandbox's own in what is given. */
async function stackOf(namespace: string, change: object): Promise<Stack> {
  const stack = await Stack.create(sandbox, namespace);
  stack.changeModel({ ...model, namespace, ...change });
  return stack;
}

async function readyReplicas(name: string, namespace: string): Promise<[wanted: number | undefined, ready: number]> {
  const { spec, status } = await apps.readNamespacedDeployment({ name, namespace });
  return [spec?.replicas, status?.readyReplicas ?? 0];
}

/** Several runs of Pulumi, on a machine that has other things to do. */
const long = 900_000;

/** Neither a refresh nor an update may touch the replicas that the autoscaler decided, also where the pods change. */
async function expectReplicasKept(stack: Stack, deployment: string, namespace: string): Promise<void> {
  await stack.expectUntouched();
  expect(await readyReplicas(deployment, namespace)).toEqual([2, 2]);
  stack.changeModel({ maxNumSeqs: 64 });
  await stack.up();
  const { spec } = await apps.readNamespacedDeployment({ name: deployment, namespace });
  expect(spec?.template.spec?.containers[0]?.args).toContain("--max-num-seqs=64");
  expect(spec?.replicas).toBe(2);
}

describe("a model that KServe's own ScaledObject scales", () => {
  const namespace = "native-keda";
  const reference = { group: "keda.sh", version: "v1alpha1", plural: "scaledobjects", namespace };
  const running = new AbortController();
  let stack: Stack;

  beforeAll(async () => {
    stack = await stackOf(namespace, { backend: "kserve", scaling: { kserveKeda: {} } });
    await stack.up();
  });
  afterAll(async () => {
    running.abort();
    await stack.destroy();
  });

  it("has that one and no other, with the policy's in-flight trigger and windows", async () => {
    const { items } = z
      .object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }), spec: z.looseObject({}) })) })
      .parse(await custom.listNamespacedCustomObject(reference));
    expect(items.map(({ metadata }) => metadata.name)).toEqual(["llama-predictor"]);
    const query = (metric: string) => `sum(vllm:num_requests_${metric}{namespace="${namespace}",model_name="llama"})`;
    expect(items[0]?.spec).toMatchObject({
      minReplicaCount: 1,
      maxReplicaCount: 2,
      scaleTargetRef: { name: "llama-predictor" },
      triggers: [
        {
          type: "prometheus",
          metadata: {
            query: `${query("running")} + ${query("waiting")}`,
            threshold: "1",
            namespace,
            authModes: "bearer",
          },
          authenticationRef: { name: "llama-prometheus" },
        },
      ],
      advanced: {
        horizontalPodAutoscalerConfig: { behavior: { scaleUp: { stabilizationWindowSeconds: 0 } } },
      },
    });
    const hpas = async () => {
      const list = await autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace });
      return list.items.map(({ metadata }) => metadata?.name);
    };
    await waitFor("KEDA's HorizontalPodAutoscaler", async () => (await hpas()).length > 0);
    expect(await hpas()).toEqual(["keda-hpa-llama-predictor"]);
  });

  it(
    "follows the requests in flight, and keeps its replicas through refresh, up and a change of its pods",
    async () => {
      const body = JSON.stringify({
        model: "llama",
        prompt: "Hello",
        max_tokens: 4000,
        ignore_eos: true,
        stream: true,
      });
      const ask = () =>
        fetch(`${sandbox.endpoints.router}/${namespace}/llama/v1/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
          signal: running.signal,
        }).then((response) => response.text());
      void Promise.allSettled([ask(), ask(), ask()]);
      await waitFor(
        "two ready replicas",
        async () => (await readyReplicas("llama-predictor", namespace))[1] === 2,
        180,
      );
      await expectReplicasKept(stack, "llama-predictor", namespace);
    },
    long,
  );
});

describe("a model that a HorizontalPodAutoscaler scales", () => {
  const namespace = "own-hpa";
  let stack: Stack;

  beforeAll(async () => {
    const scaling = { hpa: { metric: "cpu", targetPercent: 70 } };
    stack = await stackOf(namespace, { backend: "deployment", scaling });
    await stack.up();
  });
  afterAll(() => stack.destroy());

  it(
    "has the one of the stack, and keeps the replicas that another one gives it",
    async () => {
      const { items } = await autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace });
      expect(items.map(({ spec }) => [spec?.scaleTargetRef.name, spec?.minReplicas, spec?.maxReplicas])).toEqual([
        ["llama", 1, 2],
      ]);
      await apps.replaceNamespacedDeploymentScale({
        name: "llama",
        namespace,
        body: { metadata: { name: "llama", namespace }, spec: { replicas: 2 } },
      });
      await waitFor("two ready replicas", async () => (await readyReplicas("llama", namespace))[1] === 2);
      await expectReplicasKept(stack, "llama", namespace);
    },
    long,
  );
});

describe("objects of strategies that do not run here", () => {
  const namespace = "strict-strategies";
  beforeAll(() => core.createNamespace({ body: { metadata: { name: namespace } } }));
  afterAll(() => deleteNamespace(core, namespace));

  /** Creates objects as a dry run on the server: unknown fields are errors there, and KServe's webhooks are asked. */
  async function validate(change: object): Promise<string[]> {
    const raw = loadConfigurationFile(resolve(__dirname, "../../Pulumi.kubernetes.yaml"));
    const [first] = listOfMappings.parse(raw.models);
    const platform = { ...z.looseObject({}).parse(raw.platform), knative: { mode: "existing" } };
    const parsed = parseConfiguration({ ...raw, platform, models: [{ ...first, ...model, namespace, ...change }] });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { binaries } = await ensureTools();
    const answers = renderConfiguration(parsed.configuration)
      .filter(({ object }) => object.kind !== "Namespace")
      .map(async ({ path, object }) => {
        const run = await execa(binaries.kubectl, ["create", "--dry-run=server", "--validate=strict", "-f", "-"], {
          env: { KUBECONFIG: sandbox.kubeconfig },
          input: JSON.stringify(object),
          reject: false,
        });
        return run.exitCode === 0 ? [] : [`${path}: ${run.stderr}`];
      });
    return (await Promise.all(answers)).flat();
  }

  it.each([
    ["Knative's own autoscaler", { scaling: { knative: { target: 1, containerConcurrency: 4, windowSeconds: 60 } } }],
    [
      "Knative to zero",
      { replicas: { min: 0, max: 2 }, scaling: { knative: { podRetentionSeconds: 60, scaleDownDelaySeconds: 600 } } },
    ],
    ["Knative by requests a second", { scaling: { knative: { metric: "rps", target: 5 } } }],
    ["Knative's HPA class", { scaling: { knative: { metric: "cpu", target: 70 } } }],
    ["Knative's HPA class on memory", { scaling: { knative: { metric: "memory", target: 4096 } } }],
    ["KServe's HorizontalPodAutoscaler", { scaling: { hpa: { metric: "memory", targetPercent: 80 } } }],
    ["KServe's ScaledObject", { scaling: { kserveKeda: { triggers: [{ query: "sum(up)", threshold: 2.5 }] } } }],
    ["an Ingress", { expose: { host: "llama.example.com", ingress: { className: "nginx" }, unauthenticated: true } }],
    ["KServe's way in", { expose: { kserve: {}, unauthenticated: true } }],
  ])("%s are accepted, strictly", async (_what, change) => {
    expect(await validate(change)).toEqual([]);
  });
});
