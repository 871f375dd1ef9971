import { type KubernetesObject, KubernetesObjectApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { askInterceptor, events, keepAsking, streamedChat } from "../sandbox/support/ask-interceptor";
import { clientsOf, deleteNamespace, waitFor } from "../sandbox/support/cluster";
import { vllmServing } from "../sandbox/support/example-stack";
import { Stack } from "../sandbox/support/pulumi";
import { curls, parseJob, runScript } from "../support/wake-job";

const sandbox = inject("sandbox");
const { kubeConfig, core, apps, custom } = clientsOf(sandbox);
const namespace = "http-scale-to-zero";

/** vLLM without a replica, its Service on a port of its own, and what scales it by its requests. */
function servedModel(): KubernetesObject[] {
  const objects = [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "llama", namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: "llama" } },
        template: {
          metadata: { labels: { app: "llama" } },
          spec: {
            containers: [
              {
                name: "vllm",
                image: "vllm/vllm-openai:v0.30.0",
                args: ["--model=llama", "--port=8000"],
                ports: [{ name: "http", containerPort: 8000 }],
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "llama", namespace },
      spec: { selector: { app: "llama" }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "llama", namespace },
      spec: {
        scaleTargetRef: { name: "llama" },
        minReplicaCount: 0,
        maxReplicaCount: 1,
        cooldownPeriod: 5,
        pollingInterval: 5,
        triggers: [
          {
            type: "external-push",
            metadata: { scalerAddress: "keda-add-ons-http-external-scaler.keda:9090", interceptorRoute: "llama" },
          },
        ],
      },
    },
    route("llama", { target: { service: "llama", port: 80 } }),
    // Services that never answer: one without pods, and a port that the Service does not have.
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "empty", namespace },
      spec: { selector: { app: "nothing" }, ports: [{ port: 80 }] },
    },
    route("empty", { target: { service: "empty", port: 80 }, timeouts: { readiness: "1s" } }),
    route("wrong-port", { target: { service: "llama", port: 8000 } }),
  ];
  return objects;
}

function route(name: string, spec: object): KubernetesObject & { spec: object } {
  const rules = [{ hosts: [`${name}.example.com`] }];
  const scalingMetric = { concurrency: { targetValue: 10 } };
  return {
    apiVersion: "http.keda.sh/v1beta1",
    kind: "InterceptorRoute",
    metadata: { name, namespace },
    spec: { rules, scalingMetric, ...spec },
  };
}

/** The test's own route of that name. */
const ask = (name: string, body?: object) => askInterceptor(sandbox, `${name}.example.com`, body);

async function replicas(
  deployment = { name: "llama", namespace },
): Promise<[wanted: number | undefined, ready: number]> {
  const { spec, status } = await apps.readNamespacedDeployment(deployment);
  return [spec?.replicas, status?.readyReplicas ?? 0];
}

beforeAll(async () => {
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const api = KubernetesObjectApi.makeApiClient(kubeConfig);
  for (const object of servedModel()) await api.create(object);
  // Before the interceptor knows a route it answers 404, and before KEDA listens nothing scales.
  await waitFor("a ScaledObject that is ready", async () => {
    const so = await api.read<KubernetesObject & { status?: { conditions?: { type: string; status: string }[] } }>({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "llama", namespace },
    });
    return so.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
  });
  await waitFor("routes that the interceptor knows", async () => (await ask("empty")).status === 504);
});

afterAll(() => deleteNamespace(core, namespace));

describe("a model that nobody asks", () => {
  it("is woken by a request, which is held until it is answered", async () => {
    expect(await replicas()).toEqual([0, 0]);
    const { status, coldStart, body } = await ask("llama");
    expect([status, coldStart]).toEqual([200, "true"]);
    expect(JSON.parse(body)).toMatchObject({ data: [{ id: "llama" }] });
    expect(await replicas()).toEqual([1, 1]);
  });

  it("streams through the interceptor while it runs", async () => {
    const { status, coldStart, body } = await ask("llama", streamedChat("llama", 5));
    expect([status, coldStart]).toEqual([200, "false"]);
    expect(events(body).length).toBeGreaterThan(5);
    expect(events(body).at(-1)).toBe("data: [DONE]");
  });

  it("is not reached at a port that its Service does not have", async () => {
    expect((await ask("wrong-port")).status).toBe(502);
  });

  it("goes back to no replica after the cooldown", async () => {
    await waitFor("no replica", async () => (await replicas())[0] === 0);
    await waitFor("no pod", async () => (await core.listNamespacedPod({ namespace })).items.length === 0);
    expect(await replicas()).toEqual([0, 0]);
  });
});

describe("the Job that wakes a model", () => {
  it.each(curls())("starts a replica by its script, as it is, with $name", async ({ path }) => {
    expect(await replicas()).toEqual([0, 0]);
    const target = ["--url", sandbox.endpoints.interceptor, "--host", "llama.example.com", "--model", "llama"];
    const job = parseJob(await vllmServing(process.cwd(), "wake", "--manifest", "--timeout", "120", ...target));
    expect(await runScript(job, path)).toEqual({ exitCode: 0, all: "llama answers." });
    expect(await replicas()).toEqual([1, 1]);
    await waitFor("no replica", async () => (await replicas())[0] === 0);
    await waitFor("no pod", async () => (await core.listNamespacedPod({ namespace })).items.length === 0);
  });
});

describe("the interceptor", () => {
  it("answers 404 for a host without a route", async () => {
    expect((await ask("unknown")).status).toBe(404);
  });

  it("answers 504 when no pod gets ready in the route's time", async () => {
    expect((await ask("empty")).status).toBe(504);
  });
});

/** The namespace that the stack makes. */
const stackNamespace = "zero-stack";
/** KServe makes it. */
const deployment = { name: "llama-predictor", namespace: stackNamespace };
const stackModel = {
  backend: "kserve",
  replicas: { min: 0, max: 2 },
  scaling: { http: { cooldownSeconds: 5 } },
  startup: { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 },
};
const scaledObjectSchema = z.object({
  spec: z.object({ cooldownPeriod: z.number(), triggers: z.array(z.object({ name: z.string(), type: z.string() })) }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

describe("a model of a stack that may have no replica", () => {
  const host = `llama-wake.${stackNamespace}.svc:8080`;
  const hasNone = () => waitFor("no replica", async () => (await replicas(deployment))[0] === 0, 180);
  let stack: Stack;

  const vllmArguments = async () => {
    const { spec } = await apps.readNamespacedDeployment(deployment);
    return spec?.template.spec?.containers[0]?.args;
  };

  beforeAll(async () => {
    stack = await Stack.create(sandbox, "zero");
    stack.configure((config) => {
      const platform = z.looseObject({}).parse(config["vllm-serving:platform"]);
      config["vllm-serving:platform"] = { ...platform, kedaHttpAddon: { mode: "existing" } };
    });
    stack.changeModel({ ...stackModel, namespace: stackNamespace });
  });
  afterAll(() => stack.destroy());

  it("is made with one ScaledObject of the objective's triggers and the add-on's, and then has none", async () => {
    await stack.up();
    const reference = { group: "keda.sh", version: "v1alpha1", plural: "scaledobjects", namespace: stackNamespace };
    const scaledObjects = z
      .object({ items: z.array(scaledObjectSchema) })
      .parse(await custom.listNamespacedCustomObject(reference)).items;
    expect(scaledObjects.map(({ spec }) => spec)).toEqual([
      {
        cooldownPeriod: 5,
        triggers: [
          { name: "in-flight", type: "prometheus" },
          { name: "itl", type: "prometheus" },
          { name: "http", type: "external-push" },
        ],
      },
    ]);
    await hasNone();
  });

  it("is not touched by refresh and up without a replica, and a change of its pods is through without one", async () => {
    await stack.expectUntouched();
    expect(await replicas(deployment)).toEqual([0, 0]);
    stack.changeModel({ maxNumSeqs: 64 });
    await stack.up();
    expect(await vllmArguments()).toContain("--max-num-seqs=64");
    expect(await replicas(deployment)).toEqual([0, 0]);
  }, 900_000);

  it("gives KEDA nothing to complain of while it has none", async () => {
    const object = await custom.getNamespacedCustomObject({
      group: "keda.sh",
      version: "v1alpha1",
      plural: "scaledobjects",
      namespace: stackNamespace,
      name: "llama",
    });
    const { conditions } = scaledObjectSchema.parse(object).status;
    expect(conditions.find(({ type }) => type === "Ready")?.status).toBe("True");
    const events = await core.listNamespacedEvent({ namespace: stackNamespace });
    expect(events.items.flatMap(({ reason }) => (/^KEDA.*Failed$/.test(reason ?? "") ? [reason] : []))).toEqual([]);
  });

  it("is woken by a request for its name inside the cluster, which is held until it is answered", async () => {
    const { status, coldStart, body } = await askInterceptor(sandbox, host);
    expect([status, coldStart]).toEqual([200, "true"]);
    expect(JSON.parse(body)).toMatchObject({ data: [{ id: "llama" }] });
    expect(await replicas(deployment)).toEqual([1, 1]);
  });

  it("keeps its replica through refresh, up and a change of its pods while somebody asks", async () => {
    const stopAsking = keepAsking(sandbox, host, "llama");
    await stack.expectUntouched();
    expect(await replicas(deployment)).toEqual([1, 1]);
    stack.changeModel({ maxNumSeqs: 32 });
    await stack.up();
    expect(await vllmArguments()).toContain("--max-num-seqs=32");
    expect((await replicas(deployment))[0]).toBe(1);
    await stopAsking();
  }, 900_000);

  it("goes back to none, with the objective's triggers in the same ScaledObject", async () => {
    await hasNone();
    await waitFor(
      "no pod",
      async () => (await core.listNamespacedPod({ namespace: stackNamespace })).items.length === 0,
    );
  });
});
