import { parseVersion } from "../policy/version";
import { versions } from "../versions";
import type { LintVersions } from "./rule";

/** Releases as people write them: `1.36.3`. */
export type ReleaseTexts = Record<keyof LintVersions, string>;

/** The releases that are meant where nobody says others: those this package installs. */
export const lintedVersions: ReleaseTexts = {
  vllm: versions.vllm,
  keda: versions.keda,
  kubernetes: versions.kubernetes,
  kserve: versions.kserve,
};

/**
 * Releases as the rules read them.
 *
 * @throws Error that names the release which is none
 */
export function parseLintVersions(texts: ReleaseTexts): LintVersions {
  const parsed = (name: keyof LintVersions) => {
    const version = parseVersion(texts[name]);
    if (version === undefined)
      throw new Error(`${name} ${texts[name]} is no release: write it as ${lintedVersions[name]}.`);
    return version;
  };
  return { vllm: parsed("vllm"), keda: parsed("keda"), kubernetes: parsed("kubernetes"), kserve: parsed("kserve") };
}
