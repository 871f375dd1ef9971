import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { externalMetricsApi, kedaAdmission } from "../../../../packages/sandbox/src/control-plane/keda-objects";

describe("kedaAdmission", () => {
  it("keeps upstream's webhooks and changes only where they are reached", () => {
    const upstream = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "keda-admission" },
      webhooks: [
        {
          name: "vscaledobject.kb.io",
          failurePolicy: "Ignore",
          clientConfig: { service: { name: "keda-admission-webhooks", namespace: "keda", path: "/validate-it" } },
          rules: [{ resources: ["scaledobjects"] }],
        },
      ],
    };
    expect(kedaAdmission(stringify(upstream), 9443, "the CA")).toEqual({
      ...upstream,
      webhooks: [
        {
          name: "vscaledobject.kb.io",
          failurePolicy: "Ignore",
          clientConfig: {
            url: "https://127.0.0.1:9443/validate-it",
            caBundle: Buffer.from("the CA").toString("base64"),
          },
          rules: [{ resources: ["scaledobjects"] }],
        },
      ],
    });
  });

  it("refuses a file without webhooks", () => {
    expect(() => kedaAdmission("kind: Service\n", 9443, "the CA")).toThrow(/webhooks/);
  });
});

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
