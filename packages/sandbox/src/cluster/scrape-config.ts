import type { PodMetricsEndpoint, PodMonitor, Relabeling } from "./pod-monitor-schema";
import { sandboxAnnotations } from "./sandbox-annotations";

/** How Prometheus reaches the API server to find pods. */
export interface KubeApiAccess {
  server: string;
  caFile: string;
  /** Either a token or a client certificate. */
  credentials: { tokenFile: string } | { certFile: string; keyFile: string };
}

type Selector = PodMonitor["spec"]["selector"];
type MatchExpression = NonNullable<Selector["matchExpressions"]>[number];

/** A scrape configuration or a relabelling rule in Prometheus' own spelling. */
export type PrometheusYaml = Record<string, unknown>;

/**
 * The scrape configurations of a PodMonitor, one for each of its endpoints: what prometheus-operator 0.93 generates
 * (pkg/prometheus/promcfg.go, generatePodMonitorConfig) for one shard, and then the rewriting of the address.
 */
export function scrapeConfigsFor(podMonitor: PodMonitor, kubeApi: KubeApiAccess): PrometheusYaml[] {
  return podMonitor.spec.podMetricsEndpoints.map((endpoint, index) =>
    withoutUndefined({
      job_name: `podMonitor/${podMonitor.metadata.namespace}/${podMonitor.metadata.name}/${index}`,
      honor_labels: endpoint.honorLabels ?? false,
      honor_timestamps: endpoint.honorTimestamps,
      track_timestamps_staleness: endpoint.trackTimestampsStaleness,
      kubernetes_sd_configs: [serviceDiscovery(podMonitor, kubeApi)],
      scrape_interval: endpoint.interval,
      scrape_timeout: endpoint.scrapeTimeout,
      metrics_path: endpoint.path,
      params: endpoint.params,
      scheme: endpoint.scheme?.toLowerCase(),
      follow_redirects: endpoint.followRedirects,
      enable_http2: endpoint.enableHttp2,
      relabel_configs: [...operatorRelabelings(podMonitor, endpoint), ...addressRelabelings()],
      sample_limit: podMonitor.spec.sampleLimit,
      target_limit: podMonitor.spec.targetLimit,
      label_limit: podMonitor.spec.labelLimit,
      label_name_length_limit: podMonitor.spec.labelNameLengthLimit,
      label_value_length_limit: podMonitor.spec.labelValueLengthLimit,
      keep_dropped_targets: podMonitor.spec.keepDroppedTargets,
      metric_relabel_configs: endpoint.metricRelabelings?.map(relabelingYaml),
    }),
  );
}

function serviceDiscovery(
  { metadata, spec }: PodMonitor,
  { server, caFile, credentials }: KubeApiAccess,
): PrometheusYaml {
  const { any = false, matchNames = [] } = spec.namespaceSelector ?? {};
  const names = matchNames.length > 0 ? matchNames : [metadata.namespace];
  const client = "certFile" in credentials ? { cert_file: credentials.certFile, key_file: credentials.keyFile } : {};
  return withoutUndefined({
    role: "pod",
    namespaces: any ? undefined : { names },
    api_server: server,
    authorization: "tokenFile" in credentials ? { type: "Bearer", credentials_file: credentials.tokenFile } : undefined,
    tls_config: { ca_file: caFile, ...client },
  });
}

/** The rules of prometheus-operator, in its order. */
function operatorRelabelings(podMonitor: PodMonitor, endpoint: PodMetricsEndpoint): PrometheusYaml[] {
  const { metadata, spec } = podMonitor;
  return [
    { source_labels: ["job"], target_label: "__tmp_prometheus_job_name" },
    ...(endpoint.filterRunning === false
      ? []
      : [{ action: "drop", source_labels: ["__meta_kubernetes_pod_phase"], regex: "(Failed|Succeeded)" }]),
    ...selectorRelabelings(spec.selector),
    ...portRelabelings(endpoint),
    { source_labels: ["__meta_kubernetes_namespace"], target_label: "namespace" },
    { source_labels: ["__meta_kubernetes_pod_container_name"], target_label: "container" },
    { source_labels: ["__meta_kubernetes_pod_name"], target_label: "pod" },
    ...(spec.podTargetLabels ?? []).map((label) => copyPodLabel(label, sanitizeLabelName(label))),
    { target_label: "job", replacement: `${metadata.namespace}/${metadata.name}` },
    ...(spec.jobLabel ? [copyPodLabel(spec.jobLabel, "job")] : []),
    ...endpointLabel(endpoint),
    ...(endpoint.relabelings ?? []).map(relabelingYaml),
  ];
}

function selectorRelabelings({ matchLabels = {}, matchExpressions = [] }: Selector): PrometheusYaml[] {
  const equal = Object.keys(matchLabels)
    .sort()
    .map((key) => labelRule("keep", key, `(${matchLabels[key]});true`));
  return [...equal, ...matchExpressions.map(expressionRule)];
}

function expressionRule({ key, operator, values = [] }: MatchExpression): PrometheusYaml {
  switch (operator) {
    case "In":
      return labelRule("keep", key, `(${values.join("|")});true`);
    case "NotIn":
      return labelRule("drop", key, `(${values.join("|")});true`);
    case "Exists":
      return presenceRule("keep", key);
    case "DoesNotExist":
      return presenceRule("drop", key);
  }
}

function labelRule(action: "keep" | "drop", key: string, regex: string): PrometheusYaml {
  const name = sanitizeLabelName(key);
  return {
    action,
    source_labels: [`__meta_kubernetes_pod_label_${name}`, `__meta_kubernetes_pod_labelpresent_${name}`],
    regex,
  };
}

function presenceRule(action: "keep" | "drop", key: string): PrometheusYaml {
  return { action, source_labels: [`__meta_kubernetes_pod_labelpresent_${sanitizeLabelName(key)}`], regex: "true" };
}

function portRelabelings({ port, portNumber, targetPort }: PodMetricsEndpoint): PrometheusYaml[] {
  const byName = { action: "keep", source_labels: ["__meta_kubernetes_pod_container_port_name"] };
  const byNumber = { action: "keep", source_labels: ["__meta_kubernetes_pod_container_port_number"] };
  if (port) return [{ ...byName, regex: port }];
  if (portNumber) return [{ ...byNumber, regex: portNumber }];
  if (typeof targetPort === "string" && targetPort !== "") return [{ ...byName, regex: targetPort }];
  return targetPort ? [{ ...byNumber, regex: targetPort }] : [];
}

function endpointLabel({ port, targetPort }: PodMetricsEndpoint): PrometheusYaml[] {
  const value = port || (targetPort === undefined ? "" : String(targetPort));
  return value === "" ? [] : [{ target_label: "endpoint", replacement: value }];
}

function copyPodLabel(label: string, target: string): PrometheusYaml {
  return {
    source_labels: [`__meta_kubernetes_pod_label_${sanitizeLabelName(label)}`],
    target_label: target,
    regex: "(.+)",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a group of the regex, as prometheus-operator spells it
    replacement: "${1}",
  };
}

/**
 * All that differs from a cluster: a pod's address (kept as `instance`) is replaced by that of its simulator. Pods without
 * one do not answer yet. Only the port vLLM listens on leads there; a declaration of another one finds nobody.
 */
function addressRelabelings(): PrometheusYaml[] {
  const address = `__meta_kubernetes_pod_annotation_${sanitizeLabelName(sandboxAnnotations.address)}`;
  const port = `__meta_kubernetes_pod_annotation_${sanitizeLabelName(sandboxAnnotations.port)}`;
  return [
    { action: "keep", source_labels: [address], regex: "(.+)" },
    { action: "keepequal", source_labels: ["__meta_kubernetes_pod_container_port_number"], target_label: port },
    // Without a rule of the monitor's own, as Prometheus itself does it at the end.
    { source_labels: ["instance", "__address__"], regex: ";(.+)", target_label: "instance" },
    { source_labels: [address], target_label: "__address__" },
  ];
}

function relabelingYaml(rule: Relabeling): PrometheusYaml {
  return withoutUndefined({
    source_labels: rule.sourceLabels?.length ? rule.sourceLabels : undefined,
    separator: rule.separator,
    target_label: rule.targetLabel || undefined,
    regex: rule.regex || undefined,
    modulus: rule.modulus || undefined,
    replacement: rule.replacement,
    action: rule.action?.toLowerCase() || undefined,
  });
}

function sanitizeLabelName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, "_");
}

function withoutUndefined(fields: PrometheusYaml): PrometheusYaml {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The whole configuration of Prometheus. The interval is prometheus-operator's for monitors that name none. */
export function prometheusConfig(scrapeConfigs: PrometheusYaml[]): PrometheusYaml {
  return { global: { scrape_interval: "30s", evaluation_interval: "30s" }, scrape_configs: scrapeConfigs };
}
