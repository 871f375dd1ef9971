import { CustomObjectsApi, type KubernetesListObject, type KubernetesObject } from "@kubernetes/client-node";
import { z } from "zod";
import type { ClusterContext } from "../supervisor/cluster-context";
import type { KubeApiAccess } from "./scrape-config";
import { ScrapeConfigSync } from "./scrape-config-sync";
import { watchResource } from "./watch-resource";

export interface ScrapeConfigOptions {
  prometheusUrl: string;
  /** The file Prometheus is started with; written anew with every change. */
  configFile: string;
  /** As Prometheus reaches it. */
  kubeApi: KubeApiAccess;
}

const group = "monitoring.coreos.com";
const version = "v1";
const plural = "podmonitors";
/** Between two tries while something is not yet as it shall be. */
const retryMs = 1_000;

const listSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().optional() }),
  items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string(), namespace: z.string() }) })),
});

/** Keeps Prometheus scraping what the PodMonitors of all namespaces say, as prometheus-operator does in a cluster. */
export function startScrapeConfig(context: ClusterContext, options: ScrapeConfigOptions): { stop(): void } {
  const custom = context.kubeConfig.makeApiClient(CustomObjectsApi);
  const sync = new ScrapeConfigSync({ ...options, log: context.log });
  let changed = false;
  let lastError: string | undefined;
  let running = false;

  const update = async (): Promise<void> => {
    if (running || !changed) return;
    running = true;
    changed = false;
    try {
      await sync.sync(monitors.objects());
      lastError = undefined;
    } catch (error) {
      changed = true;
      const message = error instanceof Error ? error.message : String(error);
      if (message !== lastError) context.log(`reloading Prometheus: ${message}; trying again`);
      lastError = message;
    } finally {
      running = false;
    }
  };
  const monitors = watchResource<KubernetesObject>({
    kubeConfig: context.kubeConfig,
    path: `/apis/${group}/${version}/${plural}`,
    list: async () => podMonitorList(await custom.listCustomObjectForAllNamespaces({ group, version, plural })),
    onChange: () => {
      changed = true;
      void update();
    },
    log: context.log,
  });
  const timer = setInterval(() => void update(), retryMs);
  return {
    stop() {
      clearInterval(timer);
      monitors.stop();
    },
  };
}

/** The client gives custom objects without a type. */
function podMonitorList(answer: unknown): KubernetesListObject<KubernetesObject> {
  const { metadata, items } = listSchema.parse(answer);
  return { metadata: { resourceVersion: metadata.resourceVersion ?? "" }, items };
}
