import { describe, expect, it } from "vitest";
import { externalMetricsApi } from "../../../../packages/sandbox/src/control-plane/keda-objects";

describe("externalMetricsApi", () => {
  it("points the API server at the adapter's port on this machine", () => {
    expect(externalMetricsApi(6443, "the CA")).toMatchObject([
      { kind: "Service", spec: { type: "ExternalName", externalName: "localhost", ports: [{ port: 6443 }] } },
      {
        kind: "APIService",
        metadata: { name: "v1beta1.external.metrics.k8s.io" },
        spec: { service: { name: "keda-metrics-apiserver", namespace: "keda", port: 6443 } },
      },
    ]);
  });
});
