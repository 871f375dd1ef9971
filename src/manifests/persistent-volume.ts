import type { Problem } from "../policy/policy-input";
import { Role, standardLabels } from "./labels";
import { childName, nameProblems, namespaceProblems, persistentVolumeName, stableHash } from "./naming";

/**
 * Mount options of the weights. `nfsvers=4.1` for sessions; `ro` and `noatime` since nothing is written; `hard` since a
 * read error in the middle of a load must not become a truncated file; `nconnect=8` and `rsize=1048576` because one TCP
 * connection with small reads does not fill a fast network when several replicas load at once.
 */
const defaultMountOptions = ["nfsvers=4.1", "ro", "hard", "noatime", "nconnect=8", "rsize=1048576"];

const defaultWeightsSize = "100Gi";

/** An NFS export. `S` is `string`, or `Input<string>` inside a Pulumi program. */
export interface NfsSource<S = string> {
  /** Host name or address of the NFS server. */
  server: S;
  /** Absolute path of the export. */
  path: S;
  /** Options of the mount. @default `nfsvers=4.1`, `ro`, `hard`, `noatime`, `nconnect=8`, `rsize=1048576`: see docs/concepts.md */
  mountOptions?: string[] | undefined;
}

export interface ModelWeightsOptions<S = string> {
  /** Namespace of the claim. It must exist. */
  namespace: S;
  nfs: NfsSource<S>;
  /** Capacity written on both objects; NFS does not enforce it. A Kubernetes quantity. @default `100Gi` */
  size?: string | undefined;
}

/** The weights with the names of their objects, which are derived from values that may not be known yet. */
export interface NamedWeights<S = string> extends ModelWeightsOptions<S> {
  /** Name of the component, for the labels. */
  instance: string;
  claimName: S;
  volumeName: S;
}

/**
 * Name of the claim, and by it of the volume. It carries a hash of what a bound pair cannot change, so that other weights get a
 * new pair beside the old one: the pods move over, and only then does the old pair go. Under one name, the old claim would
 * wait for its pods and the new pods for their claim.
 */
export function weightsClaimName(instance: string, server: string, path: string, size: string | undefined): string {
  return childName(instance, `weights-${stableHash([server, path, size ?? defaultWeightsSize].join("\n"))}`);
}

export function weightsVolumeName(namespace: string, claimName: string): string {
  return persistentVolumeName(namespace, claimName);
}

/** A PersistentVolume over an NFS export, bound to one claim, for many nodes to read. It outlives its claim, as the export does. */
export function weightsVolume<S>(options: NamedWeights<S>) {
  return {
    apiVersion: "v1" as const,
    kind: "PersistentVolume" as const,
    metadata: { name: options.volumeName, labels: standardLabels(options.instance, Role.Weights) },
    spec: {
      capacity: { storage: options.size ?? defaultWeightsSize },
      accessModes: ["ReadOnlyMany"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
      volumeMode: "Filesystem",
      mountOptions: options.nfs.mountOptions ?? defaultMountOptions,
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: options.namespace,
        name: options.claimName,
      },
      // Access modes are only matched; this is what makes the mount read-only.
      nfs: { server: options.nfs.server, path: options.nfs.path, readOnly: true },
    },
  };
}

/** The claim bound to the volume of `weightsVolume`. The empty class keeps a default StorageClass from provisioning another one. */
export function weightsClaim<S>(options: NamedWeights<S>) {
  return {
    apiVersion: "v1" as const,
    kind: "PersistentVolumeClaim" as const,
    metadata: {
      name: options.claimName,
      namespace: options.namespace,
      labels: standardLabels(options.instance, Role.Weights),
    },
    spec: {
      accessModes: ["ReadOnlyMany"],
      storageClassName: "",
      volumeMode: "Filesystem",
      volumeName: options.volumeName,
      resources: { requests: { storage: options.size ?? defaultWeightsSize } },
    },
  };
}

/** Everything wrong with the arguments of weights on NFS, as far as they are known. */
export function modelWeightsProblems<S>(name: string, options: ModelWeightsOptions<S>): Problem[] {
  return [
    ...nameProblems("name", name),
    ...(typeof options.namespace === "string" ? namespaceProblems("namespace", options.namespace) : []),
    ...nfsProblems("nfs", options.nfs),
    ...sizeProblems("size", options.size),
  ];
}

export function nfsProblems<S>(path: string, nfs: NfsSource<S>): Problem[] {
  return [
    ...(typeof nfs.server === "string" ? serverProblems(`${path}.server`, nfs.server) : []),
    ...(typeof nfs.path === "string" ? exportPathProblems(`${path}.path`, nfs.path) : []),
  ];
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
  if (size === undefined || /^[1-9]\d*(\.\d+)?([KMGTP]i?)?$/.test(size)) {
    return [];
  }
  return [{ path, message: `is "${size}"; write a Kubernetes quantity greater than 0, e.g. 100Gi.` }];
}
