import { mostReplicasOf, mounts } from "../claims";
import { type Report, Severity } from "../finding";
import type { LintContext, Rule } from "../rule";
import { servesModels } from "../serves-models";
import type { LintedObject } from "../source/linted-object";

const claim = (mode: string, storage: string) => `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: weights
  namespace: models
spec:
  accessModes: [${mode}]
  ${storage}
  resources:
    requests:
      storage: 100Gi
`;

const volume = (mode: string, readOnly: boolean, options = "[nfsvers=4.1, hard, noatime]") => `apiVersion: v1
kind: PersistentVolume
metadata:
  name: weights
spec:
  accessModes: [${mode}]
  capacity:
    storage: 100Gi
  storageClassName: ""
  persistentVolumeReclaimPolicy: Retain
  mountOptions: ${options}
  nfs:
    server: nfs.example.com
    path: /models${readOnly ? "\n    readOnly: true" : ""}
---
${claim(mode, `storageClassName: ""\n  volumeName: weights`)}---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: llama
  namespace: models
spec:
  predictor:
    model:
      modelFormat:
        name: vLLM
      storageUri: pvc://weights/llama
`;

const notReadOnly: Rule = {
  id: "read-only-volume-is-writable",
  modelsOnly: true,
  title: "ReadOnlyMany does not make a volume read-only",
  severity: Severity.Warning,
  kinds: ["PersistentVolume"],
  happens: "A pod that serves can change or delete the weights of all.",
  why: "Access modes only decide which claim fits. Once mounted, nothing enforces them.",
  sources: ["kubernetes/website content/en/docs/concepts/storage/persistent-volumes.md, Access Modes"],
  fix: "Write `nfs.readOnly: true` (or `csi.readOnly`), and have a volume of its own for the download.",
  bad: volume("ReadOnlyMany", false),
  good: volume("ReadOnlyMany", true),
  *check(object: LintedObject): Generator<Report> {
    const modes = object
      .get("spec", "accessModes")
      .items()
      .map(({ text }) => text);
    const source = ["nfs", "csi"].map((kind) => object.get("spec", kind)).find(({ exists }) => exists);
    if (source === undefined || modes.length !== 1 || modes[0] !== "ReadOnlyMany") return;
    if (
      source.get("readOnly").value === true ||
      object
        .get("spec", "mountOptions")
        .items()
        .some(({ text }) => text === "ro")
    )
      return;
    yield {
      at: object.get("spec", "accessModes"),
      message: "ReadOnlyMany is a hint for claims: pods that mount it can write.",
      fix: `Write ${source.path.at(-1)}.readOnly: true.`,
    };
  },
};

const softMount: Rule = {
  id: "nfs-mount-options",
  modelsOnly: true,
  title: "A short outage of NFS gives vLLM broken weights",
  severity: Severity.Warning,
  kinds: ["PersistentVolume"],
  happens: "With `soft` a read that takes too long returns an error instead of waiting, in the middle of loading.",
  why: "`hard`, the default, waits. `nolock` and NFS 3 have no place in new set-ups.",
  sources: ["nfs(5)"],
  fix: "Write `hard`, and `nfsvers=4.1` or newer.",
  bad: volume("ReadOnlyMany", true, "[nfsvers=4.1, soft]"),
  good: volume("ReadOnlyMany", true),
  *check(object: LintedObject): Generator<Report> {
    for (const option of object.get("spec", "mountOptions").items()) {
      if (option.text === "soft")
        yield {
          at: option,
          message: "soft makes slow reads fail while weights are loaded.",
          fix: "Write hard.",
          edits: [{ kind: "set", path: option.path, value: "hard" }],
        };
    }
  },
};

const scaledBeyondOneNode = (mode: string) => `${claim(mode, "storageClassName: fast")}---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: llama
  namespace: models
  annotations:
    serving.kserve.io/autoscalerClass: keda
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 7
    model:
      modelFormat:
        name: vLLM
      storageUri: pvc://weights/llama
`;

/** What pods of several nodes mount at once, whatever the access mode says: nothing is attached to a node. */
const sharedDrivers = /nfs|efs|file|ceph\.?fs|lustre|fuse|fsx|weka|juicefs|gpfs|scale|s3|blob/i;

const mountedByOneNode: Rule = {
  id: "claim-of-one-node",
  modelsOnly: true,
  title: "Replicas on other nodes cannot mount the weights",
  severity: Severity.Warning,
  kinds: ["PersistentVolumeClaim"],
  happens:
    "The second replica gets a GPU on another node and stays in `ContainerCreating` with `Multi-Attach error`, with the GPU reserved. With `ReadWriteOncePod` no second replica is scheduled at all.",
  why: "A volume of the mode `ReadWriteOnce` is attached to one node at a time. GPUs are mostly on several nodes.",
  sources: [
    "kubernetes/website content/en/docs/concepts/storage/persistent-volumes.md, Access Modes",
    "kubernetes/kubernetes pkg/controller/volume/attachdetach/reconciler/reconciler.go, Multi-Attach error",
  ],
  fix: "Serve from a claim with `ReadOnlyMany` or `ReadWriteMany`, from a network file system, or from `oci://` or `hf://`.",
  bad: scaledBeyondOneNode("ReadWriteOnce"),
  good: scaledBeyondOneNode("ReadOnlyMany"),
  *check(object: LintedObject, context: LintContext): Generator<Report> {
    const modes = object.get("spec", "accessModes");
    const given = modes.items().map(({ text }) => text ?? "");
    const isForPod = given.includes("ReadWriteOncePod");
    if (given.length !== 1 || !(isForPod || given.includes("ReadWriteOnce"))) return;
    if (!isForPod && isShared(object, context)) return;
    const kinds = ["InferenceService", "LLMInferenceService", "Deployment", "StatefulSet", "LeaderWorkerSet"];
    const users = kinds
      .flatMap((kind) => context.objects.inNamespace(object.namespace, kind))
      .filter((user) => mounts(user, object.name) && servesModels(user, context));
    const [most] = users
      .map((user) => ({ user, replicas: mostReplicasOf(user, context) }))
      .sort((a, b) => b.replicas - a.replicas);
    if (most === undefined || most.replicas <= 1) return;
    yield {
      at: modes,
      message: `${most.user.title} can have ${most.replicas} replicas, and ${given[0]} lets ${isForPod ? "one pod" : "the pods of one node"} mount ${object.name}.`,
      fix: "Write ReadOnlyMany or ReadWriteMany, on a volume that has it.",
    };
  },
};

/** Whether the volume that it is bound to is seen to be one that all nodes can mount, or that ties its pods to a node. */
function isShared(claimed: LintedObject, { objects }: LintContext): boolean {
  const name = claimed.get("spec", "volumeName").text;
  const volume = name === undefined ? undefined : objects.find("PersistentVolume", "", name);
  const source = volume?.get("spec");
  if (source === undefined) return sharedDrivers.test(claimed.get("spec", "storageClassName").text ?? "");
  const isFileSystem = ["nfs", "cephfs", "glusterfs", "hostPath", "local"].some((kind) => source.get(kind).exists);
  return isFileSystem || sharedDrivers.test(source.get("csi", "driver").text ?? "");
}

export const volumeRules: readonly Rule[] = [notReadOnly, softMount, mountedByOneNode];
