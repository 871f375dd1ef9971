import * as k8s from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";

/** An application as it was before, with the address of the LLM it asks. */
export function application(baseUrl: Input<string>) {
  const labels = { app: "assistant" };
  const namespace = new k8s.core.v1.Namespace("assistant", { metadata: { name: "assistant" } });
  const deployment = new k8s.apps.v1.Deployment("assistant", {
    metadata: { name: "assistant", namespace: namespace.metadata.name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: "assistant",
              image: "registry.example.com/assistant:1.4.0",
              env: [{ name: "OPENAI_BASE_URL", value: baseUrl }],
            },
          ],
        },
      },
    },
  });
  return { namespace, deployment };
}
