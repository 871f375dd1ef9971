import { CoreV1Api, type V1ConfigMap, type V1Secret } from "@kubernetes/client-node";
import { request } from "undici";
import { messageOf } from "../message-of";
import type { ClusterContext } from "../supervisor/cluster-context";
import { currentConfiguration, useConfiguration } from "./current-configuration";
import { type ConfigurationFiles, configurationFiles } from "./prometheus-files";
import { watchResource } from "./watch-resource";

export interface PrometheusReloaderOptions {
  prometheusUrl: string;
  /** Folder of Prometheus, whose current configuration is replaced. */
  directory: string;
  /** The Prometheus resource. */
  resource: { name: string; namespace: string };
}

/** Between two tries while Prometheus does not answer. */
const retryMs = 1_000;

/** Has Prometheus read what Prometheus Operator generates, as the config-reloader does beside it in a cluster. */
export function startPrometheusReloader(
  context: ClusterContext,
  { prometheusUrl, directory, resource }: PrometheusReloaderOptions,
): { stop(): void } {
  const { kubeConfig, log } = context;
  const { name, namespace } = resource;
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const reloader = new Reloader(prometheusUrl, directory, log);
  const changed = (): void =>
    void reloader.bring(() =>
      configurationFiles({
        name,
        directory: currentConfiguration(directory),
        secrets: secrets.objects(),
        configMaps: configMaps.objects(),
      }),
    );
  const secrets = watchResource<V1Secret>({
    kubeConfig,
    path: `/api/v1/namespaces/${namespace}/secrets`,
    list: () => core.listNamespacedSecret({ namespace }),
    onChange: changed,
    log,
  });
  const configMaps = watchResource<V1ConfigMap>({
    kubeConfig,
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    list: () => core.listNamespacedConfigMap({ namespace }),
    onChange: changed,
    log,
  });
  const timer = setInterval(() => void reloader.continue(), retryMs);
  return {
    stop() {
      clearInterval(timer);
      secrets.stop();
      configMaps.stop();
    },
  };
}

/** Brings one configuration after the other to Prometheus. What it refuses is told once, and the last good one stays. */
export class Reloader {
  private wanted: (() => ConfigurationFiles | undefined) | undefined;
  private running = false;
  /** The last one that Prometheus has judged. */
  private judged: string | undefined;
  private lastError: string | undefined;

  constructor(
    private readonly prometheusUrl: string,
    private readonly directory: string,
    private readonly log: (message: string) => void,
  ) {}

  /** Brings it now, or after the one that is under way. Never rejects. */
  bring(read: () => ConfigurationFiles | undefined): Promise<void> {
    this.wanted = read;
    return this.continue();
  }

  /** Brings what is left to bring. Never rejects. */
  async continue(): Promise<void> {
    if (this.running || this.wanted === undefined) return;
    this.running = true;
    const read = this.wanted;
    this.wanted = undefined;
    try {
      await this.apply(read());
      this.lastError = undefined;
    } catch (error) {
      this.wanted ??= read;
      const message = messageOf(error);
      if (message !== this.lastError) this.log(`reloading Prometheus: ${message}; trying again`);
      this.lastError = message;
    } finally {
      this.running = false;
    }
  }

  /** @throws Error when Prometheus cannot be reached. */
  private async apply(files: ConfigurationFiles | undefined): Promise<void> {
    if (files === undefined) return;
    const text = JSON.stringify([...files].sort());
    if (text === this.judged) return;
    const change = await useConfiguration(this.directory, files);
    let refusal: string | undefined;
    try {
      refusal = await this.reload();
    } catch (error) {
      // A Prometheus that starts must not find what nobody has judged yet.
      await change.undo();
      throw error;
    }
    this.judged = text;
    if (refusal === undefined) {
      await change.commit();
      return;
    }
    await change.undo();
    this.log(
      `Prometheus keeps its last configuration, because it refused the next one (why is in its log): ${refusal}`,
    );
  }

  /** Undefined, or what Prometheus said when it refused. */
  private async reload(): Promise<string | undefined> {
    const signal = AbortSignal.timeout(10_000);
    const response = await request(`${this.prometheusUrl}/-/reload`, { method: "POST", signal });
    const body = await response.body.text();
    return response.statusCode === 200 ? undefined : body.trim();
  }
}
