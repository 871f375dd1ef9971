import type { Input } from "@pulumi/pulumi";
import type { ModelWeightsOptions, NfsSource } from "../../manifests/persistent-volume";

/** An NFS export that holds the weights. */
export interface NfsExport extends NfsSource<Input<string>> {}

/** A PersistentVolume over an NFS export and the claim bound to it, both read-only for many nodes. */
export interface ModelWeightsArgs extends ModelWeightsOptions<Input<string>> {
  nfs: NfsExport;
}
