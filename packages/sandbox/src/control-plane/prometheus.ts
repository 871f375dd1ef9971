import { stringify } from "yaml";
import { loopback } from "./component-args";
import { prometheusUser } from "./pki";

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
export function initialPrometheusConfig(): string {
  return stringify({ global: { scrape_interval: "15s" }, scrape_configs: [] });
}
