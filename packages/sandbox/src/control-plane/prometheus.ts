import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { loopback } from "./component-args";
import { prometheusUser } from "./pki";
import { type Plane, startSeconds } from "./plane";
import { allocatePort } from "./ports";
import { answersOk, waitUntil } from "./wait";

export const monitoringNamespace = "monitoring";

/** Where Prometheus Operator serves Prometheus. */
const prometheusService = { name: "prometheus-operated", namespace: monitoringNamespace, port: 9090 };

/** Starts Prometheus with nothing to scrape. @returns its port on 127.0.0.1. */
export async function startPrometheus({ files, tools, parts, names }: Plane): Promise<number> {
  const port = await allocatePort();
  writeFileSync(files.prometheusConfig, initialPrometheusConfig());
  parts.start({
    name: "prometheus",
    command: tools.binaries.prometheus,
    args: prometheusArgs({
      port,
      configFile: files.prometheusConfig,
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
    // The scrape configuration follows the cluster's PodMonitors.
    "--web.enable-lifecycle",
  ];
}

/** Upstream's role of a Prometheus that finds pods through the API server. */
export function prometheusAccess(): object[] {
  const group = "rbac.authorization.k8s.io";
  return [
    {
      apiVersion: `${group}/v1`,
      kind: "ClusterRole",
      metadata: { name: "prometheus" },
      rules: [
        { apiGroups: [""], resources: ["pods", "services", "endpoints"], verbs: ["get", "list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
      ],
    },
    {
      apiVersion: `${group}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: "prometheus" },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "prometheus" },
      subjects: [{ apiGroup: group, kind: "User", name: prometheusUser }],
    },
  ];
}

/** What Prometheus starts with, before there is anything to scrape. */
function initialPrometheusConfig(): string {
  return stringify({ global: { scrape_interval: "15s" }, scrape_configs: [] });
}
