import { type LogicalObject, named } from "./kubernetes-object";
import { logicalNames } from "./naming";
import {
  defaultWeightsSize,
  type ModelWeightsOptions,
  type NfsSource,
  VolumePurpose,
  weightsClaim,
  weightsClaimName,
  weightsVolume,
  weightsVolumeName,
} from "./persistent-volume";
import {
  downloadJob,
  downloadJobName,
  downloadJobSpec,
  expectedDownloadSeconds,
  modelDirectory,
  type NamedDownload,
  revisionWarnings,
  type WeightsDownload,
} from "./weights-download";

/** The objects of weights on NFS in the order they are created in. */
export function modelWeightsManifests(name: string, options: ModelWeightsOptions): LogicalObject[] {
  const names = logicalNames(name);
  const serving = pair(name, options, VolumePurpose.Serving).objects.map((object) => named(names.weights, object));
  const { download } = options.nfs;
  if (download === undefined) {
    return serving;
  }
  const written = pair(name, options, VolumePurpose.Download);
  const run = namedDownload(name, options, download, written.claimName);
  const job = downloadJob(downloadJobName(name, downloadJobSpec(run)), run);
  return [...serving, ...[...written.objects, job].map((object) => named(names.download, object))];
}

/** What is said of weights on NFS that work, but not as one may think. */
export function nfsWarnings<S>(path: string, { download }: NfsSource<S>): string[] {
  return download === undefined ? [] : revisionWarnings(`${path}.download`, download, "but is never downloaded again");
}

function pair(name: string, options: ModelWeightsOptions, purpose: VolumePurpose) {
  const { namespace, nfs, size } = options;
  const claimName = weightsClaimName(name, purpose, { server: nfs.server, path: nfs.path, size, driver: nfs.driver });
  const volumeName = weightsVolumeName(namespace, claimName);
  const weights = { instance: name, namespace, nfs, size, claimName, volumeName };
  return { claimName, objects: [weightsVolume(weights, purpose), weightsClaim(weights, purpose)] };
}

/** The download of weights on NFS through a claim. */
export function namedDownload<S>(
  instance: string,
  { namespace, subPath, modelGigabytes, size, imagePullSecrets }: Omit<ModelWeightsOptions<S>, "nfs">,
  download: WeightsDownload,
  claimName: S,
): NamedDownload<S> {
  return {
    instance,
    namespace,
    claimName,
    download,
    directory: modelDirectory(download, subPath),
    expectedSeconds: expectedDownloadSeconds(download, modelGigabytes, size ?? defaultWeightsSize),
    imagePullSecrets,
  };
}
