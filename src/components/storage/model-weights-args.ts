import type { Input } from "@pulumi/pulumi";
import type { ModelWeightsOptions, NfsSource } from "../../manifests/persistent-volume";

export { NfsDriver } from "../../manifests/persistent-volume";
export type { WeightsDownload } from "../../manifests/weights-download";

/** An NFS export that holds the weights, or that they are downloaded to. */
export interface NfsExport extends NfsSource<Input<string>> {}

/** A PersistentVolume over an NFS export and the claim bound to it, both read-only for many nodes; and a download, where one is given. */
export interface ModelWeightsArgs extends ModelWeightsOptions<Input<string>> {
  nfs: NfsExport;
}
