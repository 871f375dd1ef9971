import { indented } from "../rules/examples";
import type { PublishedPolicy } from "./policy";

const selector = `{namespace="llm-d-optimized-baseline"}`;
const p90 = (histogram: string, window: string) =>
  `histogram_quantile(0.9, sum by (le) (rate(vllm:${histogram}_bucket${selector}[${window}])))`;
const deployment = `{namespace="llm-d-optimized-baseline",deployment="optimized-baseline-nvidia-gpu-vllm-decode"}`;

/** The worse of both latencies in shares of its objective, at most 2, over 45 s. Without traffic it is what `idle` says. */
const saturation = (window: string, idle: string) =>
  `avg_over_time(clamp_max(max(label_replace(${p90("time_to_first_token_seconds", window)} / 3, "objective", "ttft", "", "") >= 0` +
  ` or label_replace(${p90("request_time_per_output_token_seconds", window)} / 0.1, "objective", "tpot", "", "") >= 0) or ${idle}, 2)[45s:15s])`;

const formula =
  "saturation > 0.55" +
  " ? replicas + ceil(replicas * (saturation * (readyReplicas > 0 && readyReplicas < replicas ? readyReplicas / replicas : 1) / 0.55 - 1))" +
  " : saturation < 0.4 ? replicas - floor(replicas * (1 - saturation / 0.4)) : replicas";

const trigger = (name: string, query: string, nulls: string) => `    - type: prometheus
      name: ${name}
      metadata:
        serverAddress: http://prometheus-server.monitoring.svc:80
        query: ${query}
        threshold: "1"
${nulls}`;

/** `spec` has further lines of it, `nulls` those of each trigger about empty results. */
const scaledObject = (query: string, spec: string, nulls: string) => `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: slo-aware
  namespace: llm-d-optimized-baseline
spec:
  scaleTargetRef:
    name: optimized-baseline-nvidia-gpu-vllm-decode
  minReplicaCount: 3
  maxReplicaCount: 8
${spec}  advanced:
    scalingModifiers:
      formula: >-
        ${formula}
      target: "1"
      metricType: AverageValue
    horizontalPodAutoscalerConfig:
      behavior:
        scaleUp:
          stabilizationWindowSeconds: 30
          selectPolicy: Max
          policies:
            - type: Percent
              value: 100
              periodSeconds: 60
            - type: Pods
              value: 4
              periodSeconds: 60
        scaleDown:
          stabilizationWindowSeconds: 180
          policies:
            - type: Pods
              value: 1
              periodSeconds: 120
  triggers:
${trigger("saturation", query, nulls)}${trigger("replicas", `sum(kube_deployment_spec_replicas${deployment})`, nulls)}${trigger("readyReplicas", `sum(kube_deployment_status_replicas_ready${deployment})`, nulls)}`;

/**
 * The control law is written from its formulas: thresholds, bounds, windows and steps are the guide's, its recording rules are put into
 * the query, and the latencies are vLLM's own, of which the guide says that they do where the router predicts none.
 */
export const llmdPolicies: readonly PublishedPolicy[] = [
  {
    id: "llmd-slo-aware",
    source:
      "llm-d documentation, SLO-aware autoscaling with KEDA and predicted latency (the control law, by its formulas)",
    vllmVersion: "0.26.0",
    meant: "p90 of the first token within 3 s and of the time per token within 100 ms, with as few GPUs as possible",
    manifests: scaledObject(saturation("1m", "vector(0)"), "", ""),
    repaired: scaledObject(
      // Idle is 0, and nothing where nothing is scraped. In two minutes one scrape may be late.
      saturation("2m", `0 * sum(vllm:num_requests_running${selector})`),
      `${indented("fallback:\n  failureThreshold: 3\n  replicas: 3\n  behavior: currentReplicasIfHigher", 2)}\n`,
      '        ignoreNullValues: "false"\n',
    ),
  },
];
