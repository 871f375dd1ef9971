import { DiscoveryV1Api, type V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { annotations, platformReference, servedModelManifests } from "vllm-serving/manifests";
import { z } from "zod";
import { clientsOf, deleteNamespace, waitFor } from "./support/cluster";

const sandbox = inject("sandbox");
const { core, apps, custom, objects, kubeConfig } = clientsOf(sandbox);
const discovery = kubeConfig.makeApiClient(DiscoveryV1Api);

const namespace = "kserve-test";

const servingRuntime = (name: string) => ({
  apiVersion: "serving.kserve.io/v1alpha1",
  kind: "ServingRuntime",
  metadata: { name, namespace },
  spec: {
    protocolVersions: ["v2"],
    supportedModelFormats: [{ name: "vLLM", version: "1", autoSelect: true, priority: 1 }],
    containers: [
      {
        name: "kserve-container",
        image: "vllm/vllm-openai:v0.30.0",
        command: ["vllm", "serve", "/mnt/models"],
        args: ["--port=8080", "--served-model-name={{.Name}}", "--max-model-len=8192"],
        ports: [{ name: "http1", containerPort: 8080, protocol: "TCP" }],
        resources: { limits: { "nvidia.com/gpu": "1" } },
      },
    ],
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
  },
});

const inferenceService = (name: string, predictor: object, declared: Record<string, string> = {}) => ({
  apiVersion: "serving.kserve.io/v1beta1",
  kind: "InferenceService",
  metadata: { name, namespace, annotations: declared },
  spec: { predictor },
});

const startUp = {
  [annotations.imagePullSeconds]: "2",
  [annotations.loadSeconds]: "2",
  [annotations.compileSeconds]: "4",
};

/** Of a model on a claim, whose replicas belong to an autoscaler outside of KServe. */
const llama = (changes: object = {}) =>
  inferenceService(
    "llama",
    {
      model: {
        modelFormat: { name: "vLLM" },
        runtime: "vllm",
        storageUri: "pvc://weights/llama",
        resources: { requests: { cpu: "1" }, limits: { "nvidia.com/gpu": "1" } },
      },
      ...changes,
    },
    { "serving.kserve.io/deploymentMode": "Standard", "serving.kserve.io/autoscalerClass": "external", ...startUp },
  );

const served = z.object({
  status: z
    .object({
      url: z.string().optional(),
      address: z.object({ url: z.string() }).optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    })
    .optional(),
});

async function statusOf(name: string): Promise<z.infer<typeof served>["status"]> {
  const reference = { group: "serving.kserve.io", version: "v1beta1", plural: "inferenceservices", namespace, name };
  return served.parse(await custom.getNamespacedCustomObject(reference)).status;
}

async function ready(name: string): Promise<void> {
  await waitFor(`InferenceService ${name} Ready`, async () => {
    const status = await statusOf(name);
    return status?.conditions.some((condition) => condition.type === "Ready" && condition.status === "True") === true;
  });
}

async function podsOf(name: string): Promise<V1Pod[]> {
  const labelSelector = `serving.kserve.io/inferenceservice=${name}`;
  return (await core.listNamespacedPod({ namespace, labelSelector })).items;
}

/** Asks through the router for a completion. @returns the status and the model that answered. */
async function complete(service: string, model: string): Promise<[number, string | undefined]> {
  const response = await fetch(`${sandbox.endpoints.router}/${namespace}/${service}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, prompt: "Hello", max_tokens: 3 }),
  });
  const answer = z.object({ model: z.string().optional() }).parse(await response.json());
  return [response.status, answer.model];
}

async function refusal(object: object): Promise<unknown> {
  return objects.create(object).then(
    () => "accepted",
    (error: unknown) => (error instanceof Error ? error.message : error),
  );
}

beforeAll(async () => {
  const storage = { accessModes: ["ReadOnlyMany"], storageClassName: "" };
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  await core.createPersistentVolume({
    body: {
      metadata: { name: "kserve-test-weights" },
      spec: {
        ...storage,
        capacity: { storage: "20Gi" },
        nfs: { server: "nfs.test", path: "/weights" },
        claimRef: { namespace, name: "weights" },
      },
    },
  });
  await core.createNamespacedPersistentVolumeClaim({
    namespace,
    body: {
      metadata: { name: "weights" },
      spec: { ...storage, volumeName: "kserve-test-weights", resources: { requests: { storage: "20Gi" } } },
    },
  });
  await objects.create(servingRuntime("vllm"));
});

afterAll(async () => {
  await deleteNamespace(core, namespace);
  await core.deletePersistentVolume({ name: "kserve-test-weights" });
});

describe("an InferenceService of class external", () => {
  beforeAll(async () => {
    await objects.create(llama());
    await ready("llama");
  });

  it("has a URL, and the address of the Service KServe made for it", async () => {
    const status = await statusOf("llama");
    expect(status?.url).toBe("http://llama-kserve-test.example.com");
    expect(status?.address?.url).toBe("http://llama-predictor.kserve-test.svc.cluster.local");
  });

  it("has its claim mounted by KServe's webhook, on a node with a GPU", async () => {
    const [pod, ...more] = await podsOf("llama");
    expect(more).toEqual([]);
    expect(pod?.spec?.nodeName).toMatch(/^gpu-/);
    const [container] = pod?.spec?.containers ?? [];
    expect(container?.name).toBe("kserve-container");
    expect(container?.volumeMounts?.find(({ mountPath }) => mountPath === "/mnt/models")).toMatchObject({
      name: "kserve-pvc-source",
      readOnly: true,
      subPath: "llama",
    });
    const volume = pod?.spec?.volumes?.find(({ name }) => name === "kserve-pvc-source");
    expect(volume?.persistentVolumeClaim?.claimName).toBe("weights");
  });

  it("took as long to start as it declares", async () => {
    const [pod] = await podsOf("llama");
    const events = await core.listNamespacedEvent({
      namespace,
      fieldSelector: `involvedObject.name=${pod?.metadata?.name ?? ""}`,
    });
    const reasons = events.items.map(({ reason }) => reason);
    expect(reasons).toEqual(expect.arrayContaining(["Pulling", "Pulled", "Started", "Compiled"]));
    const since = pod?.status?.startTime?.getTime() ?? 0;
    const readyAt = pod?.status?.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime?.getTime() ?? 0;
    // 2 + 2 + 4 seconds, each of which Kubernetes cuts to whole ones.
    expect((readyAt - since) / 1000).toBeGreaterThanOrEqual(6);
  });

  it("answers a completion", async () => {
    expect(await complete("llama-predictor", "llama")).toEqual([200, "llama"]);
  });

  it("keeps the replicas that an autoscaler gave its Deployment, also when it is changed", async () => {
    const deployment = { name: "llama-predictor", namespace };
    const settled = async (memory: string | undefined): Promise<boolean> => {
      const { spec, status, metadata } = await apps.readNamespacedDeployment(deployment);
      const requests = spec?.template.spec?.containers[0]?.resources?.requests;
      return (
        status?.observedGeneration === metadata?.generation &&
        status?.readyReplicas === 2 &&
        status?.updatedReplicas === 2 &&
        status?.replicas === 2 &&
        requests?.memory === memory
      );
    };
    const { spec } = await apps.readNamespacedDeploymentScale(deployment);
    expect(spec?.replicas).toBe(1);
    await apps.replaceNamespacedDeploymentScale({
      ...deployment,
      body: { metadata: deployment, spec: { replicas: 2 } },
    });
    await waitFor("two ready replicas", () => settled(undefined));
    await custom.patchNamespacedCustomObject({
      group: "serving.kserve.io",
      version: "v1beta1",
      plural: "inferenceservices",
      namespace,
      name: "llama",
      body: [{ op: "add", path: "/spec/predictor/model/resources/requests/memory", value: "3Gi" }],
    });
    await waitFor("two replicas of the changed template", () => settled("3Gi"));
    await ready("llama");
  });

  it("takes everything with it when it is deleted", async () => {
    await objects.delete(llama());
    await waitFor("the end of all it made", async () => {
      const [deployments, services, pods] = await Promise.all([
        apps.listNamespacedDeployment({ namespace }),
        core.listNamespacedService({ namespace }),
        podsOf("llama"),
      ]);
      return deployments.items.length + services.items.length + pods.length === 0;
    });
    expect(await complete("llama-predictor", "llama")).toEqual([503, undefined]);
  });
});

describe("an InferenceService without any annotation", () => {
  it("gets Ready with a container of its own, and answers", async () => {
    const container = {
      name: "kserve-container",
      image: "vllm/vllm-openai:v0.30.0",
      args: ["--model=/mnt/models", "--served-model-name=plain", "--port=8080"],
      ports: [{ containerPort: 8080, protocol: "TCP" }],
    };
    const plain = inferenceService("plain", { minReplicas: 1, maxReplicas: 1, containers: [container] });
    await objects.create(plain);
    await ready("plain");
    expect(await complete("plain-predictor", "plain")).toEqual([200, "plain"]);
    await objects.delete(plain);
  });
});

describe("a transformer", () => {
  it("is told where the model is, gets replicas of its own, and is what the model's Service leads to", async () => {
    const made = servedModelManifests(
      "front",
      {
        namespace,
        weights: { existingClaim: "weights" },
        slo: { itl: { atMostMs: 75 } },
        replicas: { max: 2 },
        capacity: { concurrencyPerReplica: 10 },
        startup: { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 },
        transformer: { image: "registry.example.com/tokens:1", replicas: { min: 2, max: 3 } },
      },
      platformReference({ distribution: "kubernetes", prometheus: { url: "http://prometheus:9090" } }),
    );
    if (!made.ok) throw new Error(JSON.stringify(made.problems));
    const wanted = made.objects.map(({ object }) => object).filter(({ kind }) => !/Monitor|ScaledObject/.test(kind));
    for (const object of wanted) await objects.create(object);
    await ready("front");

    const { spec } = await apps.readNamespacedDeployment({ namespace, name: "front-transformer" });
    expect(spec?.template.spec?.containers[0]?.args).toEqual([
      "--model_name",
      "front",
      "--predictor_host",
      "front-predictor.kserve-test",
      "--http_port",
      "8080",
    ]);
    await waitFor("two transformers behind the Service", async () => {
      const pods = (await podsOf("front")).filter(({ metadata }) => metadata?.labels?.component === "transformer");
      const slices = await discovery.listNamespacedEndpointSlice({
        namespace,
        labelSelector: "kubernetes.io/service-name=front",
      });
      const targets = slices.items.flatMap(({ endpoints }) => endpoints ?? []).map(({ targetRef }) => targetRef?.name);
      return (
        pods.length === 2 &&
        targets.sort().join() ===
          pods
            .map(({ metadata }) => metadata?.name)
            .sort()
            .join()
      );
    });
    for (const object of wanted) await objects.delete(object);
  });
});

describe("KServe's webhooks", () => {
  it.each([
    [
      "a name that is no DNS label of a Service",
      { ...llama(), metadata: { name: "1llama", namespace } },
      /a InferenceService name must consist of lower case alphanumeric/,
    ],
    [
      "more replicas at least than at most",
      llama({ minReplicas: 3, maxReplicas: 2 }),
      /cannot be greater than MaxRepl/,
    ],
    [
      "a class of autoscaler it does not know",
      {
        ...llama(),
        metadata: { name: "llama", namespace, annotations: { "serving.kserve.io/autoscalerClass": "any" } },
      },
      /\[any\] is not a supported autoscaler class type/,
    ],
    ["a second runtime with the first one's format and priority", servingRuntime("other"), /same priority assigned/],
  ])("refuse %s", async (_what, object, reason) => {
    expect(await refusal(object)).toMatch(reason);
  });
});
