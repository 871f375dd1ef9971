import { expect, test } from "vitest";
import { vllmServerManifests } from "../../../src/manifests/vllm-server";
import type { VllmServerOptions } from "../../../src/manifests/vllm-server-options";

const options: VllmServerOptions = {
  namespace: "models",
  servedModelName: "llama",
  weightsClaim: "weights",
  prePullImage: true,
  runAsUser: 2000,
  gpuProduct: "NVIDIA-A100",
  tolerations: [{ operator: "Exists" }],
};

test("the image is kept where replicas may come to, by pods that take no GPU and need no other image", () => {
  const selector = {
    "app.kubernetes.io/name": "vllm",
    "app.kubernetes.io/instance": "llama",
    "app.kubernetes.io/component": "image-pre-pull",
  };
  const labels = { ...selector, "app.kubernetes.io/part-of": "vllm-serving" };
  const [first, ...others] = vllmServerManifests("llama", options);
  expect(others.map(({ kind }) => kind)).not.toContain("DaemonSet");
  expect(first).toStrictEqual({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "llama-image", namespace: "models", labels },
    spec: {
      selector: { matchLabels: selector },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "100%" } },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-A100" },
          tolerations: [{ operator: "Exists" }],
          enableServiceLinks: false,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 0,
          securityContext: { seccompProfile: { type: "RuntimeDefault" }, runAsNonRoot: true, runAsUser: 2000 },
          containers: [
            {
              name: "image",
              image: "vllm/vllm-openai:v0.30.0",
              command: ["sleep", "infinity"],
              resources: { requests: { cpu: "1m", memory: "16Mi" }, limits: { memory: "64Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
              },
            },
          ],
        },
      },
    },
  });
});

test("the server's pods are never the DaemonSet's", () => {
  const [daemonSet] = vllmServerManifests("llama", options);
  const [, deployment] = vllmServerManifests("llama", { ...options, backend: "deployment" });
  const labelsOf = (object: object | undefined) => Object(object).spec.template.metadata.labels;
  expect(labelsOf(daemonSet)).not.toMatchObject(Object(deployment).spec.selector.matchLabels);
  expect(labelsOf(deployment)).not.toMatchObject(Object(daemonSet).spec.selector.matchLabels);
});
