import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AutoscalingV2Api, BatchV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { wakeJob } from "vllm-serving/manifests";
import { parse } from "yaml";
import { z } from "zod";
import { clientsOf, deleteNamespace, waitFor } from "../sandbox/support/cluster";
import { upstreamFiles } from "../sandbox/support/definitions";
import { queryPrometheus } from "../sandbox/support/prometheus";
import { Stack } from "../sandbox/support/pulumi";
import { runCommand } from "../support/run-command";

const sandbox = inject("sandbox");
const { kubeConfig, core, apps, custom, objects } = clientsOf(sandbox);
const autoscaling = kubeConfig.makeApiClient(AutoscalingV2Api);
const batch = kubeConfig.makeApiClient(BatchV1Api);

const listOfMappings = z.array(z.looseObject({}));
const startup = { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 };

/** One replica is asked to carry one request. */
const model = {
  replicas: { min: 1, max: 2 },
  capacity: { concurrencyPerReplica: 1 },
  slo: { itl: { atMostMs: 1000 } },
};

/** Several runs of Pulumi, on a machine that has other things to do. */
const long = 900_000;

/** A stack of models, other than the sandbox's own in what is given. */
async function stackOf(name: string, ...changes: object[]): Promise<Stack> {
  const stack = await Stack.create(sandbox, name);
  stack.configure((config) => {
    const [first] = listOfMappings.parse(config["vllm-serving:models"]);
    config["vllm-serving:models"] = changes.map((change) => ({ ...first, startup, ...change }));
  });
  return stack;
}

/** What the pods of a namespace are for, each once. */
async function podsOf(namespace: string): Promise<string[]> {
  const { items } = await core.listNamespacedPod({ namespace });
  return [...new Set(items.map(({ metadata }) => metadata?.labels?.["app.kubernetes.io/component"] ?? ""))].sort();
}

describe("in a namespace where Pod Security is restricted", () => {
  const namespace = "restricted-models";
  let stack: Stack;

  beforeAll(async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await core.createNamespace({ body: { metadata: { name: namespace, labels } } });
    const download = { repository: "org/llama", revision: "a".repeat(40), expectedSeconds: 1 };
    const shared = { ...model, namespace, createNamespace: false, runAsUser: 1000 };
    stack = await stackOf(
      namespace,
      {
        ...shared,
        name: "by-kserve",
        backend: "kserve",
        prePullImage: true,
        weights: { nfs: { server: "nfs.example.internal", path: "/models", download } },
      },
      { ...shared, name: "by-deployment", backend: "deployment" },
    );
  }, long);
  afterAll(async () => {
    await stack.destroy();
    await deleteNamespace(core, namespace);
  });

  it(
    "every pod that a model has is let in: server of both backends, download, pre-pull",
    async () => {
      await stack.up();
      expect(await podsOf(namespace)).toEqual(["image-pre-pull", "inference-server", "weights-download"]);
      const { items } = await core.listNamespacedEvent({ namespace });
      expect(items.filter(({ message }) => message?.includes("violates PodSecurity"))).toEqual([]);
      const deployments = await apps.listNamespacedDeployment({ namespace });
      expect(deployments.items.map(({ metadata, status }) => [metadata?.name, status?.readyReplicas]).sort()).toEqual([
        ["by-deployment", 1],
        ["by-kserve-predictor", 1],
      ]);
    },
    long,
  );

  it("so is that of the waking Job", async () => {
    const job = wakeJob({ url: "http://by-deployment:8000", servedModelName: "m", timeoutSeconds: 60, namespace });
    const made = await batch.createNamespacedJob({ namespace, body: job });
    const labelSelector = `job-name=${made.metadata?.name}`;
    await waitFor(
      "its pod",
      async () => (await core.listNamespacedPod({ namespace, labelSelector })).items.length === 1,
    );
  });
});

describe("a model that KServe's HorizontalPodAutoscaler scales", () => {
  const namespace = "kserve-hpa";
  const name = "llama-predictor";
  let stack: Stack;

  const read = async () => (await autoscaling.readNamespacedHorizontalPodAutoscaler({ name, namespace })).spec;

  beforeAll(async () => {
    const scaling = { hpa: { metric: "cpu", targetPercent: 65 } };
    const change = { replicas: { min: 1, max: 3 }, slo: undefined, capacity: undefined };
    stack = await stackOf(namespace, { ...change, namespace, backend: "kserve", scaling });
    await stack.up();
  }, long);
  afterAll(() => stack.destroy());

  it("has one with the figures that were asked for, and no other", async () => {
    const { items } = await autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual([name]);
    expect(await read()).toMatchObject({
      minReplicas: 1,
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 65 } } },
      ],
    });
  });

  it(
    "keeps its replicas where CPU metrics are missing, through up and refresh, and takes a new figure in place",
    async () => {
      const body = { metadata: { name, namespace }, spec: { replicas: 2 } };
      await apps.replaceNamespacedDeploymentScale({ name, namespace, body });
      await waitFor("the controller's word on missing metrics", async () => {
        const { status } = await autoscaling.readNamespacedHorizontalPodAutoscaler({ name, namespace });
        return status?.conditions?.some(({ reason }) => reason === "FailedGetResourceMetric") === true;
      });
      await stack.expectUntouched();
      const { spec } = await apps.readNamespacedDeployment({ name, namespace });
      expect(spec?.replicas).toBe(2);
      stack.changeModel({ scaling: { hpa: { metric: "cpu", targetPercent: 80 } } });
      await stack.up();
      await waitFor("the new figure", async () => {
        const found = await read();
        return found?.metrics?.[0]?.resource?.target.averageUtilization === 80;
      });
      expect((await apps.readNamespacedDeployment({ name, namespace })).spec?.replicas).toBe(2);
    },
    long,
  );
});

describe("a model on CPUs by KServe's own HuggingFace runtime", () => {
  const namespace = "stock-runtime";
  const runtime = "kserve-huggingfaceserver";
  const cluster = { group: "serving.kserve.io", version: "v1alpha1", plural: "clusterservingruntimes" };
  let stack: Stack;

  beforeAll(async () => {
    const files = { "github.com/kserve/kserve": [`config/runtimes/${runtime}.yaml`] };
    const [file = ""] = await upstreamFiles("definitions", files);
    const text = readFileSync(file, "utf8").replace("huggingfaceserver:replace", "kserve/huggingfaceserver:v0.20.0");
    await custom.createClusterCustomObject({ ...cluster, body: parse(text) });
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    const spec = {
      accessModes: ["ReadOnlyMany"],
      storageClassName: "",
      volumeName: "stock-runtime-weights",
      resources: { requests: { storage: "5Gi" } },
    };
    await core.createPersistentVolume({
      body: {
        metadata: { name: spec.volumeName },
        spec: {
          accessModes: spec.accessModes,
          capacity: { storage: "5Gi" },
          nfs: { server: "nfs.example.internal", path: "/models" },
          claimRef: { namespace, name: "weights" },
        },
      },
    });
    await core.createNamespacedPersistentVolumeClaim({ namespace, body: { metadata: { name: "weights" }, spec } });
    stack = await stackOf(namespace, {
      ...{ name: "distilbert", namespace, createNamespace: false, gpus: 0, slo: undefined, capacity: undefined },
      runtime: { name: runtime, modelFormat: "huggingface" },
      weights: { existingClaim: "weights", subPath: "distilbert" },
      resources: { requests: { cpu: "2", memory: "4Gi" }, limits: { memory: "4Gi" } },
      extraArgs: ["--task=text-classification"],
      replicas: { min: 1, max: 2 },
      scaling: { hpa: { metric: "cpu", targetPercent: 70 } },
    });
    await stack.up();
  }, long);
  afterAll(async () => {
    await stack.destroy();
    await deleteNamespace(core, namespace);
    await core.deletePersistentVolume({ name: "stock-runtime-weights" });
    await custom.deleteClusterCustomObject({ ...cluster, name: runtime });
  }, long);

  it("has the runtime's container, with the model's arguments behind its own and the model's resources", async () => {
    const { spec } = await apps.readNamespacedDeployment({ name: "distilbert-predictor", namespace });
    const [container] = spec?.template.spec?.containers ?? [];
    expect(container?.image).toBe("kserve/huggingfaceserver:v0.20.0");
    expect(container?.args).toEqual([
      "--model_name=distilbert",
      "--model_name=distilbert",
      "--task=text-classification",
    ]);
    expect(container?.resources).toEqual({
      requests: { cpu: "2", memory: "4Gi" },
      limits: { cpu: "2", memory: "4Gi" },
    });
    expect(spec?.template.spec?.nodeSelector).toBeUndefined();
    const labelSelector = "serving.kserve.io/inferenceservice=distilbert";
    const [pod] = (await core.listNamespacedPod({ namespace, labelSelector })).items;
    const [served] = pod?.spec?.containers ?? [];
    const mounts = served?.volumeMounts?.map(({ mountPath, subPath, readOnly }) => [mountPath, subPath, readOnly]);
    expect(mounts).toContainEqual(["/mnt/models", "distilbert", true]);
  });

  it("is found by our Service at the runtime's port, and by a ServiceMonitor", async () => {
    const service = await core.readNamespacedService({ name: "distilbert", namespace });
    expect(service.spec?.ports?.map(({ port, targetPort }) => [port, targetPort])).toEqual([[8000, 8080]]);
    const monitors = { group: "monitoring.coreos.com", version: "v1", namespace, plural: "servicemonitors" };
    const list = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });
    const { items } = list.parse(await custom.listNamespacedCustomObject(monitors));
    expect(items.map(({ metadata }) => metadata.name)).toEqual(["distilbert"]);
  });

  it("is not touched by another update", () => stack.expectUntouched(), long);
});

describe("a model that asks for a key", () => {
  const namespace = "with-key";
  const key = "sk-of-the-secret-0815";
  const url = `${sandbox.endpoints.router}/${namespace}/llama`;
  let stack: Stack;

  const status = async (path: string, authorization?: string) => {
    const response = await fetch(`${url}${path}`, authorization === undefined ? {} : { headers: { authorization } });
    return response.status;
  };

  beforeAll(async () => {
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    await core.createNamespacedSecret({ namespace, body: { metadata: { name: "llama-key" }, stringData: { key } } });
    const apiKey = { name: "llama-key", key: "key" };
    stack = await stackOf(namespace, { ...model, namespace, createNamespace: false, backend: "kserve", apiKey });
    await stack.up();
  }, long);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await stack.destroy();
    await deleteNamespace(core, namespace);
  }, long);

  it("answers with it alone, while probes and Prometheus need none", async () => {
    expect(await status("/v1/models")).toBe(401);
    expect(await status("/v1/models", "Bearer sk-another")).toBe(401);
    expect(await status("/v1/models", `Bearer ${key}`)).toBe(200);
    expect([await status("/health"), await status("/metrics")]).toEqual([200, 200]);
    const query = `vllm:num_requests_running{namespace="${namespace}"}`;
    await waitFor("its metrics", async () => (await queryPrometheus(sandbox, query)).length === 1);
  });

  it("is verified and woken with the key, and without it told apart", async () => {
    vi.stubEnv("LLAMA_KEY", key);
    const withKey = ["--url", url, "--model", "llama", "--api-key-env", "LLAMA_KEY"];
    for (const command of [["verify"], ["wake", "--wait"]]) {
      const run = await runCommand(...command, ...withKey);
      expect([run.exitCode, run.out]).toEqual([undefined, `llama answers at ${url}\n`]);
      const without = await runCommand(...command, "--url", url, "--model", "llama");
      expect([without.exitCode, without.error]).toEqual([3, expect.stringContaining("answers 401.")]);
    }
  });

  it("leaves the key in the Secret: it is in no state, log, object or rendered file", async () => {
    const state = await stack.must("stack", "export", "--stack", stack.name);
    const rendered = await runCommand("render", stack.configFile);
    const found = await objects.list("v1", "Pod", namespace);
    const logs = readdirSync(sandbox.logsDirectory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    expect(state).toContain("llama-key");
    expect(rendered.out).toContain("llama-key");
    const places = { state, rendered: rendered.out, pods: JSON.stringify(found), logs: logs.join("\n") };
    const holding = Object.entries(places).filter(([, text]) => text.includes(key));
    expect(holding.map(([place]) => place)).toEqual([]);
  });
});
