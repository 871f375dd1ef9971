import { gunzipSync } from "node:zlib";
import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";
import { parseDocument, YAMLMap, YAMLSeq } from "yaml";
import { sandboxAnnotations } from "./sandbox-annotations";

/** Text of each file, by its path below the folder of the configuration. */
export type ConfigurationFiles = ReadonlyMap<string, string>;

export const mainFile = "prometheus.yaml";

export interface GeneratedConfiguration {
  /** Name of the Prometheus resource. */
  name: string;
  /** Folder the files will be in, in the place of the pod's `/etc/prometheus`. */
  directory: string;
  /** All of the Prometheus resource's namespace. */
  secrets: readonly V1Secret[];
  configMaps: readonly V1ConfigMap[];
}

/**
 * What Prometheus Operator has generated, as its pod of Prometheus would see it: the configuration, the rule files and the
 * certificates of monitors. Undefined before there is any.
 */
export function configurationFiles(generated: GeneratedConfiguration): ConfigurationFiles | undefined {
  const { name, directory, secrets, configMaps } = generated;
  const secret = (secretName: string): Record<string, string> =>
    secrets.find(({ metadata }) => metadata?.name === secretName)?.data ?? {};
  const compressed = secret(`prometheus-${name}`)["prometheus.yaml.gz"];
  if (compressed === undefined) return undefined;

  const configuration = gunzipSync(Buffer.from(compressed, "base64"))
    .toString("utf8")
    .replaceAll("$(POD_NAME)", `prometheus-${name}-0`)
    .replaceAll("$(SHARD)", "0")
    .replaceAll("/etc/prometheus/", `${directory}/`);
  const files = new Map([[mainFile, toSimulatedPods(configuration)]]);
  for (const { metadata, data = {} } of configMaps) {
    if (!metadata?.name?.startsWith(`prometheus-${name}-rulefiles-`)) continue;
    for (const [key, text] of Object.entries(data)) files.set(`rules/${metadata.name}/${key}`, text);
  }
  for (const [key, value] of Object.entries(secret(`prometheus-${name}-tls-assets-0`))) {
    files.set(`certs/${key}`, Buffer.from(value, "base64").toString("utf8"));
  }
  return files;
}

/** Lets targets found through the API server be scraped where their simulators listen; everything else stays as it is written. */
export function toSimulatedPods(configuration: string): string {
  const document = parseDocument(configuration);
  const scrapeConfigs = document.get("scrape_configs");
  if (!(scrapeConfigs instanceof YAMLSeq)) return configuration;
  for (const scrapeConfig of scrapeConfigs.items) {
    if (!(scrapeConfig instanceof YAMLMap) || !scrapeConfig.has("kubernetes_sd_configs")) continue;
    if (!scrapeConfig.has("relabel_configs")) scrapeConfig.set("relabel_configs", new YAMLSeq());
    for (const rule of addressRules()) scrapeConfig.addIn(["relabel_configs"], document.createNode(rule));
  }
  return document.toString({ lineWidth: 0 });
}

/**
 * All that differs from a cluster: the address a monitor leads to (kept as `instance`) is replaced by that of the pod's simulator.
 * Pods without one do not answer yet. Only the port the container listens on leads there; a monitor of another one finds nobody.
 */
function addressRules(): object[] {
  const annotation = (name: string): string =>
    `__meta_kubernetes_pod_annotation_${name.replaceAll(/[^a-zA-Z0-9_]/g, "_")}`;
  const address = annotation(sandboxAnnotations.address);
  return [
    { action: "keep", source_labels: [address], regex: "(.+)" },
    { source_labels: ["__address__"], regex: "[^:]+:([0-9]+)", target_label: "__tmp_sandbox_port" },
    { action: "keepequal", source_labels: ["__tmp_sandbox_port"], target_label: annotation(sandboxAnnotations.port) },
    // Without a rule of the monitor's own, as Prometheus itself does it at the end.
    { source_labels: ["instance", "__address__"], regex: ";(.+)", target_label: "instance" },
    { source_labels: [address], target_label: "__address__" },
  ];
}
