import { describe, expect, it } from "vitest";
import { kserveConfig, kserveStorageContainer } from "../../../../packages/sandbox/src/control-plane/kserve-objects";

describe("kserveConfig", () => {
  const upstream = `
kind: ConfigMap
metadata: {name: inferenceservice-config, namespace: kserve}
data:
  _example: "anything"
  storageInitializer: '{"image": "kserve/storage-initializer:latest", "memoryLimit": "1Gi"}'
  explainers: '{"art": {"image": "kserve/art-explainer", "defaultImageVersion": "latest"}}'
  ingress: '{"ingressDomain": "example.com", "disableIngressCreation": false}'
  deploy: '{"defaultDeploymentMode": "Serverless"}'
`;

  it("deploys without Knative, Istio and Ingress, with the release's images, and keeps the rest", () => {
    expect(kserveConfig(upstream, "0.20.0")).toEqual({
      kind: "ConfigMap",
      metadata: { name: "inferenceservice-config", namespace: "kserve" },
      data: {
        storageInitializer: '{"image": "kserve/storage-initializer:v0.20.0", "memoryLimit": "1Gi"}',
        explainers: '{"art": {"image": "kserve/art-explainer", "defaultImageVersion": "latest"}}',
        ingress: '{"ingressDomain":"example.com","disableIngressCreation":true,"disableIstioVirtualHost":true}',
        deploy: '{"defaultDeploymentMode":"Standard"}',
      },
    });
  });

  it("refuses a file without these settings", () => {
    expect(() => kserveConfig("kind: ConfigMap\ndata: {}\n", "0.20.0")).toThrow(/JSON/);
  });
});

describe("kserveStorageContainer", () => {
  it("has the release's image in the place of kustomize's placeholder", () => {
    const upstream = `
kind: ClusterStorageContainer
metadata: {name: default}
spec:
  container: {name: storage-initializer, image: "placeholder:replace"}
  supportedUriFormats: [{prefix: "hf://"}]
`;
    expect(kserveStorageContainer(upstream, "0.20.0")).toEqual({
      kind: "ClusterStorageContainer",
      metadata: { name: "default" },
      spec: {
        container: { name: "storage-initializer", image: "kserve/storage-initializer:v0.20.0" },
        supportedUriFormats: [{ prefix: "hf://" }],
      },
    });
  });
});
