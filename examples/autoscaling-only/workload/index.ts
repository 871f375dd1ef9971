import * as k8s from "@pulumi/kubernetes";

// vLLM as anybody may already run it. Nothing here knows of an SLO, and nothing says how many replicas there are: who writes
// `replicas` here would take back at each `pulumi up` what the autoscaler has decided.

const labels = { app: "chat" };
const namespace = new k8s.core.v1.Namespace("chat", { metadata: { name: "chat" } });
const metadata = { name: "chat", namespace: namespace.metadata.name, labels };

const deployment = new k8s.apps.v1.Deployment("chat", {
  metadata,
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        containers: [
          {
            name: "vllm",
            image: "vllm/vllm-openai:v0.30.0",
            args: ["--model=meta-llama/Llama-3.1-8B-Instruct", "--served-model-name=chat", "--port=8000"],
            ports: [{ name: "http", containerPort: 8000 }],
            readinessProbe: { httpGet: { path: "/health", port: "http" } },
            resources: { limits: { "nvidia.com/gpu": "1" } },
          },
        ],
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
      },
    },
  },
});

new k8s.core.v1.Service("chat", {
  metadata,
  spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
});

// Without it Prometheus knows nothing of the pods, and there is nothing to scale by.
new k8s.apiextensions.CustomResource("chat", {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PodMonitor",
  metadata,
  spec: { selector: { matchLabels: labels }, podMetricsEndpoints: [{ port: "http", interval: "15s" }] },
});

export const workload = {
  namespace: deployment.metadata.namespace,
  deployment: deployment.metadata.name,
  servedModelName: "chat",
};
