import { stringify } from "yaml";
import { loopback } from "./component-args";

/** Long enough for every rehearsal, short enough for any disk. */
const retention = "1d";

export interface PrometheusOptions {
  port: number;
  configFile: string;
  dataDirectory: string;
}

export function prometheusArgs({ port, configFile, dataDirectory }: PrometheusOptions): string[] {
  return [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${dataDirectory}`,
    `--storage.tsdb.retention.time=${retention}`,
    `--web.listen-address=${loopback}:${port}`,
    // The scrape configuration follows the cluster's PodMonitors.
    "--web.enable-lifecycle",
  ];
}

/** What Prometheus starts with, before there is anything to scrape. */
export function initialPrometheusConfig(): string {
  return stringify({ global: { scrape_interval: "15s" }, scrape_configs: [] });
}
