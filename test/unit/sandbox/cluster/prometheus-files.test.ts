import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { configurationFiles, toSimulatedPods } from "../../../../packages/sandbox/src/cluster/prometheus-files";

const base64 = (data: string | Buffer): string => Buffer.from(data).toString("base64");

/** In the words of Prometheus Operator 0.93, shortened. */
const generated = `global:
  scrape_interval: 30s
  external_labels:
    prometheus: monitoring/k8s
    prometheus_replica: $(POD_NAME)
rule_files:
- /etc/prometheus/rules/prometheus-k8s-rulefiles-0/*.yaml
scrape_configs:
- job_name: podMonitor/llm/llama/0
  kubernetes_sd_configs:
  - role: pod
    api_server: https://127.0.0.1:6443
  relabel_configs:
  - source_labels:
    - __tmp_hash
    regex: $(SHARD)
    action: keep
- job_name: static
  static_configs: []
`;

const rewriting = `      - action: keep
        source_labels:
          - __meta_kubernetes_pod_annotation_sandbox_vllm_serving_dev_address
        regex: (.+)
      - source_labels:
          - __address__
        regex: "[^:]+:([0-9]+)"
        target_label: __tmp_sandbox_port
      - action: keepequal
        source_labels:
          - __tmp_sandbox_port
        target_label: __meta_kubernetes_pod_annotation_sandbox_vllm_serving_dev_port
      - source_labels:
          - instance
          - __address__
        regex: ;(.+)
        target_label: instance
      - source_labels:
          - __meta_kubernetes_pod_annotation_sandbox_vllm_serving_dev_address
        target_label: __address__
`;

const secret = { metadata: { name: "prometheus-k8s" }, data: { "prometheus.yaml.gz": base64(gzipSync(generated)) } };
const options = { name: "k8s", directory: "/s/current", secrets: [secret], configMaps: [] };

describe("configurationFiles", () => {
  it("fills in what the config-reloader fills in, and appends the rewriting of addresses to jobs of the cluster only", () => {
    const files = configurationFiles(options);
    expect([...(files ?? [])]).toEqual([
      [
        "prometheus.yaml",
        `global:
  scrape_interval: 30s
  external_labels:
    prometheus: monitoring/k8s
    prometheus_replica: prometheus-k8s-0
rule_files:
  - /s/current/rules/prometheus-k8s-rulefiles-0/*.yaml
scrape_configs:
  - job_name: podMonitor/llm/llama/0
    kubernetes_sd_configs:
      - role: pod
        api_server: https://127.0.0.1:6443
    relabel_configs:
      - source_labels:
          - __tmp_hash
        regex: 0
        action: keep
${rewriting}  - job_name: static
    static_configs: []
`,
      ],
    ]);
  });

  it("puts rules and certificates where the configuration names them, and nothing of others", () => {
    const files = configurationFiles({
      ...options,
      secrets: [secret, { metadata: { name: "prometheus-k8s-tls-assets-0" }, data: { "0_llm_ca": base64("CA") } }],
      configMaps: [
        { metadata: { name: "kube-root-ca.crt" }, data: { "ca.crt": "x" } },
        { metadata: { name: "prometheus-other-rulefiles-0" }, data: { "llm-x.yaml": "x" } },
        { metadata: { name: "prometheus-k8s-rulefiles-0" }, data: { "llm-down-1.yaml": "groups: []" } },
      ],
    });
    expect([...(files ?? [])].slice(1)).toEqual([
      ["rules/prometheus-k8s-rulefiles-0/llm-down-1.yaml", "groups: []"],
      ["certs/0_llm_ca", "CA"],
    ]);
  });

  it("gives nothing before the operator has generated something", () => {
    expect(configurationFiles({ ...options, secrets: [] })).toBeUndefined();
  });
});

describe("toSimulatedPods", () => {
  it("makes the rules where a job has none, and leaves a configuration without jobs as it is", () => {
    const job = "scrape_configs:\n  - job_name: a\n    kubernetes_sd_configs: []\n";
    expect(toSimulatedPods(job)).toBe(`${job}    relabel_configs:\n${rewriting}`);
    expect(toSimulatedPods("global: {}\n")).toBe("global: {}\n");
  });
});
