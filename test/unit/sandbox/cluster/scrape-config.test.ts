import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { podMonitorSchema } from "../../../../packages/sandbox/src/cluster/pod-monitor-schema";
import { prometheusConfig, scrapeConfigsFor } from "../../../../packages/sandbox/src/cluster/scrape-config";
import { podMonitor } from "../../../../src/manifests/pod-monitor";

const kubeApi = { server: "https://127.0.0.1:6443", caFile: "/pki/ca.crt", credentials: { tokenFile: "/pki/token" } };

/** The one scrape configuration of a PodMonitor with one endpoint. */
function scrapeConfig(spec: object): Record<string, unknown> {
  const monitor = podMonitorSchema.parse({ metadata: { name: "monitor", namespace: "llm" }, spec });
  const configs = scrapeConfigsFor(monitor, kubeApi);
  expect(configs).toHaveLength(1);
  return configs[0] ?? {};
}

const endpointOf = (endpoint: object) => ({ selector: {}, podMetricsEndpoints: [endpoint] });
const rulesBefore = 2;
const rulesAfter = 4;
const namespaceContainerPod = 3;

/** Rules between the fixed ones at the beginning and the address at the end. */
function rules(spec: object, { from = rulesBefore } = {}): unknown[] {
  const all = scrapeConfig(spec).relabel_configs;
  if (!Array.isArray(all)) throw new Error("no rules");
  return all.slice(from, -rulesAfter);
}

describe("scrapeConfigsFor", () => {
  it("is what prometheus-operator generates for our own PodMonitor, and then the address of the simulator", () => {
    const own = podMonitorSchema.parse(
      podMonitor("llama", { namespace: "llm", servedModelName: "llama", weightsClaim: "w", scrapeIntervalSeconds: 5 }),
    );
    expect(stringify(prometheusConfig(scrapeConfigsFor(own, kubeApi)))).toBe(`global:
  scrape_interval: 30s
  evaluation_interval: 30s
scrape_configs:
  - job_name: podMonitor/llm/llama/0
    honor_labels: false
    kubernetes_sd_configs:
      - role: pod
        namespaces:
          names:
            - llm
        api_server: https://127.0.0.1:6443
        authorization:
          type: Bearer
          credentials_file: /pki/token
        tls_config:
          ca_file: /pki/ca.crt
    scrape_interval: 5s
    metrics_path: /metrics
    relabel_configs:
      - source_labels:
          - job
        target_label: __tmp_prometheus_job_name
      - action: drop
        source_labels:
          - __meta_kubernetes_pod_phase
        regex: (Failed|Succeeded)
      - action: keep
        source_labels:
          - __meta_kubernetes_pod_label_app_kubernetes_io_component
          - __meta_kubernetes_pod_labelpresent_app_kubernetes_io_component
        regex: (inference-server);true
      - action: keep
        source_labels:
          - __meta_kubernetes_pod_label_app_kubernetes_io_instance
          - __meta_kubernetes_pod_labelpresent_app_kubernetes_io_instance
        regex: (llama);true
      - action: keep
        source_labels:
          - __meta_kubernetes_pod_label_app_kubernetes_io_name
          - __meta_kubernetes_pod_labelpresent_app_kubernetes_io_name
        regex: (vllm);true
      - action: keep
        source_labels:
          - __meta_kubernetes_pod_container_port_name
        regex: http
      - source_labels:
          - __meta_kubernetes_namespace
        target_label: namespace
      - source_labels:
          - __meta_kubernetes_pod_container_name
        target_label: container
      - source_labels:
          - __meta_kubernetes_pod_name
        target_label: pod
      - target_label: job
        replacement: llm/llama
      - target_label: endpoint
        replacement: http
      - action: keep
        source_labels:
          - __meta_kubernetes_pod_annotation_sandbox_vllm_serving_dev_address
        regex: (.+)
      - action: keepequal
        source_labels:
          - __meta_kubernetes_pod_container_port_number
        target_label: __meta_kubernetes_pod_annotation_sandbox_vllm_serving_dev_port
      - source_labels:
          - instance
          - __address__
        regex: ;(.+)
        target_label: instance
      - source_labels:
          - __meta_kubernetes_pod_annotation_sandbox_vllm_serving_dev_address
        target_label: __address__
`);
  });

  it("selects by expressions, in the operator's form", () => {
    const expression = (key: string, operator: string, values?: string[]) => ({
      key,
      operator,
      ...(values && { values }),
    });
    const found = rules(
      {
        selector: {
          matchLabels: { "b/c": "1", a: "2" },
          matchExpressions: [
            expression("d", "In", ["x", "y"]),
            expression("e", "NotIn", ["z"]),
            expression("f", "Exists"),
            expression("g", "DoesNotExist"),
          ],
        },
        podMetricsEndpoints: [{}],
      },
      {},
    ).slice(0, 6);
    const both = (name: string) => [
      `__meta_kubernetes_pod_label_${name}`,
      `__meta_kubernetes_pod_labelpresent_${name}`,
    ];
    expect(found).toEqual([
      { action: "keep", source_labels: both("a"), regex: "(2);true" },
      { action: "keep", source_labels: both("b_c"), regex: "(1);true" },
      { action: "keep", source_labels: both("d"), regex: "(x|y);true" },
      { action: "drop", source_labels: both("e"), regex: "(z);true" },
      { action: "keep", source_labels: ["__meta_kubernetes_pod_labelpresent_f"], regex: "true" },
      { action: "drop", source_labels: ["__meta_kubernetes_pod_labelpresent_g"], regex: "true" },
    ]);
  });

  const byName = "__meta_kubernetes_pod_container_port_name";
  const byNumber = "__meta_kubernetes_pod_container_port_number";
  it.each([
    { endpoint: { port: "metrics" }, label: byName, regex: "metrics", endpointLabel: "metrics" },
    { endpoint: { portNumber: 1024 }, label: byNumber, regex: 1024, endpointLabel: undefined },
    { endpoint: { portNumber: 1024, targetPort: 10240 }, label: byNumber, regex: 1024, endpointLabel: "10240" },
    { endpoint: { targetPort: 10240 }, label: byNumber, regex: 10240, endpointLabel: "10240" },
    { endpoint: { targetPort: "web" }, label: byName, regex: "web", endpointLabel: "web" },
    { endpoint: { port: "http", targetPort: 1 }, label: byName, regex: "http", endpointLabel: "http" },
  ])("keeps the port of $endpoint", ({ endpoint, label, regex, endpointLabel }) => {
    const [port, ...others] = rules(endpointOf(endpoint));
    expect(port).toEqual({ action: "keep", source_labels: [label], regex });
    expect(others.slice(namespaceContainerPod)).toEqual([
      { target_label: "job", replacement: "llm/monitor" },
      ...(endpointLabel === undefined ? [] : [{ target_label: "endpoint", replacement: endpointLabel }]),
    ]);
  });

  it("keeps every port, as the operator does, when none is named", () => {
    expect(rules(endpointOf({}))).toEqual([
      { source_labels: ["__meta_kubernetes_namespace"], target_label: "namespace" },
      { source_labels: ["__meta_kubernetes_pod_container_name"], target_label: "container" },
      { source_labels: ["__meta_kubernetes_pod_name"], target_label: "pod" },
      { target_label: "job", replacement: "llm/monitor" },
    ]);
  });

  it("copies target labels and the job label, and applies the monitor's own rules last", () => {
    const spec = {
      selector: {},
      podTargetLabels: ["team/name"],
      jobLabel: "app",
      podMetricsEndpoints: [
        {
          relabelings: [
            {
              sourceLabels: ["pod"],
              separator: "",
              targetLabel: "instance",
              regex: "(.*)",
              replacement: "",
              action: "Replace",
            },
          ],
        },
      ],
    };
    const copy = (from: string, to: string) => ({
      source_labels: [`__meta_kubernetes_pod_label_${from}`],
      target_label: to,
      regex: "(.+)",
      replacement: "$".concat("{1}"),
    });
    expect(rules(spec).slice(namespaceContainerPod)).toEqual([
      copy("team_name", "team_name"),
      { target_label: "job", replacement: "llm/monitor" },
      copy("app", "job"),
      {
        source_labels: ["pod"],
        separator: "",
        target_label: "instance",
        regex: "(.*)",
        replacement: "",
        action: "replace",
      },
    ]);
  });

  it("passes every other setting on under Prometheus' name", () => {
    const {
      kubernetes_sd_configs: _,
      relabel_configs: __,
      ...settings
    } = scrapeConfig({
      selector: {},
      sampleLimit: 1,
      targetLimit: 2,
      labelLimit: 3,
      labelNameLengthLimit: 4,
      labelValueLengthLimit: 5,
      keepDroppedTargets: 6,
      podMetricsEndpoints: [
        {
          interval: "10s",
          scrapeTimeout: "5s",
          path: "/m",
          params: { a: ["b"] },
          scheme: "HTTPS",
          honorLabels: true,
          honorTimestamps: false,
          trackTimestampsStaleness: true,
          followRedirects: false,
          enableHttp2: false,
          metricRelabelings: [{ sourceLabels: ["__name__"], regex: "vllm:.*", action: "keep" }],
        },
      ],
    });
    expect(settings).toEqual({
      job_name: "podMonitor/llm/monitor/0",
      honor_labels: true,
      honor_timestamps: false,
      track_timestamps_staleness: true,
      scrape_interval: "10s",
      scrape_timeout: "5s",
      metrics_path: "/m",
      params: { a: ["b"] },
      scheme: "https",
      follow_redirects: false,
      enable_http2: false,
      sample_limit: 1,
      target_limit: 2,
      label_limit: 3,
      label_name_length_limit: 4,
      label_value_length_limit: 5,
      keep_dropped_targets: 6,
      metric_relabel_configs: [{ source_labels: ["__name__"], regex: "vllm:.*", action: "keep" }],
    });
  });

  it.each([
    { selector: undefined, namespaces: { names: ["llm"] } },
    { selector: { matchNames: ["a", "b"] }, namespaces: { names: ["a", "b"] } },
    { selector: { any: true }, namespaces: undefined },
  ])("looks for pods in the namespaces of $selector", ({ selector, namespaces }) => {
    const spec = { ...endpointOf({}), ...(selector && { namespaceSelector: selector }) };
    expect(scrapeConfig(spec).kubernetes_sd_configs).toEqual([
      {
        role: "pod",
        ...(namespaces && { namespaces }),
        api_server: "https://127.0.0.1:6443",
        authorization: { type: "Bearer", credentials_file: "/pki/token" },
        tls_config: { ca_file: "/pki/ca.crt" },
      },
    ]);
  });

  it("keeps finished pods when asked to", () => {
    expect(rules(endpointOf({ filterRunning: false }), { from: 1 })[0]).toEqual({
      source_labels: ["__meta_kubernetes_namespace"],
      target_label: "namespace",
    });
  });

  it("has one configuration for each endpoint, and may use a client certificate", () => {
    const monitor = podMonitorSchema.parse({
      metadata: { name: "monitor", namespace: "llm" },
      spec: { selector: {}, podMetricsEndpoints: [{ port: "a" }, { port: "b" }] },
    });
    const credentials = { certFile: "/pki/c.crt", keyFile: "/pki/c.key" };
    const configs = scrapeConfigsFor(monitor, { ...kubeApi, credentials });
    expect(configs.map((config) => config.job_name)).toEqual(["podMonitor/llm/monitor/0", "podMonitor/llm/monitor/1"]);
    expect(configs[0]?.kubernetes_sd_configs).toEqual([
      {
        role: "pod",
        namespaces: { names: ["llm"] },
        api_server: "https://127.0.0.1:6443",
        tls_config: { ca_file: "/pki/ca.crt", cert_file: "/pki/c.crt", key_file: "/pki/c.key" },
      },
    ]);
  });
});
