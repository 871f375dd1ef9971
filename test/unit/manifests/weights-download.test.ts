import { describe, expect, test } from "vitest";
import { downloadScript } from "../../../src/manifests/download-script";
import { modelWeightsManifests, nfsWarnings } from "../../../src/manifests/model-weights";
import type { ModelWeightsOptions } from "../../../src/manifests/persistent-volume";
import {
  downloadJob,
  downloadJobName,
  downloadJobSpec,
  downloadProblems,
  modelDirectory,
  type NamedDownload,
  type WeightsDownload,
} from "../../../src/manifests/weights-download";

const revision = "0e9e39f249a16976918f6564b8830bc894c89659";
const download: WeightsDownload = { repository: "meta-llama/Llama-3.1-8B-Instruct", revision };
const named: NamedDownload = {
  instance: "llama",
  namespace: "models",
  claimName: "llama-download-1",
  download,
  directory: `meta-llama--Llama-3.1-8B-Instruct/${revision}`,
  expectedSeconds: 161,
};
const labels = {
  "app.kubernetes.io/name": "vllm",
  "app.kubernetes.io/instance": "llama",
  "app.kubernetes.io/component": "weights-download",
  "app.kubernetes.io/part-of": "vllm-serving",
};

test("the Job of a download", () => {
  expect(downloadJob("llama-download-2", named)).toStrictEqual({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: "llama-download-2",
      namespace: "models",
      labels,
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    spec: {
      backoffLimit: 6,
      activeDeadlineSeconds: 1083,
      template: {
        metadata: { labels, annotations: { "vllm-serving.dev/download-seconds": "161" } },
        spec: {
          restartPolicy: "OnFailure",
          enableServiceLinks: false,
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "download",
              image: "kserve/storage-initializer:v0.20.0",
              command: ["/bin/sh", "-c", downloadScript, "download"],
              args: ["--exclude=original/*"],
              env: [
                { name: "REPOSITORY", value: "meta-llama/Llama-3.1-8B-Instruct" },
                { name: "REVISION", value: revision },
                { name: "TARGET", value: `/weights/meta-llama--Llama-3.1-8B-Instruct/${revision}` },
                { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                { name: "HOME", value: "/scratch" },
                { name: "TMPDIR", value: "/scratch" },
                { name: "HF_HOME", value: "/scratch/huggingface" },
              ],
              resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "8Gi" } },
              terminationMessagePolicy: "FallbackToLogsOnError",
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
              },
              volumeMounts: [
                { name: "weights", mountPath: "/weights" },
                { name: "scratch", mountPath: "/scratch" },
              ],
            },
          ],
          volumes: [
            { name: "weights", persistentVolumeClaim: { claimName: "llama-download-1" } },
            { name: "scratch", emptyDir: { sizeLimit: "10Gi" } },
          ],
        },
      },
    },
  });
});

test("what may be said of a download reaches the pod, and a token only by its Secret", () => {
  const { spec } = downloadJobSpec({
    ...named,
    download: {
      ...download,
      include: "*.safetensors",
      exclude: "",
      endpoint: "https://hub.example.com",
      tokenSecret: { name: "hub", key: "token" },
      image: "registry.example.com/hub:1",
      runAsUser: 2000,
    },
  }).template;
  const [container] = spec.containers;
  expect(spec.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 2000,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(container).toMatchObject({ image: "registry.example.com/hub:1", args: ["--include=*.safetensors"] });
  expect(container?.env.slice(-2)).toEqual([
    { name: "HF_ENDPOINT", value: "https://hub.example.com" },
    { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hub", key: "token" } } },
  ]);
});

test("the image of a download is pulled with the given secrets", () => {
  const { spec } = downloadJobSpec({ ...named, imagePullSecrets: ["registry"] }).template;
  expect(spec).toHaveProperty("imagePullSecrets", [{ name: "registry" }]);
});

test("another revision is another Job and another directory; the same one keeps its name", () => {
  const other = { ...download, revision: revision.replace("0", "1") };
  const name = (run: NamedDownload) => downloadJobName("llama", downloadJobSpec(run));
  const next = { ...named, download: other, directory: modelDirectory(other, undefined) };
  expect(name(named)).toMatch(/^llama-download-[0-9a-f]{8}$/);
  expect(name({ ...named })).toBe(name(named));
  expect(name(next)).not.toBe(name(named));
  expect(modelDirectory(download, "models/llama/")).toBe(`models/llama/${revision}`);
  expect(modelDirectory({ ...download, revision: "refs/pr/1" }, undefined)).toBe(
    "meta-llama--Llama-3.1-8B-Instruct/refs--pr--1",
  );
});

describe("the objects of weights that are downloaded", () => {
  const options: ModelWeightsOptions = {
    namespace: "models",
    nfs: { server: "nfs.example.com", path: "/exports", download },
  };
  const objects = (changes: Partial<ModelWeightsOptions> = {}) =>
    modelWeightsManifests("llama", { ...options, ...changes });
  const job = (changes?: Partial<ModelWeightsOptions>) => objects(changes).at(-1)?.object;

  test("a pair to serve, a pair to write, and the Job", () => {
    expect(objects().map(({ logicalName, object }) => `${object.kind} ${logicalName}`)).toEqual([
      "PersistentVolume llama-weights",
      "PersistentVolumeClaim llama-weights",
      "PersistentVolume llama-download",
      "PersistentVolumeClaim llama-download",
      "Job llama-download",
    ]);
    expect(job()).toHaveProperty(
      "spec.template.spec.volumes[0].persistentVolumeClaim.claimName",
      objects()[3]?.object.metadata.name,
    );
  });

  test.each([
    { known: "nothing but the volume's size, 107 GB", changes: {}, deadline: 600 + 3 * 1074 },
    { known: "the model's size", changes: { modelGigabytes: 16.06 }, deadline: 600 + 3 * 161 },
    {
      known: "how long it takes",
      changes: { nfs: { ...options.nfs, download: { ...download, expectedSeconds: 30 } } },
      deadline: 690,
    },
  ])("the deadline follows from $known", ({ changes, deadline }) => {
    expect(job(changes)).toHaveProperty("spec.activeDeadlineSeconds", deadline);
  });
});

describe("problems", () => {
  const problems = (changes: Partial<WeightsDownload>) =>
    downloadProblems("download", { ...download, ...changes }).map(({ path, message }) => `${path}: ${message}`);

  test("none of a pinned download", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ repository: "gpt2" })).toEqual([]);
  });

  test("a revision that moves, unless it is accepted; then a warning", () => {
    expect(problems({ revision: "main" })).toEqual([
      'download.revision: is "main"; write the commit\'s 40 hexadecimal digits, so that the same weights are served everywhere, or set allowMovingRevision.',
    ]);
    const moving = { ...download, revision: "main", allowMovingRevision: true };
    expect(problems(moving)).toEqual([]);
    expect(problems({ ...moving, revision: "../main" })).toHaveLength(1);
    expect(nfsWarnings("nfs", { server: "nfs", path: "/", download: moving })).toEqual([
      'nfs.download.revision is "main", which is no commit: it may come to name other files, but is never downloaded again. Pin the commit.',
    ]);
    expect(nfsWarnings("nfs", { server: "nfs", path: "/", download })).toEqual([]);
  });

  test("each with its path, and no credentials repeated", () => {
    expect(
      problems({
        repository: "a/b/c",
        include: "a\nb",
        tokenSecret: { name: "My Secret", key: "token" },
        endpoint: "https://me:s3cret@hub.example.com",
        runAsUser: 0,
        expectedSeconds: -1,
      }),
    ).toEqual([
      'download.repository: is "a/b/c"; write it as owner/name.',
      "download.include: has more than one line; write one pattern such as *.safetensors.",
      'download.tokenSecret.name: is "My Secret", which no object is named: use at most 253 lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit.',
      "download.endpoint: has a user name or password in it, which would be in the Job for all to read; use tokenSecret.",
      "download.runAsUser: is 0; it must be a whole number of at least 1.",
      "download.expectedSeconds: is -1; it must be at least 0 seconds.",
    ]);
    expect(problems({ endpoint: "hub.example.com" })).toHaveLength(1);
  });
});
