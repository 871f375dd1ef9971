import type { Severity } from "./finding";
import type { LintOptions } from "./lint";
import { lintedVersions, parseLintVersions, type ReleaseTexts } from "./versions";

/** Prometheus on OpenShift scrapes workloads as often. */
export const defaultScrapeIntervalSeconds = 30;
/** Weights of 16 GB from a fast network volume, and the compilation. */
export const defaultStartupSeconds = 120;

/** What may be said about the linter's surroundings; the rest is as this package installs it. */
export interface LintSettings {
  versions?: Partial<ReleaseTexts>;
  scrapeIntervalSeconds?: number;
  startupSeconds?: number;
  severities?: Readonly<Record<string, Severity | "off">>;
}

/** @throws Error that names the release which is none */
export function lintOptions(settings: LintSettings = {}): LintOptions {
  return {
    versions: parseLintVersions({ ...lintedVersions, ...settings.versions }),
    scrapeIntervalSeconds: settings.scrapeIntervalSeconds ?? defaultScrapeIntervalSeconds,
    startupSeconds: settings.startupSeconds ?? defaultStartupSeconds,
    isStartupAssumed: settings.startupSeconds === undefined,
    severities: settings.severities ?? {},
  };
}
