import type { Problem } from "../policy/policy-input";
import { quantityBytes } from "../policy/quantity";
import { Role, standardLabels } from "./labels";
import {
  childName,
  nameProblems,
  namespaceProblems,
  objectNamesProblems,
  persistentVolumeName,
  stableHash,
} from "./naming";
import { downloadProblems, modelDirectory, type WeightsDownload } from "./weights-download";

/** Who mounts an NFS export. */
export const NfsDriver = {
  /** The kubelet itself. */
  InTree: "inTree",
  /** The CSI driver `nfs.csi.k8s.io`, which must be installed. */
  Csi: "csi",
} as const;
export type NfsDriver = (typeof NfsDriver)[keyof typeof NfsDriver];

/** What a volume over the export is for. */
export const VolumePurpose = { Serving: "serving", Download: "download" } as const;
export type VolumePurpose = (typeof VolumePurpose)[keyof typeof VolumePurpose];

/**
 * Mount options. `nfsvers=4.1` for sessions; `hard` since an error in the middle of a load must not become a truncated file;
 * `noatime` since nobody asks when weights were read; `nconnect=8` and sizes of 1 MiB because one TCP connection with small pieces
 * does not fill a fast network.
 */
const purposes = {
  serving: {
    accessMode: "ReadOnlyMany",
    readOnly: true,
    mountOptions: ["nfsvers=4.1", "ro", "hard", "noatime", "nconnect=8", "rsize=1048576"],
    role: Role.Weights,
  },
  download: {
    accessMode: "ReadWriteMany",
    readOnly: false,
    mountOptions: ["nfsvers=4.1", "hard", "noatime", "nconnect=8", "wsize=1048576"],
    role: Role.Download,
  },
} as const satisfies Record<VolumePurpose, unknown>;

const csiDriver = "nfs.csi.k8s.io";
export const defaultWeightsSize = "100Gi";

/** An NFS export. `S` is `string`, or `Input<string>` inside a Pulumi program. */
export interface NfsSource<S = string> {
  /** Host name or address of the NFS server. */
  server: S;
  /** Absolute path of the export. */
  path: S;
  /** Who mounts it: `inTree` or `csi`. @default `inTree`: it needs nothing on the cluster */
  driver?: NfsDriver;
  /** Options of the mount. @default `nfsvers=4.1`, `ro`, `hard`, `noatime`, `nconnect=8`, `rsize=1048576` */
  mountOptions?: string[] | undefined;
  /** Download the model to the export before it is served. @default nothing: the weights are there */
  download?: WeightsDownload | undefined;
}

export interface ModelWeightsOptions<S = string> {
  /** Namespace of the claims. It must exist. */
  namespace: S;
  nfs: NfsSource<S>;
  /** Directory of the model inside the export; with a download, the one its revisions go into. @default its root; with a download, the repository's name */
  subPath?: string | undefined;
  /** Capacity written on the objects; NFS does not enforce it. A Kubernetes quantity. @default `100Gi` */
  size?: string | undefined;
  /** Size of the model's files in gigabytes, from which follows how long a download may take. @default `size` */
  modelGigabytes?: number | undefined;
  /** Pull secrets of the namespace for the image of a download, by name. @default none beside those of the ServiceAccount */
  imagePullSecrets?: string[] | undefined;
}

/** The weights with the names of their objects, which are derived from values that may not be known yet. */
export interface NamedWeights<S = string> {
  /** Name of the component, for the labels. */
  instance: string;
  namespace: S;
  nfs: NfsSource<S>;
  size?: string | undefined;
  claimName: S;
  volumeName: S;
}

/** What a bound pair cannot change. */
export interface VolumeIdentity {
  server: string;
  path: string;
  size?: string | undefined;
  driver?: NfsDriver | undefined;
}

/**
 * Name of the claim, and by it of the volume. It carries a hash of what a bound pair cannot change, so that other weights get a
 * new pair beside the old one: the pods move over, and only then does the old pair go. Under one name, the old claim would
 * wait for its pods and the new pods for their claim.
 */
export function weightsClaimName(instance: string, purpose: VolumePurpose, identity: VolumeIdentity): string {
  const { server, path, size, driver } = identity;
  const parts = [server, path, size ?? defaultWeightsSize, ...(usesCsi(driver) ? [csiDriver] : [])];
  const beginning = purpose === VolumePurpose.Serving ? "weights" : "download";
  return childName(instance, `${beginning}-${stableHash(parts.join("\n"))}`);
}

export function weightsVolumeName(namespace: string, claimName: string): string {
  return persistentVolumeName(namespace, claimName);
}

/** A PersistentVolume over an NFS export, bound to one claim. It outlives its claim, as the export does. */
export function weightsVolume<S>(options: NamedWeights<S>, purpose: VolumePurpose = VolumePurpose.Serving) {
  const { accessMode, mountOptions, role } = purposes[purpose];
  return {
    apiVersion: "v1" as const,
    kind: "PersistentVolume" as const,
    metadata: { name: options.volumeName, labels: standardLabels(options.instance, role) },
    spec: {
      capacity: { storage: options.size ?? defaultWeightsSize },
      accessModes: [accessMode],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
      volumeMode: "Filesystem",
      mountOptions: [...(optionsOf(options.nfs, purpose) ?? mountOptions)],
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: options.namespace,
        name: options.claimName,
      },
      ...volumeSource(options, purpose),
    },
  };
}

/** Access modes are only matched; `readOnly` is what makes the mount read-only. */
function volumeSource<S>({ nfs, volumeName }: NamedWeights<S>, purpose: VolumePurpose) {
  const { readOnly } = purposes[purpose];
  return usesCsi(nfs.driver)
    ? {
        csi: {
          driver: csiDriver,
          // Unique in the cluster, as the name of the volume is. The driver reads the attributes.
          volumeHandle: volumeName,
          readOnly,
          volumeAttributes: { server: nfs.server, share: nfs.path },
        },
      }
    : { nfs: { server: nfs.server, path: nfs.path, ...(readOnly ? { readOnly } : {}) } };
}

function optionsOf<S>({ mountOptions, download }: NfsSource<S>, purpose: VolumePurpose): string[] | undefined {
  return purpose === VolumePurpose.Serving ? mountOptions : download?.mountOptions;
}

function usesCsi(driver: NfsDriver | undefined): boolean {
  return driver === NfsDriver.Csi;
}

/** The claim bound to the volume of `weightsVolume`. The empty class keeps a default StorageClass from provisioning another one. */
export function weightsClaim<S>(options: NamedWeights<S>, purpose: VolumePurpose = VolumePurpose.Serving) {
  const { accessMode, role } = purposes[purpose];
  return {
    apiVersion: "v1" as const,
    kind: "PersistentVolumeClaim" as const,
    metadata: {
      name: options.claimName,
      namespace: options.namespace,
      labels: standardLabels(options.instance, role),
    },
    spec: {
      accessModes: [accessMode],
      storageClassName: "",
      volumeMode: "Filesystem",
      volumeName: options.volumeName,
      resources: { requests: { storage: options.size ?? defaultWeightsSize } },
    },
  };
}

/** Directory of the model inside its volume. */
export function servedDirectory(
  nfs: { download?: WeightsDownload | undefined } | undefined,
  subPath: string | undefined,
) {
  return nfs?.download === undefined ? subPath : modelDirectory(nfs.download, subPath);
}

/** Everything wrong with the arguments of weights on NFS, as far as they are known. */
export function modelWeightsProblems<S>(name: string, options: ModelWeightsOptions<S>): Problem[] {
  return [
    ...nameProblems("name", name),
    ...(typeof options.namespace === "string" ? namespaceProblems("namespace", options.namespace) : []),
    ...nfsProblems("nfs", options.nfs),
    ...subPathProblems("subPath", options.subPath),
    ...sizeProblems("size", options.size),
    ...gigabytesProblems("modelGigabytes", options.modelGigabytes),
    ...objectNamesProblems("imagePullSecrets", options.imagePullSecrets),
  ];
}

export function nfsProblems<S>(path: string, nfs: NfsSource<S>): Problem[] {
  return [
    ...(typeof nfs.server === "string" ? serverProblems(`${path}.server`, nfs.server) : []),
    ...(typeof nfs.path === "string" ? exportPathProblems(`${path}.path`, nfs.path) : []),
    ...driverProblems(`${path}.driver`, nfs.driver),
    ...(nfs.download === undefined ? [] : downloadProblems(`${path}.download`, nfs.download)),
  ];
}

function driverProblems(path: string, driver: string | undefined): Problem[] {
  const known: readonly string[] = Object.values(NfsDriver);
  return driver === undefined || known.includes(driver)
    ? []
    : [{ path, message: `is "${driver}"; take one of ${known.join(", ")}.` }];
}

export function serverProblems(path: string, server: string): Problem[] {
  return server === "" ? [{ path, message: "is empty; give the host name or address of the NFS server." }] : [];
}

export function exportPathProblems(path: string, exported: string): Problem[] {
  return exported.startsWith("/")
    ? []
    : [{ path, message: `is "${exported}"; the path of an export begins with a slash.` }];
}

export function sizeProblems(path: string, size: string | undefined): Problem[] {
  return size === undefined || quantityBytes(size) !== undefined
    ? []
    : [{ path, message: `is "${size}"; write a Kubernetes quantity greater than 0, e.g. 100Gi.` }];
}

export function gigabytesProblems(path: string, gigabytes: number | undefined): Problem[] {
  return gigabytes === undefined || (Number.isFinite(gigabytes) && gigabytes > 0)
    ? []
    : [{ path, message: `is ${gigabytes}; it must be above 0 gigabytes.` }];
}

/** Kubernetes refuses a directory that could lead out of the volume. */
export function subPathProblems(path: string, subPath: string | undefined): Problem[] {
  return subPath === undefined || (subPath !== "" && !subPath.startsWith("/") && !subPath.split("/").includes(".."))
    ? []
    : [
        {
          path,
          message: `is "${subPath}"; write a directory inside the volume, without a slash at its beginning and without "..".`,
        },
      ];
}
