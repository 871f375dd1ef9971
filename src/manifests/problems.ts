import type { Problem } from "../policy/policy-input";
import { parseVersion } from "../policy/version";

export function versionProblems(path: string, version: string | undefined, example: string): Problem[] {
  if (version === undefined || parseVersion(version) !== undefined) {
    return [];
  }
  return [{ path, message: `is "${version}"; write a release as major.minor.patch, e.g. ${example}.` }];
}

export function wholeNumberProblems(path: string, value: number | undefined, least: number): Problem[] {
  if (value === undefined || (Number.isInteger(value) && value >= least)) {
    return [];
  }
  return [{ path, message: `is ${value}; it must be a whole number of at least ${least}.` }];
}

export function secondsProblems(path: string, value: number): Problem[] {
  return Number.isFinite(value) && value >= 0 ? [] : [{ path, message: `is ${value}; it must be at least 0 seconds.` }];
}

/**
 * `first`, and those of `second` that are not the same problem again: about the same field, or about one that holds a field
 * of `first`.
 */
export function mergeProblems(first: Problem[], second: Problem[]): Problem[] {
  const again = ({ path }: Problem) => first.some((known) => known.path === path || known.path.startsWith(`${path}.`));
  return [...first, ...second.filter((problem) => !again(problem))];
}
