import type { Problem } from "../../policy/policy-input";
import { versions } from "../../versions";
import { versionProblems, wholeNumberProblems } from "../problems";
import { chartOf, type HelmRelease } from "./helm-release";
import { type HttpAddOnSettings, httpAddOnValues, longestAddOnRequest } from "./http-add-on-values";
import { resolveKeda } from "./keda";
import {
  type Distribution,
  defaultModes,
  isManaged,
  type PlatformPiece,
  pieceProblems,
  settingsOfNothing,
} from "./piece";

/** KEDA's HTTP add-on, which holds requests while a model starts. Its `namespace` is KEDA's unless it is said. */
export interface PlatformKedaHttpAddon extends PlatformPiece, HttpAddOnSettings {}

/** Everything wrong with the HTTP add-on by itself. */
export function httpAddOnProblems(
  distribution: Distribution,
  given: PlatformKedaHttpAddon = {},
  prefix = "kedaHttpAddon.",
): Problem[] {
  const mode = given.mode ?? defaultModes.kedaHttpAddon;
  return [
    ...pieceProblems("kedaHttpAddon", distribution, given, prefix),
    ...versionProblems(`${prefix}version`, given.version, versions.kedaHttpAddOn),
    ...settingsOfNothing(given, ["longestRequestSeconds"], mode, prefix),
    ...wholeNumberProblems(`${prefix}longestRequestSeconds`, given.longestRequestSeconds, 1),
  ];
}

/** Longest a request may take through the interceptor; of one that exists, only if it is said. */
export function longestHeldRequest(given: PlatformKedaHttpAddon = {}): number | undefined {
  return isManaged(given.mode ?? defaultModes.kedaHttpAddon) ? longestAddOnRequest(given) : given.longestRequestSeconds;
}

/** Namespace of the add-on. */
export function httpAddOnNamespace(distribution: Distribution, given: PlatformKedaHttpAddon, keda?: string): string {
  return given.namespace ?? keda ?? resolveKeda(distribution).namespace;
}

/** What goes with the add-on's definitions. */
export const httpAddOnKinds = [
  { apiVersion: "http.keda.sh/v1beta1", kind: "InterceptorRoute" },
  { apiVersion: "http.keda.sh/v1alpha1", kind: "HTTPScaledObject" },
];

/** The chart of the KEDA project, on both distributions. It brings its definitions, and Helm removes them with it. */
export function httpAddOnRelease(
  distribution: Distribution,
  given: PlatformKedaHttpAddon,
  namespace: string,
): HelmRelease {
  return {
    name: "keda-add-ons-http",
    namespace,
    ...chartOf(
      "keda-add-ons-http",
      { repository: "https://kedacore.github.io/charts", version: given.version ?? versions.kedaHttpAddOn },
      given.chart,
    ),
    values: httpAddOnValues(distribution, given),
    timeoutSeconds: 600,
  };
}
