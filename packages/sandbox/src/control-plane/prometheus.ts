import { join } from "node:path";
import { stringify } from "yaml";
import { currentConfiguration, useConfiguration } from "../cluster/current-configuration";
import { mainFile } from "../cluster/prometheus-files";
import { loopback } from "./component-args";
import { type Plane, startSeconds } from "./plane";
import { allocatePort } from "./ports";
import { monitoringNamespace, prometheusContainerPort } from "./prometheus-objects";
import { answersOk, waitUntil } from "./wait";

/** Where Prometheus Operator serves Prometheus. */
const prometheusService = {
  name: "prometheus-operated",
  namespace: monitoringNamespace,
  port: prometheusContainerPort,
};

/** Starts Prometheus with nothing to scrape. @returns its port on 127.0.0.1. */
export async function startPrometheus({ files, tools, parts, names }: Plane): Promise<number> {
  const port = await allocatePort();
  await useConfiguration(files.prometheus, new Map([[mainFile, initialPrometheusConfig()]]));
  parts.start({
    name: "prometheus",
    command: tools.binaries.prometheus,
    args: prometheusArgs({
      port,
      configFile: join(currentConfiguration(files.prometheus), mainFile),
      dataDirectory: join(files.prometheus, "data"),
    }),
    restart: true,
  });
  await waitUntil("Prometheus ready", startSeconds, () => answersOk(port, "/-/ready"));
  names.register(prometheusService, { host: loopback, port });
  return port;
}

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
    // The configuration follows what Prometheus Operator generates.
    "--web.enable-lifecycle",
  ];
}

/** What Prometheus starts with, before there is anything to scrape. */
function initialPrometheusConfig(): string {
  return stringify({ global: { scrape_interval: "15s" }, scrape_configs: [] });
}
