import type { Problem } from "../policy/policy-input";
import { formatVersion, isAtLeast, parseVersion, type Version } from "../policy/version";
import { versions } from "../versions";
import { PieceMode } from "./platform/piece";
import type { PlatformReference } from "./platform-reference";
import { versionProblems } from "./problems";
import { HttpRouteKind } from "./scaling-options";

/** kedacore/http-add-on: releases in which a kind is served with the fields we write. HTTPScaledObject has timeouts since 0.11. */
const served: Record<HttpRouteKind, { since: Version; until?: Version }> = {
  [HttpRouteKind.InterceptorRoute]: { since: [0, 14, 0] },
  [HttpRouteKind.HttpScaledObject]: { since: [0, 11, 0], until: [0, 14, 0] },
};

/** Whether the platform has the HTTP add-on, in a release that knows the kind. */
export function httpAddOnProblems(path: string, kind: HttpRouteKind, platform: PlatformReference): Problem[] {
  const { kedaHttpAddonVersion: version } = platform;
  if ((platform.modes.kedaHttpAddon ?? PieceMode.None) === PieceMode.None) {
    return [
      {
        path,
        message:
          "needs KEDA's HTTP add-on, which the platform does not have. Say kedaHttpAddon for the platform, or keep a replica with another strategy.",
      },
    ];
  }
  const parsed = parseVersion(version);
  if (parsed === undefined) {
    return versionProblems("platform.kedaHttpAddonVersion", version, versions.httpAddOn);
  }
  if (serves(parsed, kind)) {
    return [];
  }
  const { since, until } = served[kind];
  const other = Object.values(HttpRouteKind).find((candidate) => serves(parsed, candidate));
  const range = `from ${formatVersion(since)}${until === undefined ? " on" : ` to before ${formatVersion(until)}`}`;
  const fix = other === undefined ? `Update the add-on to ${versions.httpAddOn}.` : `Take ${other}.`;
  return [
    { path, message: `needs an ${kind}, which the add-on knows ${range}, but the platform has ${version}. ${fix}` },
  ];
}

/** An add-on that serves the kind, to assume before the platform is known. */
export function httpAddOnServing(kind: HttpRouteKind): string {
  return formatVersion(served[kind].since);
}

function serves(version: Version, kind: HttpRouteKind): boolean {
  const { since, until } = served[kind];
  return isAtLeast(version, since) && (until === undefined || !isAtLeast(version, until));
}
