import type { LoadingProfile } from "./capacity-profile";

/** Where a replica reads its weights from when it starts. */
export const StorageKind = {
  /** A volume that many nodes mount, such as NFS. */
  Network: "network",
  /** A copy that the pod fetches before vLLM starts, from a hub or an object store. */
  Fetched: "fetched",
  /** An image with the weights, which the node has pulled. */
  Image: "image",
  /** A disk of the node that holds them already. */
  Local: "local",
} as const;
export type StorageKind = (typeof StorageKind)[keyof typeof StorageKind];

/**
 * How fast one replica gets its weights, where no profile says it, in megabytes a second. Estimates: half of a 5 Gbit/s network for
 * NFS; a fetch at 100 MB/s and then a read from the node's disk; a cloud volume of 500 MB/s.
 */
const assumedMegabytesPerSecond: Readonly<Record<StorageKind, number>> = {
  network: 270,
  fetched: 80,
  image: 500,
  local: 500,
};

/** Kinds whose readers share one server. */
const shared: readonly StorageKind[] = [StorageKind.Network, StorageKind.Fetched];

/** The weights, and who reads them at the same time. */
export interface WeightsLoading {
  storage: StorageKind;
  gigabytes: number;
  profile?: LoadingProfile | undefined;
  /** Replicas that may start at the same time. */
  together: number;
  /** What the storage gives all readers together, in megabytes a second. */
  bandwidthMegabytesPerSecond?: number | undefined;
}

/** Seconds until a replica that starts with all the others has its weights. */
export function weightsLoadSeconds(loading: WeightsLoading): number {
  const { storage, gigabytes, profile } = loading;
  const rate = profile?.megabytesPerSecond[storage] ?? assumedMegabytesPerSecond[storage];
  return Math.ceil(Math.max((gigabytes * 1000) / rate, sharedReadSeconds(loading)));
}

/** Seconds in which the storage can give all replicas that start together their weights; 0 where nothing limits it. */
export function sharedReadSeconds(loading: WeightsLoading): number {
  const { storage, gigabytes, together, bandwidthMegabytesPerSecond: bandwidth } = loading;
  return bandwidth === undefined || !shared.includes(storage) ? 0 : (together * gigabytes * 1000) / bandwidth;
}

/** Replicas that may start at the same time: all up to the least at first, or all that an autoscaler can add. */
export function startingTogether(min: number, max: number): number {
  return Math.max(min, max - min);
}
