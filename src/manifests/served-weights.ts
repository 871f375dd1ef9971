import { capacityProfile } from "../policy";
import {
  sharedReadSeconds,
  startingTogether,
  type WeightsLoading,
  weightsLoadSeconds,
} from "../policy/weights-loading";
import { servedDirectory } from "./persistent-volume";
import type { ServedModelOptions } from "./served-model-options";
import { type Startup, startupParts } from "./start-up";
import { revisionWarnings } from "./weights-download";
import type { KServeStorage, WeightsMount } from "./weights-mount";
import { ConnectionType, sourcesOf, type WeightsSource } from "./weights-source";
import { storageOf } from "./weights-support";
import { usesKServe } from "./workload";

/** A registry's pull of an image with weights, as a pull of vLLM's image is assumed. */
const pullMegabytesPerSecond = 170;

/** How the weights get into the pods. `claim` is the claim that holds them, if one does. */
export function weightsMount<S>(options: ServedModelOptions<S>, claim: S | undefined): WeightsMount<S | string> {
  const { weights } = options;
  if (claim !== undefined) {
    return { weightsClaim: claim, weightsSubPath: servedDirectory(weights.nfs, weights.subPath) };
  }
  return weights.modelImage !== undefined && !usesKServe(options)
    ? { weightsImage: weights.modelImage.reference }
    : { kserveStorage: kserveStorage(weights) };
}

function kserveStorage<S>({ modelImage, huggingFace, s3, connection, localModel }: WeightsSource<S>): KServeStorage {
  if (modelImage !== undefined) {
    return { uri: `${modelImage.native === true ? "oci+native" : "oci"}://${modelImage.reference}` };
  }
  if (huggingFace !== undefined) {
    const { repository, revision, serviceAccountName } = huggingFace;
    return { uri: `hf://${repository}:${revision}`, serviceAccountName };
  }
  if (s3 !== undefined) {
    return s3.storageKey === undefined
      ? { uri: s3.uri, serviceAccountName: s3.serviceAccountName }
      : { key: s3.storageKey, ...bucketAndPath(s3.uri) };
  }
  if (connection !== undefined) {
    const { name, type, path } = connection;
    // Of a bucket, the fields as well: they are what releases before 3.0 read.
    return { connection: name, ...(type === ConnectionType.S3 ? { key: name, path } : {}) };
  }
  return { uri: localModel?.sourceUri };
}

function bucketAndPath(uri: string): { bucket: string; path: string } {
  const [bucket = "", ...path] = uri.replace(/^s3:\/\//, "").split("/");
  return { bucket, path: path.join("/") };
}

/** The start of a replica, with what is not declared derived from where the weights are. */
export function modelStartup<S>(options: ServedModelOptions<S>): Startup {
  const { startup, weights, prePullImage } = options;
  const loading = weightsLoading(options);
  const ofWeights =
    loading === undefined || weights.modelImage === undefined
      ? 0
      : Math.ceil((loading.gigabytes * 1000) / pullMegabytesPerSecond);
  const ofImage = prePullImage === true ? 0 : startupParts(undefined).imagePullSeconds;
  return startupParts({
    imagePullSeconds: startup?.imagePullSeconds ?? ofImage + ofWeights,
    loadSeconds: startup?.loadSeconds ?? (loading === undefined ? undefined : weightsLoadSeconds(loading)),
    compileSeconds: startup?.compileSeconds,
  });
}

/** What is said of weights that can be served, but not as one may think. */
export function weightsWarnings<S>(options: ServedModelOptions<S>): string[] {
  const { huggingFace } = options.weights;
  return [
    ...(huggingFace === undefined
      ? []
      : revisionWarnings("weights.huggingFace", huggingFace, "and replicas would serve different ones")),
    ...bandwidthWarnings(options),
  ];
}

/** Whether the storage can give all replicas that start together their weights in the declared time. */
function bandwidthWarnings<S>(options: ServedModelOptions<S>): string[] {
  const loading = weightsLoading(options);
  const declared = options.startup?.loadSeconds;
  const needed = loading === undefined ? 0 : Math.ceil(sharedReadSeconds(loading));
  if (loading === undefined || declared === undefined || needed <= declared) {
    return [];
  }
  const { together, gigabytes, bandwidthMegabytesPerSecond: bandwidth } = loading;
  return [
    `Up to ${together} replicas may start together and read ${gigabytes} GB each: at ${bandwidth} MB/s ` +
      `(weights.bandwidthMegabytesPerSecond) that takes ${needed} s, but startup.loadSeconds is ${declared}. ` +
      `Declare ${needed}, or leave it out.`,
  ];
}

/** Size of the model's files, as far as it is known. */
export function modelGigabytes<S>(options: ServedModelOptions<S>): number | undefined {
  return options.weights.modelGigabytes ?? loadingProfile(options)?.weightsGigabytes;
}

function loadingProfile<S>({ capacity }: ServedModelOptions<S>) {
  return capacity?.profile === undefined ? undefined : capacityProfile(capacity.profile)?.loading;
}

function weightsLoading<S>(options: ServedModelOptions<S>): WeightsLoading | undefined {
  const { weights, replicas } = options;
  const gigabytes = modelGigabytes(options);
  const [kind] = sourcesOf(weights);
  return gigabytes === undefined || kind === undefined
    ? undefined
    : {
        storage: storageOf(kind),
        gigabytes,
        profile: loadingProfile(options),
        together: startingTogether(replicas.min ?? 1, replicas.max),
        bandwidthMegabytesPerSecond: weights.bandwidthMegabytesPerSecond,
      };
}

/** A model with the start of its replicas as it follows from where the weights are. */
export function withStartup<S>(options: ServedModelOptions<S>): ServedModelOptions<S> {
  return { ...options, startup: modelStartup(options) };
}
