/** A release: major, minor, patch. */
export type Version = readonly [major: number, minor: number, patch: number];

/**
 * Reads `1.2.3` or `v1.2.3`; `undefined` for anything else. A suffix after `-` or `+` says who built the release
 * (`2.19.0-4` of OpenShift's operators, `v1.33.5-gke.1201000`) and is passed over.
 */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:[-+][0-9A-Za-z.+-]+)?$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

export function isAtLeast(version: Version, bound: Version): boolean {
  for (const [i, part] of version.entries()) {
    const other = bound[i] ?? 0;
    if (part !== other) return part > other;
  }
  return true;
}

/** Something that holds from one release on, until a later entry of the same table replaces it. */
export interface Since<T> {
  since: Version;
  value: T;
}

/** The entry in force at a release; newer releases than the table knows get its last entry. Tables are in order. */
export function inForce<T>(table: readonly Since<T>[], version: Version): T | undefined {
  return table.findLast(({ since }) => isAtLeast(version, since))?.value;
}

export function formatVersion(version: Version): string {
  return version.join(".");
}
