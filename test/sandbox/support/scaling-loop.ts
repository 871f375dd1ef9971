import type { KubernetesObject } from "@kubernetes/client-node";

/** Replicas the loop asks for at most. */
export const mostReplicas = 3;

interface ClusterObject extends KubernetesObject {
  spec?: object;
}

/** A vLLM Deployment that starts at once, with what scales it by its requests in flight: one replica for every two. */
export function scalingLoop(namespace: string, name: string): ClusterObject[] {
  const labels = { app: name };
  const metadata = { namespace, name, labels };
  const container = {
    name: "vllm",
    image: "vllm/vllm-openai:v0.11.0",
    args: ["--model=test", "--port=8000"],
    ports: [{ name: "http", containerPort: 8000 }],
  };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata,
      spec: { selector: { matchLabels: labels }, podMetricsEndpoints: [{ port: "http", interval: "2s" }] },
    },
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata,
      spec: {
        scaleTargetRef: { name },
        pollingInterval: 2,
        minReplicaCount: 1,
        maxReplicaCount: mostReplicas,
        triggers: [
          {
            type: "prometheus",
            metricType: "AverageValue",
            metadata: {
              serverAddress: "http://prometheus-operated.monitoring.svc.cluster.local:9090",
              query: `sum(vllm:num_requests_running{namespace="${namespace}"})`,
              threshold: "2",
              ignoreNullValues: "false",
            },
          },
        ],
      },
    },
  ];
}
