import { BatchV1Api, type V1Container, type V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  type KubernetesObject,
  platformReference,
  type ServedModelOptions,
  servedModelManifests,
  type WeightsSource,
} from "vllm-serving/manifests";
import { z } from "zod";
import { clientsOf, deleteNamespace, waitFor } from "../sandbox/support/cluster";
import { Stack } from "../sandbox/support/pulumi";

const sandbox = inject("sandbox");
const { kubeConfig, core, objects } = clientsOf(sandbox);
const batch = kubeConfig.makeApiClient(BatchV1Api);

const namespace = "storage-test";
const prometheus = { url: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092" };
const platform = platformReference({
  distribution: "kubernetes",
  prometheus: { ...prometheus, authentication: "none" },
});
const commit = "0e9e39f249a16976918f6564b8830bc894c89659";

function model(name: string, weights: WeightsSource, changes: Partial<ServedModelOptions> = {}): KubernetesObject[] {
  const options: ServedModelOptions = {
    namespace,
    weights,
    slo: { itl: { atMostMs: 75 } },
    replicas: { max: 2 },
    capacity: { profile: "llama-3.1-8b-l4", promptTokens: 1000, outputTokens: 500 },
    startup: { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 },
    ...changes,
  };
  const result = servedModelManifests(name, options, platform);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.objects.map(({ object }) => object);
}

const huggingFace = { repository: "org/llama", revision: commit };
const jobSchema = z.object({ spec: z.object({ template: z.object({ spec: z.looseObject({}) }) }) });

it("a namespace of Pod Security's level restricted takes a download's pod", async () => {
  const nfs = { server: "nfs.example.internal", path: "/models" };
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await core.createNamespace({ body: { metadata: { name: namespace, labels } } });
  for (const download of [huggingFace, { ...huggingFace, runAsUser: 2000 }]) {
    const job = model("llama", { nfs: { ...nfs, download } }).find(({ kind }) => kind === "Job");
    const { template } = jobSchema.parse(job).spec;
    const create = (spec: object) =>
      objects.create(
        { apiVersion: "v1", kind: "Pod", metadata: { name: "download", namespace }, spec },
        undefined,
        "All",
      );
    await expect(create(template.spec)).resolves.toMatchObject({ kind: "Pod" });
    await expect(create({ ...template.spec, securityContext: {} })).rejects.toThrow(
      /violates PodSecurity \\*"restricted/,
    );
  }
  await deleteNamespace(core, namespace);
});

describe("KServe's webhook brings the weights", () => {
  const served = "storage-served";
  const made = (name: string, weights: WeightsSource, changes: Partial<ServedModelOptions>) =>
    model(name, weights, { ...changes, namespace: served }).filter(({ apiVersion }) =>
      apiVersion.startsWith("serving.kserve.io/"),
    );

  beforeAll(async () => {
    await core.createNamespace({ body: { metadata: { name: served } } });
    const secret = (name: string, stringData: Record<string, string>) =>
      core.createNamespacedSecret({ namespace: served, body: { metadata: { name }, stringData } });
    await secret("hub", { HF_TOKEN: "hf_1" });
    await secret("bucket", { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" });
    const minio = { type: "s3", access_key_id: "id", secret_access_key: "key", endpoint_url: "http://minio:9000" };
    await secret("storage-config", { minio: JSON.stringify(minio) });
    for (const name of ["hub", "bucket"]) {
      await core.createNamespacedServiceAccount({
        namespace: served,
        body: { metadata: { name }, secrets: [{ name }] },
      });
    }
  });
  afterAll(() => deleteNamespace(core, served));

  /** Creates a model and waits for its pod, which KServe's webhook has changed. */
  async function podOf(
    name: string,
    weights: WeightsSource,
    changes: Partial<ServedModelOptions> = {},
  ): Promise<V1Pod> {
    for (const object of made(name, weights, changes)) await objects.create(object);
    const labelSelector = `serving.kserve.io/inferenceservice=${name}`;
    await waitFor(`${name} ready`, async () => {
      const { items } = await core.listNamespacedPod({ namespace: served, labelSelector });
      return items.some(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
      );
    });
    const { items } = await core.listNamespacedPod({ namespace: served, labelSelector });
    const [pod] = items;
    if (pod === undefined) throw new Error(`no pod of ${name}`);
    for (const object of made(name, weights, changes)) await objects.delete(object);
    return pod;
  }

  const named = (containers: V1Container[] | undefined, name: string) => containers?.find((one) => one.name === name);
  const variables = (container: V1Container | undefined) =>
    Object.fromEntries(
      (container?.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.secretKeyRef]),
    );
  const vllm = (pod: V1Pod) => named(pod.spec?.containers, "kserve-container");

  it("of a ModelCar by its container beside vLLM, in one process namespace", async () => {
    const secrets = { imagePullSecrets: ["registry"] };
    const pod = await podOf("car", { modelImage: { reference: "quay.io/models/llama:1" } }, secrets);
    expect(pod.spec?.imagePullSecrets).toEqual([{ name: "registry" }]);
    expect(pod.spec?.shareProcessNamespace).toBe(true);
    expect(named(pod.spec?.containers, "modelcar")?.image).toBe("quay.io/models/llama:1");
    expect(named(pod.spec?.initContainers, "modelcar-init")?.image).toBe("quay.io/models/llama:1");
    expect(vllm(pod)?.volumeMounts?.map(({ mountPath }) => mountPath)).toContain("/mnt");
    expect(vllm(pod)?.args?.[0]).toBe("/mnt/models");
  });

  it("of a ModelCar as an image volume, at the place where vLLM looks", async () => {
    const pod = await podOf("native", { modelImage: { reference: "quay.io/models/llama:1", native: true } });
    const mount = vllm(pod)?.volumeMounts?.find(({ mountPath }) => mountPath === "/mnt/models");
    expect(mount).toMatchObject({ readOnly: true, subPath: "models" });
    expect(pod.spec?.volumes?.find(({ name }) => name === mount?.name)?.image).toEqual({
      reference: "quay.io/models/llama:1",
      pullPolicy: "IfNotPresent",
    });
    expect(pod.spec?.containers.map(({ name }) => name)).toEqual(["kserve-container"]);
  });

  it("of Hugging Face by its init container, with the token of the ServiceAccount's Secret", async () => {
    const pod = await podOf("hub", { huggingFace: { ...huggingFace, serviceAccountName: "hub" } });
    const fetch = named(pod.spec?.initContainers, "storage-initializer");
    expect(fetch?.args).toEqual([`hf://org/llama:${commit}`, "/mnt/models"]);
    expect(variables(fetch)).toMatchObject({ HF_TOKEN: { name: "hub", key: "HF_TOKEN" } });
    expect(variables(vllm(pod))).toMatchObject({ HF_HUB_OFFLINE: "1" });
    expect(variables(vllm(pod))).not.toHaveProperty("HF_TOKEN");
  });

  it("of a bucket by its init container, with a ServiceAccount's credentials", async () => {
    const pod = await podOf("bucket", { s3: { uri: "s3://models/llama", serviceAccountName: "bucket" } });
    const fetch = named(pod.spec?.initContainers, "storage-initializer");
    expect(fetch?.args).toEqual(["s3://models/llama", "/mnt/models"]);
    expect(variables(fetch)).toMatchObject({ AWS_ACCESS_KEY_ID: { name: "bucket", key: "AWS_ACCESS_KEY_ID" } });
  });

  it("of a bucket by a key of storage-config, from which KServe knows what store it is", async () => {
    const pod = await podOf("minio", { s3: { uri: "s3://models/llama/3.1", storageKey: "minio" } });
    const fetch = named(pod.spec?.initContainers, "storage-initializer");
    expect(fetch?.args).toEqual(["s3://models/llama/3.1", "/mnt/models"]);
    expect(variables(fetch)).toMatchObject({ STORAGE_CONFIG: { name: "storage-config", key: "minio" } });
  });
});

describe("a stack whose weights are downloaded", () => {
  const own = "downloads";
  const seconds = 8;
  let stack: Stack;

  const configure = (revision: string) =>
    stack.configure((config) => {
      const [first] = z.array(z.record(z.string(), z.unknown())).parse(config["vllm-serving:models"]);
      const download = { repository: "org/llama", revision, expectedSeconds: seconds };
      const nfs = { server: "nfs.example.internal", path: "/models", download };
      config["vllm-serving:models"] = [{ ...first, namespace: own, weights: { nfs } }];
    });
  const jobs = async () => (await batch.listNamespacedJob({ namespace: own })).items;

  beforeAll(async () => {
    stack = await Stack.create(sandbox, own);
    configure("a".repeat(40));
  });

  it("serves only when the download has completed", async () => {
    await stack.up();
    const [job, ...more] = await jobs();
    expect(more).toEqual([]);
    const { startTime, completionTime, succeeded } = job?.status ?? {};
    expect(succeeded).toBe(1);
    // Kubernetes keeps whole seconds.
    const took = ((completionTime?.getTime() ?? 0) - (startTime?.getTime() ?? 0)) / 1000;
    expect(took).toBeGreaterThanOrEqual(seconds - 1);
    const { items } = await core.listNamespacedPod({ namespace: own, labelSelector: "component=predictor" });
    const created = items.map(({ metadata }) => metadata?.creationTimestamp?.getTime() ?? 0);
    expect(created).toHaveLength(1);
    expect(created[0]).toBeGreaterThanOrEqual(completionTime?.getTime() ?? Number.POSITIVE_INFINITY);
    const claims = await core.listNamespacedPersistentVolumeClaim({ namespace: own });
    expect(claims.items.map(({ status, spec }) => [status?.phase, spec?.accessModes])).toEqual([
      ["Bound", ["ReadWriteMany"]],
      ["Bound", ["ReadOnlyMany"]],
    ]);
  });

  it("does not run it again", async () => {
    const [before] = await jobs();
    expect(await stack.preview("--expect-no-changes")).toEqual({});
    await stack.up();
    expect((await jobs()).map(({ metadata }) => metadata?.uid)).toEqual([before?.metadata?.uid]);
  });

  it("runs one new Job for a new revision, and the replicas move to its directory after that", async () => {
    const [before] = await jobs();
    configure("b".repeat(40));
    const changed = Object.keys(await stack.preview()).map((urn) => urn.split("$").at(-1));
    expect(changed.sort()).toEqual([
      "kubernetes:batch/v1:Job::llama-download",
      "kubernetes:serving.kserve.io/v1alpha1:ServingRuntime::llama",
      "kubernetes:serving.kserve.io/v1beta1:InferenceService::llama",
    ]);
    await stack.up();
    const [job, ...more] = await jobs();
    expect(more).toEqual([]);
    expect(job?.metadata?.uid).not.toBe(before?.metadata?.uid);
    expect(job?.status?.succeeded).toBe(1);
    await waitFor("a replica with the new weights alone", async () => {
      const { items } = await core.listNamespacedPod({ namespace: own, labelSelector: "component=predictor" });
      const mounts = items.flatMap(({ spec }) => spec?.containers[0]?.volumeMounts ?? []);
      const directories = mounts.filter(({ mountPath }) => mountPath === "/mnt/models").map(({ subPath }) => subPath);
      return JSON.stringify(directories) === JSON.stringify([`org--llama/${"b".repeat(40)}`]);
    });
  });

  it("is destroyed, and keeps what was downloaded", async () => {
    const volumes = (await core.listPersistentVolume()).items.filter(({ spec }) => spec?.claimRef?.namespace === own);
    expect(volumes.map(({ spec }) => spec?.persistentVolumeReclaimPolicy)).toEqual(["Retain", "Retain"]);
    await stack.destroy();
    await waitFor(`the end of namespace ${own}`, async () => {
      const { items } = await core.listNamespace({ fieldSelector: `metadata.name=${own}` });
      return items.length === 0;
    });
  });
});
