import { z } from "zod";
import { NfsDriver } from "../manifests/persistent-volume";
import { ConnectionType } from "../manifests/weights-source";
import { choice, flag, list, mapping, number, sensitive, text } from "./fields";

const serviceAccountName = () => text("the name of a ServiceAccount").exactOptional();

const downloadSchema = mapping({
  repository: text("a repository").describe("Repository at Hugging Face, as `owner/name`."),
  revision: text("a commit").describe("Commit, as its 40 hexadecimal digits; another one is another download."),
  allowMovingRevision: flag()
    .exactOptional()
    .describe("Accept a branch or a tag as `revision`, which is downloaded once however it moves. Default: false."),
  include: text("a pattern").exactOptional().describe("Only files that match it. Default: all."),
  exclude: z
    .string("a pattern, a string")
    .exactOptional()
    .describe("Not the files that match it; empty for none. Default: `original/*`."),
  tokenSecret: sensitive(
    mapping({
      name: text("the name of a Secret").describe("Name of the Secret."),
      key: text("a key of the Secret").describe("Key in it."),
    }),
  )
    .exactOptional()
    .describe("Secret of the model's namespace that holds the token for gated repositories. Default: none."),
  endpoint: sensitive(text("an http or https URL")).exactOptional().describe("Mirror. Default: Hugging Face."),
  image: text("an image")
    .exactOptional()
    .describe("Image with `hf` or `huggingface-cli`. Default: `kserve/storage-initializer`."),
  runAsUser: number()
    .exactOptional()
    .describe("User id of the container, above 0; not on OpenShift. Default: the image's."),
  expectedSeconds: number("seconds")
    .exactOptional()
    .describe("How long it is expected to take; given up after three times that and 10 minutes. Default: 100 MB/s."),
  mountOptions: list(text("a mount option")).exactOptional().describe("Options of the mount it writes to."),
})
  .exactOptional()
  .describe("Download a model to the export, by a Job that completes before anything is served.");

export const weightsSchema = mapping({
  nfs: mapping({
    server: text("a host name or address").describe("Host name or address of the NFS server."),
    path: text("an absolute path").describe("Export."),
    driver: choice(NfsDriver)
      .exactOptional()
      .describe("Who mounts it: `inTree` (default), or `csi`, the driver `nfs.csi.k8s.io`, which must be installed."),
    mountOptions: list(text("a mount option"))
      .exactOptional()
      .describe("Replace the defaults, which suit vLLM's eager load."),
    download: downloadSchema,
  })
    .exactOptional()
    .describe("NFS export that holds the weights or that they are downloaded to; volumes and claims are made."),
  existingClaim: text("the name of a PersistentVolumeClaim")
    .exactOptional()
    .describe("Claim that exists in the model's namespace."),
  modelImage: mapping({
    reference: text("an image").describe("Image with the model in its directory `/models`, without `oci://`."),
    native: flag()
      .exactOptional()
      .describe("Mount it as an image volume (`oci+native://`): KServe 0.20 and Kubernetes 1.35. Default: false."),
  })
    .exactOptional()
    .describe("A ModelCar: an image that holds the weights."),
  huggingFace: mapping({
    repository: text("a repository").describe("Repository, as `owner/name`."),
    revision: text("a commit").describe("Commit, as its 40 hexadecimal digits."),
    allowMovingRevision: flag().exactOptional().describe("Accept a branch or a tag as `revision`. Default: false."),
    serviceAccountName: serviceAccountName().describe(
      "ServiceAccount that names a Secret with the key `HF_TOKEN`. Default: the namespace's.",
    ),
  })
    .exactOptional()
    .describe("Repository at Hugging Face that each new pod fetches, by KServe."),
  s3: mapping({
    uri: text("s3://bucket/path").describe("`s3://bucket/path`."),
    serviceAccountName: serviceAccountName().describe(
      "ServiceAccount that names a Secret with the credentials. Default: the namespace's.",
    ),
    storageKey: text("a key").exactOptional().describe("Key of the Secret `storage-config` that describes the store."),
  })
    .exactOptional()
    .describe("Folder of an object store that each new pod fetches, by KServe."),
  connection: mapping({
    name: text("the name of a Secret").describe("Name of the connection's Secret."),
    type: choice(ConnectionType).describe("What it holds: `uri` (from Open Data Hub and OpenShift AI 3.0 on) or `s3`."),
    path: text("a path").exactOptional().describe("With `s3`: the folder of the model in the bucket."),
  })
    .exactOptional()
    .describe("Connection made in OpenShift AI's dashboard."),
  localModel: mapping({
    sourceUri: text("a URI").describe("Where the nodes fetch it from, e.g. `hf://owner/name:revision`."),
    nodeGroups: list(text("the name of a LocalModelNodeGroup")).describe("Groups of nodes that hold a copy."),
    serviceAccountName: serviceAccountName().describe("ServiceAccount with the credentials of the fetch; KServe 0.18."),
  })
    .exactOptional()
    .describe("Copy on the nodes' disks, kept by KServe's local model cache, which must be switched on."),
  subPath: text("a relative path")
    .exactOptional()
    .describe("Directory of the model inside the volume; with a download, the one its revisions go into."),
  size: text("a Kubernetes quantity such as 100Gi")
    .exactOptional()
    .describe("Written on volume and claim, which NFS does not enforce; taken of a node's cache. Default: `100Gi`."),
  modelGigabytes: number("gigabytes")
    .exactOptional()
    .describe("Size of the model's files, from which times of loads and downloads follow. Default: the profile's."),
  bandwidthMegabytesPerSecond: number("megabytes a second")
    .exactOptional()
    .describe("What the storage gives to all that read at the same time. Default: not a limit."),
}).describe(
  "Where the weights are: exactly one of `nfs`, `existingClaim`, `modelImage`, `huggingFace`, `s3`, `connection`, `localModel`.",
);
