import { describe, expect, test } from "vitest";
import {
  type PlatformReference,
  platformReference,
  type ServedModelOptions,
  servedModelManifests,
  type WeightsSource,
} from "../../../src/manifests";

const kubernetes = platformReference({ distribution: "kubernetes", prometheus: { url: "http://prometheus:9090" } });
const openShift = platformReference({ distribution: "openshift", prometheus: { url: "https://thanos-querier:9092" } });
const revision = "0e9e39f249a16976918f6564b8830bc894c89659";
const llama: Omit<ServedModelOptions, "weights"> = {
  namespace: "models",
  slo: { itl: { atMostMs: 75 } },
  replicas: { max: 7 },
  capacity: { profile: "llama-3.1-8b-l4", promptTokens: 1000, outputTokens: 500 },
};

const sources = {
  modelImage: { modelImage: { reference: "quay.io/models/llama:3.1" } },
  huggingFace: { huggingFace: { repository: "meta-llama/Llama-3.1-8B-Instruct", revision } },
  s3: { s3: { uri: "s3://models/llama/3.1" } },
  connection: { connection: { name: "models-bucket", type: "s3", path: "llama/3.1" } },
  localModel: { localModel: { sourceUri: `hf://org/llama:${revision}`, nodeGroups: ["l4"] } },
} as const satisfies Record<string, WeightsSource>;

function model(
  weights: WeightsSource,
  changes: Partial<ServedModelOptions> = {},
  platform: PlatformReference = kubernetes,
) {
  const prometheusAuthentication =
    platform === openShift ? { prometheusAuthentication: "boundServiceAccountToken" as const } : {};
  return servedModelManifests("llama", { ...llama, ...prometheusAuthentication, weights, ...changes }, platform);
}

function objectOf(kind: string, ...args: Parameters<typeof model>) {
  const result = model(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.objects.find(({ object }) => object.kind === kind)?.object;
}

function problemsOf(...args: Parameters<typeof model>): string[] {
  const result = model(...args);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const inferenceService = (...args: Parameters<typeof model>) => objectOf("InferenceService", ...args);

describe("what KServe is told", () => {
  test.each([
    { source: "a ModelCar", weights: sources.modelImage, storageUri: "oci://quay.io/models/llama:3.1" },
    {
      source: "a ModelCar as an image volume",
      weights: { modelImage: { ...sources.modelImage.modelImage, native: true } },
      storageUri: "oci+native://quay.io/models/llama:3.1",
    },
    {
      source: "Hugging Face",
      weights: sources.huggingFace,
      storageUri: `hf://meta-llama/Llama-3.1-8B-Instruct:${revision}`,
    },
    { source: "a bucket", weights: sources.s3, storageUri: "s3://models/llama/3.1" },
    { source: "a copy on the nodes", weights: sources.localModel, storageUri: `hf://org/llama:${revision}` },
  ])("of $source: its URI", ({ weights, storageUri }) => {
    const object = inferenceService(weights);
    expect(object).toHaveProperty("spec.predictor.model", {
      modelFormat: { name: "huggingface" },
      runtime: expect.stringMatching(/^llama-/),
      storageUri,
    });
    expect(object).not.toHaveProperty("spec.predictor.serviceAccountName");
  });

  test("whose credentials to take", () => {
    const s3 = { ...sources.s3.s3, serviceAccountName: "reader" };
    expect(inferenceService({ s3 })).toHaveProperty("spec.predictor.serviceAccountName", "reader");
    const huggingFace = { ...sources.huggingFace.huggingFace, serviceAccountName: "reader" };
    expect(inferenceService({ huggingFace })).toHaveProperty("spec.predictor.serviceAccountName", "reader");
  });

  test("of a bucket by a key of storage-config: key, bucket and path in the place of a URI", () => {
    const object = inferenceService({ s3: { ...sources.s3.s3, storageKey: "minio" } });
    expect(object).toHaveProperty("spec.predictor.model.storage", {
      key: "minio",
      path: "llama/3.1",
      parameters: { bucket: "models" },
    });
    expect(object).not.toHaveProperty("spec.predictor.model.storageUri");
  });

  test("of a dashboard connection: its annotation, and of a bucket the fields that older releases read (trap 67)", () => {
    const bucket = inferenceService(sources.connection, {}, openShift);
    expect(bucket).toHaveProperty("metadata.annotations", {
      "serving.kserve.io/deploymentMode": "Standard",
      "serving.kserve.io/autoscalerClass": "external",
      "opendatahub.io/connections": "models-bucket",
      "opendatahub.io/connection-path": "llama/3.1",
      "pulumi.com/waitFor": expect.any(String),
    });
    expect(bucket).toHaveProperty("spec.predictor.model.storage", { key: "models-bucket", path: "llama/3.1" });
    const uri = inferenceService({ connection: { name: "llama-uri", type: "uri" } }, {}, openShift);
    expect(uri).toHaveProperty(["metadata", "annotations", "opendatahub.io/connections"], "llama-uri");
    expect(uri).not.toHaveProperty(["metadata", "annotations", "opendatahub.io/connection-path"]);
    expect(uri).not.toHaveProperty("spec.predictor.model.storage");
    expect(uri).not.toHaveProperty("spec.predictor.model.storageUri");
  });

  test("of a copy on the nodes: the cache, of the whole cluster, named by namespace and source", () => {
    const cache = (changes: object = {}, namespace = "models") => {
      const localModel = { ...sources.localModel.localModel, ...changes };
      return objectOf("LocalModelCache", { localModel, size: "20Gi" }, { namespace });
    };
    expect(cache({ serviceAccountName: "hub" })).toStrictEqual({
      apiVersion: "serving.kserve.io/v1alpha1",
      kind: "LocalModelCache",
      metadata: {
        name: expect.stringMatching(/^llama-[0-9a-f]{8}$/),
        labels: {
          "app.kubernetes.io/name": "vllm",
          "app.kubernetes.io/instance": "llama",
          "app.kubernetes.io/component": "model-weights",
          "app.kubernetes.io/part-of": "vllm-serving",
        },
      },
      spec: {
        sourceModelUri: `hf://org/llama:${revision}`,
        modelSize: "20Gi",
        nodeGroups: ["l4"],
        serviceAccountName: "hub",
      },
    });
    const names = [cache(), cache({ sourceUri: "hf://org/llama:other" }), cache({}, "chat")].map(
      (object) => object?.metadata.name,
    );
    expect(new Set(names).size).toBe(3);
  });
});

describe("the pods", () => {
  test("have no volume for weights that KServe mounts, and read them as they are, by the node's own disk", () => {
    const runtime = objectOf("ServingRuntime", sources.huggingFace);
    expect(runtime).toHaveProperty("spec.volumes", [
      { name: "cache", emptyDir: { sizeLimit: "10Gi" } },
      { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } },
    ]);
    expect(runtime).toHaveProperty("spec.containers[0].volumeMounts", [
      { name: "cache", mountPath: "/cache" },
      { name: "shm", mountPath: "/dev/shm" },
    ]);
    expect(JSON.stringify(runtime)).not.toContain("--safetensors-load-strategy");
    expect(JSON.stringify(objectOf("ServingRuntime", { existingClaim: "weights" }))).toContain(
      "--safetensors-load-strategy=eager",
    );
  });

  test.each(Object.values(sources))("never look for anything on the network: %j", (weights) => {
    const text = JSON.stringify(
      objectOf("ServingRuntime", weights, {}, "connection" in weights ? openShift : kubernetes),
    );
    expect(text).toContain('{"name":"HF_HUB_OFFLINE","value":"1"},{"name":"TRANSFORMERS_OFFLINE","value":"1"}');
  });

  test("of a Deployment mount the image of a ModelCar", () => {
    const deployment = objectOf("Deployment", sources.modelImage, { backend: "deployment" });
    expect(deployment).toHaveProperty("spec.template.spec.volumes[0]", {
      name: "weights",
      image: { reference: "quay.io/models/llama:3.1", pullPolicy: "IfNotPresent" },
    });
    expect(deployment).toHaveProperty("spec.template.spec.containers[0].volumeMounts[0]", {
      name: "weights",
      mountPath: "/mnt/models",
      readOnly: true,
      subPath: "models",
    });
  });

  test("of a download mount the directory of its revision", () => {
    const download = { repository: "org/llama", revision };
    const job = objectOf("Job", { nfs: { server: "nfs", path: "/models", download } });
    // The profile knows its size: 16.06 GB at 100 MB/s.
    expect(job).toHaveProperty("spec.activeDeadlineSeconds", 600 + 3 * 161);
    const runtime = objectOf("ServingRuntime", { nfs: { server: "nfs", path: "/models", download } });
    expect(runtime).toHaveProperty("spec.containers[0].volumeMounts[0]", {
      name: "weights",
      mountPath: "/mnt/models",
      readOnly: true,
      subPath: `org--llama/${revision}`,
    });
  });
});

describe("which source goes with what", () => {
  test.each(["huggingFace", "s3", "localModel"] as const)("%s: not with a Deployment of our own", (source) => {
    expect(problemsOf(sources[source], { backend: "deployment" })).toEqual([
      expect.stringMatching(
        new RegExp(
          `^weights\\.${source}: does not go with the backend "deployment": KServe's .+\\. Take the backend "kserve", or weights on nfs with a download\\.$`,
        ),
      ),
    ]);
    expect(problemsOf(sources[source])).toEqual([]);
  });

  test("a dashboard connection: with OpenShift AI only", () => {
    expect(problemsOf(sources.connection)).toEqual([
      'weights.connection: is only known to OpenShift AI and Open Data Hub, but the platform\'s distribution is "kubernetes". Give the source itself, e.g. s3 or huggingFace.',
    ]);
    expect(problemsOf(sources.connection, {}, openShift)).toEqual([]);
    expect(problemsOf(sources.connection, { backend: "deployment" }, openShift)).toHaveLength(1);
  });

  test("image volumes: where Kubernetes has them, and KServe knows them", () => {
    const native = { modelImage: { ...sources.modelImage.modelImage, native: true } };
    const old = { ...kubernetes, kubernetesVersion: "1.34.2", kserveVersion: "0.19.0" };
    expect(problemsOf(native, {}, old)).toEqual([
      "weights.modelImage.native: needs KServe 0.20.0 or newer, but the platform has 0.19.0. Update it, or take another source.",
      "weights.modelImage.native: needs Kubernetes 1.35.0 or newer, but the platform has 1.34.2. Update it, or take another source.",
    ]);
    expect(problemsOf(sources.modelImage, {}, old)).toEqual([]);
    expect(problemsOf(sources.modelImage, { backend: "deployment" }, old)).toEqual([
      "weights.modelImage: needs Kubernetes 1.35.0 or newer, but the platform has 1.34.2. Update it, or take another source.",
    ]);
    expect(problemsOf(native, { backend: "deployment" }, { ...old, kubernetesVersion: "1.35.0" })).toEqual([]);
  });

  test("credentials of a local model: from KServe 0.18 on", () => {
    const localModel = { ...sources.localModel.localModel, serviceAccountName: "hub" };
    expect(problemsOf({ localModel }, {}, { ...kubernetes, kserveVersion: "0.17.0" })).toEqual([
      "weights.localModel.serviceAccountName: needs KServe 0.18.0 or newer, but the platform has 0.17.0. Update it, or take another source.",
    ]);
  });
});

describe("what is wrong with a source is said with its path", () => {
  test.each([
    [
      { modelImage: { reference: "oci://quay.io/m:1" } },
      'weights.modelImage.reference: is "oci://quay.io/m:1"; write the image\'s reference alone, without the scheme.',
    ],
    [
      { modelImage: { reference: "llama" } },
      'weights.modelImage.reference: is "llama"; write it as registry/path:tag or registry/path@sha256:….',
    ],
    [
      { huggingFace: { repository: "gpt2", revision } },
      'weights.huggingFace.repository: is "gpt2"; write it as owner/name.',
    ],
    [
      { huggingFace: { repository: "org/llama", revision: "main" } },
      'weights.huggingFace.revision: is "main"; write the commit\'s 40 hexadecimal digits, so that the same weights are served everywhere, or set allowMovingRevision.',
    ],
    [{ s3: { uri: "https://bucket" } }, 'weights.s3.uri: is "https://bucket"; write it as s3://bucket/path.'],
    [
      { s3: { ...sources.s3.s3, serviceAccountName: "a", storageKey: "b" } },
      "weights.s3: has serviceAccountName and storageKey; keep the one that has the credentials.",
    ],
    [
      { localModel: { sourceUri: "llama", nodeGroups: ["l4"] } },
      'weights.localModel.sourceUri: is "llama"; write a URI that KServe can fetch, such as hf://owner/name:revision.',
    ],
    [
      { localModel: { sourceUri: "hf://a/b", nodeGroups: [] } },
      "weights.localModel.nodeGroups: is empty; name the LocalModelNodeGroup of the GPU nodes.",
    ],
    [{ ...sources.s3, subPath: "llama" }, "weights.subPath: is a directory of nfs or existingClaim; leave it out."],
    [
      { existingClaim: "weights", subPath: "../llama" },
      'weights.subPath: is "../llama"; write a directory inside the volume, without a slash at its beginning and without "..".',
    ],
    [{ existingClaim: "weights", modelGigabytes: 0 }, "weights.modelGigabytes: is 0; it must be above 0 gigabytes."],
    [
      { existingClaim: "weights", bandwidthMegabytesPerSecond: -1 },
      "weights.bandwidthMegabytesPerSecond: is -1; it must be above 0 megabytes a second.",
    ],
  ] as [WeightsSource, string][])("%j", (weights, problem) => {
    expect(problemsOf(weights)).toEqual([problem]);
  });

  test.each([
    [
      { name: "models", type: "s3" },
      "weights.connection.path: is missing; say which folder of the bucket holds the model.",
    ],
    [
      { name: "models", type: "uri", path: "llama" },
      "weights.connection.path: is only read of a connection of type s3: a URI says all by itself. Leave it out.",
    ],
  ] as const)("a connection %j", (connection, problem) => {
    expect(problemsOf({ connection }, {}, openShift)).toEqual([problem]);
  });

  test("a Secret of a namespace that is made cannot exist", () => {
    const download = { repository: "org/llama", revision, tokenSecret: { name: "hub", key: "token" } };
    expect(problemsOf({ nfs: { server: "nfs", path: "/models", download } }, { createNamespace: true })).toEqual([
      "createNamespace: is true, so the Secret of weights.nfs.download.tokenSecret cannot exist yet. Leave it out, or give the weights another way.",
    ]);
  });
});

describe("the declared start-up", () => {
  const declared = (...args: Parameters<typeof model>) => {
    const result = model(...args);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { metadata } = result.objects.find(({ object }) => object.kind === "ServingRuntime")?.object ?? {};
    const { annotations } = Object(metadata);
    const seconds = (part: string) => Number(annotations[`vllm-serving.dev/startup-${part}-seconds`]);
    return { pull: seconds("image-pull"), load: seconds("load"), warnings: result.warnings };
  };
  const nfs = { server: "nfs", path: "/models" };

  test.each([
    { weights: { nfs }, pull: 60, load: 60 },
    { weights: sources.modelImage, pull: 155, load: 33 },
    { weights: sources.huggingFace, pull: 60, load: 201 },
    { weights: sources.localModel, pull: 60, load: 33 },
    { weights: { nfs, modelGigabytes: 141 }, pull: 60, load: 523 },
    { weights: { nfs, bandwidthMegabytesPerSecond: 600 }, pull: 60, load: 161 },
  ])("follows from size and storage: $weights", ({ weights, pull, load }) => {
    expect(declared(weights)).toEqual({ pull, load, warnings: [] });
  });

  test("is what is declared, with a warning where the storage cannot give that much at once (trap 64)", () => {
    const weights = { nfs, bandwidthMegabytesPerSecond: 600 };
    expect(declared(weights, { startup: { loadSeconds: 60 } })).toEqual({
      pull: 60,
      load: 60,
      warnings: [
        "Up to 6 replicas may start together and read 16.06 GB each: at 600 MB/s (weights.bandwidthMegabytesPerSecond) that takes 161 s, but startup.loadSeconds is 60. Declare 161, or leave it out.",
      ],
    });
    expect(declared(weights, { startup: { loadSeconds: 161 } }).warnings).toEqual([]);
  });

  test("has no pull of an image that is on the nodes", () => {
    expect(declared({ nfs }, { prePullImage: true }).pull).toBe(0);
    expect(declared({ nfs }, { prePullImage: true, startup: { imagePullSeconds: 5 } }).pull).toBe(5);
  });

  test("is as before where nothing is known of the weights' size", () => {
    expect(declared({ existingClaim: "weights" }, { capacity: { concurrencyPerReplica: 7 } }).load).toBe(60);
  });

  test("warns of a revision that moves", () => {
    const huggingFace = { repository: "org/llama", revision: "main", allowMovingRevision: true };
    expect(declared({ huggingFace }).warnings).toEqual([
      'weights.huggingFace.revision is "main", which is no commit: it may come to name other files, and replicas would serve different ones. Pin the commit.',
    ]);
  });
});
