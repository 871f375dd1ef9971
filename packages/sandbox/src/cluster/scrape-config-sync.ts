import { rename, writeFile } from "node:fs/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import { request } from "undici";
import { stringify } from "yaml";
import { podMonitorSchema } from "./pod-monitor-schema";
import { type KubeApiAccess, type PrometheusYaml, prometheusConfig, scrapeConfigsFor } from "./scrape-config";

export interface ScrapeConfigSyncOptions {
  prometheusUrl: string;
  /** The file Prometheus was started with. */
  configFile: string;
  kubeApi: KubeApiAccess;
  log(message: string): void;
}

/** Scrape configurations by the `<namespace>/<name>` of their PodMonitor. */
type ByMonitor = ReadonlyMap<string, PrometheusYaml[]>;

/**
 * Keeps Prometheus' configuration equal to the cluster's PodMonitors. Prometheus judges them: one it refuses is left out and
 * named in the log, and does not keep the others from being scraped.
 */
export class ScrapeConfigSync {
  private applied: ByMonitor | undefined;
  /** What was refused or cannot be read, as text, so that each version is tried and told once. */
  private readonly refused = new Map<string, string>();

  constructor(private readonly options: ScrapeConfigSyncOptions) {}

  /** @throws Error when Prometheus cannot be reached; the next call tries again. */
  async sync(podMonitors: readonly KubernetesObject[]): Promise<void> {
    const wanted = this.read(podMonitors);
    if (this.applied !== undefined && textOf(wanted) === textOf(this.applied)) return;
    if ((await this.apply(wanted)) === undefined) {
      this.applied = wanted;
      return;
    }
    await this.applyOneByOne(wanted);
  }

  /** What Prometheus has taken before stays; the new ones are added one after the other. */
  private async applyOneByOne(wanted: ByMonitor): Promise<void> {
    const accepted = new Map<string, PrometheusYaml[]>();
    const fresh = new Map<string, PrometheusYaml[]>();
    for (const [key, configs] of wanted) {
      const known = JSON.stringify(this.applied?.get(key)) === JSON.stringify(configs);
      (known ? accepted : fresh).set(key, configs);
    }
    for (const [key, configs] of fresh) {
      const error = await this.apply(new Map([...accepted, [key, configs]]));
      if (error === undefined) accepted.set(key, configs);
      else this.refuse(key, JSON.stringify(configs), error);
    }
    await this.apply(accepted);
    this.applied = accepted;
  }

  private read(podMonitors: readonly KubernetesObject[]): ByMonitor {
    const result = new Map<string, PrometheusYaml[]>();
    for (const object of podMonitors) {
      const parsed = podMonitorSchema.safeParse(object);
      if (!parsed.success) {
        const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
        this.refuse(nameOf(object), problems, problems);
        continue;
      }
      const configs = scrapeConfigsFor(parsed.data, this.options.kubeApi);
      const key = nameOf(object);
      if (this.refused.get(key) !== JSON.stringify(configs)) result.set(key, configs);
    }
    return result;
  }

  private refuse(key: string, version: string, reason: string): void {
    if (this.refused.get(key) === version) return;
    this.refused.set(key, version);
    this.options.log(`PodMonitor ${key} is not scraped: ${reason}`);
  }

  /** Has Prometheus read a configuration. Undefined, or why Prometheus refused it. */
  private async apply(monitors: ByMonitor): Promise<string | undefined> {
    await this.write(monitors);
    try {
      const response = await request(`${this.options.prometheusUrl}/-/reload`, {
        method: "POST",
        signal: AbortSignal.timeout(10_000),
      });
      const body = await response.body.text();
      return response.statusCode === 200 ? undefined : body.trim();
    } catch (error) {
      // A Prometheus that starts must not find what nobody has judged yet.
      await this.write(this.applied ?? new Map());
      throw error;
    }
  }

  /** At once or not at all. */
  private async write(monitors: ByMonitor): Promise<void> {
    const { configFile } = this.options;
    await writeFile(`${configFile}.new`, textOf(monitors));
    await rename(`${configFile}.new`, configFile);
  }
}

function textOf(monitors: ByMonitor): string {
  const sorted = [...monitors].sort(([a], [b]) => (a < b ? -1 : 1));
  return stringify(prometheusConfig(sorted.flatMap(([, configs]) => configs)), { aliasDuplicateObjects: false });
}

function nameOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}
