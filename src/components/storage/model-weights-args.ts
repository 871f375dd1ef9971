import type { Input } from "@pulumi/pulumi";

export interface NfsExportArgs {
  /** Host name or address of the NFS server. */
  server: Input<string>;
  /** Absolute path of the export. */
  path: Input<string>;
  /** @default `nfsvers=4.1`, `ro`, `hard`, `noatime`, `nconnect=8`, `rsize=1048576`: see docs/concepts.md */
  mountOptions?: string[];
}

/** A PersistentVolume over an NFS export and the claim bound to it, both read-only for many nodes. */
export interface ModelWeightsArgs {
  /** Namespace of the claim. It must exist. */
  namespace: Input<string>;
  nfs: NfsExportArgs;
  /** Capacity written on both objects; NFS does not enforce it. A Kubernetes quantity. @default `100Gi` */
  size?: string;
}
