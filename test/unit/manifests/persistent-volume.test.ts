import { expect, test } from "vitest";
import {
  modelWeightsProblems,
  type NamedWeights,
  VolumePurpose,
  weightsClaim,
  weightsVolume,
} from "../../../src/manifests/persistent-volume";

const weights: NamedWeights = {
  instance: "llama",
  namespace: "models",
  claimName: "llama-weights-1",
  volumeName: "models.llama-weights-1",
  nfs: { server: "nfs.example.com", path: "/exports/llama" },
};
const labels = {
  "app.kubernetes.io/name": "vllm",
  "app.kubernetes.io/instance": "llama",
  "app.kubernetes.io/component": "model-weights",
  "app.kubernetes.io/part-of": "vllm-serving",
};

test("a volume over an NFS export, read-only in every way Kubernetes has (trap 63)", () => {
  expect(weightsVolume(weights)).toStrictEqual({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "models.llama-weights-1", labels },
    spec: {
      capacity: { storage: "100Gi" },
      accessModes: ["ReadOnlyMany"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
      volumeMode: "Filesystem",
      mountOptions: ["nfsvers=4.1", "ro", "hard", "noatime", "nconnect=8", "rsize=1048576"],
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "models", name: "llama-weights-1" },
      nfs: { server: "nfs.example.com", path: "/exports/llama", readOnly: true },
    },
  });
});

test("the claim names the volume and no class", () => {
  expect(weightsClaim({ ...weights, size: "16Gi" })).toStrictEqual({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "llama-weights-1", namespace: "models", labels },
    spec: {
      accessModes: ["ReadOnlyMany"],
      storageClassName: "",
      volumeMode: "Filesystem",
      volumeName: "models.llama-weights-1",
      resources: { requests: { storage: "16Gi" } },
    },
  });
});

test("a volume to download through: written to, over the same export (trap 63)", () => {
  const ofDownload = { ...labels, "app.kubernetes.io/component": "weights-download" };
  expect(weightsVolume(weights, VolumePurpose.Download)).toStrictEqual({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "models.llama-weights-1", labels: ofDownload },
    spec: {
      capacity: { storage: "100Gi" },
      accessModes: ["ReadWriteMany"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
      volumeMode: "Filesystem",
      mountOptions: ["nfsvers=4.1", "hard", "noatime", "nconnect=8", "wsize=1048576"],
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "models", name: "llama-weights-1" },
      nfs: { server: "nfs.example.com", path: "/exports/llama" },
    },
  });
  expect(weightsClaim(weights, VolumePurpose.Download)).toMatchObject({
    metadata: { labels: ofDownload },
    spec: { accessModes: ["ReadWriteMany"] },
  });
});

test("by the CSI driver: a handle that is the volume's own, and read-only where it serves", () => {
  const csi = { ...weights, nfs: { ...weights.nfs, driver: "csi" as const } };
  const source = {
    driver: "nfs.csi.k8s.io",
    volumeHandle: "models.llama-weights-1",
    volumeAttributes: { server: "nfs.example.com", share: "/exports/llama" },
  };
  const serving = weightsVolume(csi).spec;
  expect(serving).toMatchObject({ csi: { ...source, readOnly: true }, mountOptions: expect.arrayContaining(["ro"]) });
  expect(serving).not.toHaveProperty("nfs");
  expect(weightsVolume(csi, VolumePurpose.Download).spec).toMatchObject({ csi: { ...source, readOnly: false } });
});

test("mount options and size of one's own", () => {
  const { spec } = weightsVolume({
    ...weights,
    size: "16Gi",
    nfs: { ...weights.nfs, mountOptions: ["nfsvers=3", "ro"] },
  });
  expect(spec.mountOptions).toEqual(["nfsvers=3", "ro"]);
  expect(spec.capacity).toEqual({ storage: "16Gi" });
});

test("all problems at once", () => {
  expect(
    modelWeightsProblems("Llama", {
      namespace: "Models",
      nfs: { server: "", path: "exports/llama" },
      size: "100 GB",
    }).map(({ path, message }) => `${path}: ${message}`),
  ).toEqual([
    'name: is "Llama", but Kubernetes objects are named after it: use lower-case letters, digits and dashes, begin with a letter and end with a letter or digit.',
    'namespace: is "Models", which is no namespace\'s name: use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.',
    "nfs.server: is empty; give the host name or address of the NFS server.",
    'nfs.path: is "exports/llama"; the path of an export begins with a slash.',
    'size: is "100 GB"; write a Kubernetes quantity greater than 0, e.g. 100Gi.',
  ]);
});

test.each(["0", "0Gi", "-1Gi", "1gi", ""])("size %j is none", (size) => {
  expect(modelWeightsProblems("llama", { ...weights, size })).toHaveLength(1);
});

test.each(["1Gi", "1.5Ti", "107374182400", "20G"])("size %j is one", (size) => {
  expect(modelWeightsProblems("llama", { ...weights, size })).toEqual([]);
});
