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
