import { describe, expect, it } from "vitest";
import { fixed, lint, readYaml } from "../../../src/lint";
import { options } from "./options";

const hpa = (metrics: string) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: llama, namespace: models}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: llama}
  maxReplicas: 7
  metrics: [${metrics}]
`;

function metric(name: string, target: string, type = "External"): string {
  const [kind, amount] = target.split(" ");
  const written = kind === "Value" ? `value: "${amount}"` : `averageValue: "${amount}"`;
  const object = "describedObject: {apiVersion: v1, kind: Service, name: llama}, ";
  return `{type: ${type}, ${type.toLowerCase()}: {${type === "Object" ? object : ""}metric: {name: "${name}"}, target: {type: ${kind}, ${written}}}}`;
}

function found(...metrics: string[]): string[] {
  return lint([readYaml("hpa.yaml", hpa(metrics.join()))], options()).map(
    ({ rule, severity }) => `${rule} ${severity}`,
  );
}

describe("a metric of an adapter", () => {
  it.each([
    "vllm_kv_cache_usage_perc",
    "vllm:gpu_cache_usage_perc",
    "vllm_kv_cache_usage_perc_avg",
    "avg_vllm_kv_cache_usage_perc",
    "vllm_time_to_first_token_seconds_p95",
    "vllm:e2e_request_latency_seconds",
    "vllm_ttft_p90_ms",
    "vllm:itl_seconds_p50",
  ])("is no sum by its name: %s", (name) => {
    expect(found(metric(name, "AverageValue 750m"))).toEqual(["intensive-average-value warning"]);
    expect(found(metric(name, "AverageValue 750m", "Object"))).toEqual(["intensive-average-value warning"]);
    expect(found(metric(name, "Value 750m"))).toEqual([]);
    expect(found(metric(name, "AverageValue 750m", "Pods"))).toEqual([]);
  });

  it.each(["vllm_num_requests_running", "vllm:num_requests_running", "kserve_vllm:num_requests_running_sum"])(
    "is a sum by its name: %s",
    (name) => {
      expect(found(metric(name, "Value 5"))).toEqual(["extensive-value warning"]);
      expect(found(metric(name, "AverageValue 5"))).toEqual([]);
    },
  );

  it.each([
    "vllm_num_requests_running_avg",
    "vllm_kv_cache_usage_perc_sum",
    "vllm_time_to_first_token_seconds_bucket",
    "vllm_generation_tokens_total",
    "http_request_latency_p95",
    "wva_desired_replicas",
    "queue_length",
  ])("may be anything by its name: %s", (name) => {
    expect(found(metric(name, "Value 5"))).toEqual([]);
    expect(found(metric(name, "AverageValue 5"))).toEqual([]);
  });

  it("is known by the name that Google Cloud's adapter gives it", () => {
    // As GoogleCloudPlatform/kubernetes-engine-samples ai-ml/vllm-tpu/vllm-hpa.yaml has it.
    const ofGoogle = (name: string) =>
      found(metric(`prometheus.googleapis.com|${name}|gauge`, "AverageValue 10", "Pods"));
    expect(ofGoogle("vllm:num_requests_waiting")).toEqual(["queue-alone warning"]);
    expect(ofGoogle("vllm:num_requests_running")).toEqual([]);
    expect(ofGoogle("vllm:gpu_cache_usage_perc")).toEqual(
      found(metric("vllm:gpu_cache_usage_perc", "AverageValue 10", "Pods")),
    );
  });

  it("is told with the replicas that it can ask for", () => {
    const message = (name: string, target: string) =>
      lint([readYaml("hpa.yaml", hpa(metric(name, target)))], options()).map((finding) => finding.message)[0];
    expect(message("vllm_kv_cache_usage_perc", "AverageValue 750m")).toBe(
      "The HPA divides metric 0 (vllm_kv_cache_usage_perc) by its threshold, whatever runs: it asks for ceil(value / 750m) replicas. The value is at most 1, so it can never ask for more than 2. By its name it is a share of what a replica has; it is right only if the adapter's query adds it up over the replicas.",
    );
    expect(message("vllm_kv_cache_usage_perc", "AverageValue 80")).toContain(
      "The value is at most 100, so it can never ask for more than 2.",
    );
    expect(message("vllm_ttft_p95", "AverageValue 2")).toContain("for 7 only above 12, 6 times the threshold.");
  });

  it("is not changed by a machine, which does not see the adapter", () => {
    const text = hpa(metric("vllm_num_requests_running", "Value 5"));
    expect(fixed(readYaml("hpa.yaml", text), options())).toEqual({ text, made: 0 });
  });
});

it("waiting requests alone are no signal for an HPA either", () => {
  const waiting = metric("vllm_num_requests_waiting", "AverageValue 2");
  expect(found(waiting)).toEqual(["queue-alone warning"]);
  expect(found(metric("vllm_num_requests_waiting", "AverageValue 2", "Pods"))).toEqual(["queue-alone warning"]);
  expect(found(waiting, metric("vllm_num_requests_running", "AverageValue 5"))).toEqual([]);
});
