import type { CapacityProfile } from "./capacity-profile";
import type { CapacityInput } from "./policy-input";
import { formatVersion, isAtLeast, parseVersion, type Version } from "./version";

/**
 * That the figures a policy rests on are of another vLLM than the one that serves: schedulers, kernels and defaults change. `undefined`
 * where the minor release is one that the profile states, or no profile is used.
 */
export function otherRelease({ profile, concurrencyPerReplica }: CapacityInput, vllm: Version): string | undefined {
  if (profile === undefined || concurrencyPerReplica !== undefined || holdsFor(profile, vllm)) return undefined;
  return `The figures of profile ${profile.id} are of vLLM ${profile.vllmVersion}${rangeOf(profile)}, and vLLM ${formatVersion(vllm)} serves`;
}

function holdsFor({ vllmVersion, vllmReleases }: CapacityProfile, [major, minor]: Version): boolean {
  const first = releaseOf(vllmReleases?.first ?? vllmVersion);
  const last = releaseOf(vllmReleases?.last ?? vllmVersion);
  const serving: Version = [major, minor, 0];
  return first === undefined || last === undefined || (isAtLeast(serving, first) && isAtLeast(last, serving));
}

function rangeOf({ vllmReleases }: CapacityProfile): string {
  if (vllmReleases === undefined) return "";
  const { first, last } = vllmReleases;
  return first === last ? ` and said to hold for ${first}` : ` and said to hold from ${first} to ${last}`;
}

/** The minor release of `0.19` or `0.19.1`. */
export function releaseOf(text: string): Version | undefined {
  const [major, minor] = parseVersion(text) ?? parseVersion(`${text}.0`) ?? [];
  return major === undefined || minor === undefined ? undefined : [major, minor, 0];
}
