/** A Helm release as a plain value. */
export interface HelmRelease {
  /** Name of the release, also the stem of most of its objects' names. */
  name: string;
  namespace: string;
  chart: string;
  /** Without one, `chart` is the whole `oci://` address. */
  repository: string | undefined;
  version: string;
  values: Record<string, unknown>;
  /** How long Helm waits until everything in it is ready. */
  timeoutSeconds: number;
}
