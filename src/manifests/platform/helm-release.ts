import type { HelmValues } from "./helm-values";
import type { ChartSource } from "./piece";

/** A Helm release as a plain value. */
export interface HelmRelease {
  /** Name of the release, also the stem of most of its objects' names. */
  name: string;
  namespace: string;
  chart: string;
  /** Without one, `chart` is the whole `oci://` address. */
  repository: string | undefined;
  version: string;
  values: HelmValues;
  /** How long Helm waits until everything in it is ready. */
  timeoutSeconds: number;
  /** Do not compare objects with the definitions that are there, which a hook of the chart is about to bring up to date. */
  disableOpenapiValidation?: boolean;
}

/** The chart `name`, from upstream's repository and in our version unless the source says otherwise. */
export function chartOf(
  name: string,
  upstream: { repository: string; version: string },
  source: ChartSource = {},
): Pick<HelmRelease, "chart" | "repository" | "version"> {
  const repository = source.repository ?? upstream.repository;
  const version = source.version ?? upstream.version;
  return repository.startsWith("oci://")
    ? { chart: `${repository.replace(/\/+$/, "")}/${name}`, repository: undefined, version }
    : { chart: name, repository, version };
}
