import type { NfsSource } from "./persistent-volume";

/** An image with the model in its directory `/models`: a ModelCar. */
export interface ModelImage {
  /** Reference of the image, without `oci://`. Pin a digest or a tag that is never moved. */
  reference: string;
  /**
   * Mount it as an image volume instead of running it beside vLLM: `oci+native://`. The backend `deployment` always does.
   * @default false: needs KServe 0.20 and Kubernetes 1.35
   */
  native?: boolean | undefined;
}

/** A repository at Hugging Face that each new pod fetches: `hf://`. */
export interface HuggingFaceModel {
  /** Repository, as `owner/name`. */
  repository: string;
  /** Commit, as its 40 hexadecimal digits. */
  revision: string;
  /** Accept a branch or a tag as `revision`: two replicas may then serve different weights. @default false */
  allowMovingRevision?: boolean | undefined;
  /** ServiceAccount of the namespace that names a Secret with the key `HF_TOKEN`. @default the namespace's, `default` */
  serviceAccountName?: string | undefined;
}

/** A folder of an object store that each new pod fetches: `s3://`. Credentials are those of a ServiceAccount or of a storage key. */
export interface S3Model {
  /** `s3://bucket/path`. */
  uri: string;
  /** ServiceAccount of the namespace that names a Secret with the credentials, or an IAM role. @default the namespace's, `default` */
  serviceAccountName?: string | undefined;
  /** Key of the Secret `storage-config` of the namespace, whose value describes the store. @default none */
  storageKey?: string | undefined;
}

/** What a dashboard connection of OpenShift AI holds. */
export const ConnectionType = {
  /** A URI of any kind; read by Open Data Hub and OpenShift AI from 3.0 on. */
  Uri: "uri",
  /** A bucket with its credentials. */
  S3: "s3",
} as const;
export type ConnectionType = (typeof ConnectionType)[keyof typeof ConnectionType];

/** A connection that was made in OpenShift AI's dashboard: a Secret of the model's namespace. */
export interface DashboardConnection {
  /** Name of the connection's Secret. */
  name: string;
  /** `uri` or `s3`. */
  type: ConnectionType;
  /** With `s3`: the folder of the model in the bucket. */
  path?: string | undefined;
}

/** A copy on the disks of nodes, which KServe's local model cache keeps: needs that part of KServe, switched on. */
export interface LocalModel {
  /** Where the nodes fetch it from, e.g. `hf://owner/name:revision`. */
  sourceUri: string;
  /** LocalModelNodeGroups whose nodes hold a copy. */
  nodeGroups: string[];
  /** ServiceAccount with the credentials of the fetch, in KServe's namespace of cache jobs; from KServe 0.18 on. @default none */
  serviceAccountName?: string | undefined;
}

/** Where the weights are: exactly one of the blocks. */
export interface WeightsSource<S = string> {
  /** An NFS export that holds them or that they are downloaded to; volumes and claims are made. */
  nfs?: NfsSource<S> | undefined;
  /** A claim that exists in the model's namespace. */
  existingClaim?: S | undefined;
  /** An image that holds them. */
  modelImage?: ModelImage | undefined;
  /** A repository at Hugging Face that each new pod fetches. */
  huggingFace?: HuggingFaceModel | undefined;
  /** A folder of an object store that each new pod fetches. */
  s3?: S3Model | undefined;
  /** A connection of OpenShift AI's dashboard. */
  connection?: DashboardConnection | undefined;
  /** A copy on the nodes' disks, kept by KServe. */
  localModel?: LocalModel | undefined;
  /** Directory of the model inside the volume; with a download, the one its revisions go into. @default its root; with a download, the repository's name */
  subPath?: string | undefined;
  /** Capacity written on volume and claim, which NFS does not enforce, or taken of a node's cache. A Kubernetes quantity. @default `100Gi` */
  size?: string | undefined;
  /** Size of the model's files in gigabytes, from which follows how long a load or a download may take. @default that of the capacity profile */
  modelGigabytes?: number | undefined;
  /**
   * What the storage gives to all that read at the same time, in megabytes a second: replicas that start together share it.
   * @default not a limit
   */
  bandwidthMegabytesPerSecond?: number | undefined;
}

export const SourceKind = {
  Nfs: "nfs",
  ExistingClaim: "existingClaim",
  ModelImage: "modelImage",
  HuggingFace: "huggingFace",
  S3: "s3",
  Connection: "connection",
  LocalModel: "localModel",
} as const satisfies Record<string, keyof WeightsSource>;
export type SourceKind = (typeof SourceKind)[keyof typeof SourceKind];

/** The blocks that are given. */
export function sourcesOf<S>(weights: WeightsSource<S>): SourceKind[] {
  return Object.values(SourceKind).filter((kind) => weights[kind] !== undefined);
}
