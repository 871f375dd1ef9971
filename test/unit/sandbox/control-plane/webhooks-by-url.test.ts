import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { webhooksByUrl } from "../../../../packages/sandbox/src/control-plane/webhooks-by-url";

const configuration = (name: string, clientConfig: object) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name },
  webhooks: [
    { name: `${name}.test`, failurePolicy: "Ignore", clientConfig, rules: [{ resources: ["scaledobjects"] }] },
  ],
});

const service = (path: string) => ({ service: { name: "webhooks", namespace: "keda", path } });
const url = (path: string) => ({
  url: `https://127.0.0.1:9443${path}`,
  caBundle: Buffer.from("the CA").toString("base64"),
});

describe("webhooksByUrl", () => {
  it("keeps upstream's webhooks and changes only where they are reached", () => {
    const upstream = configuration("admission", service("/validate-it"));
    expect(webhooksByUrl(stringify(upstream), 9443, "the CA")).toEqual([
      configuration("admission", url("/validate-it")),
    ]);
  });

  it("takes several configurations of one file", () => {
    const upstream = ["/one", "/two"].map((path) => configuration("admission", service(path)));
    expect(webhooksByUrl(`---\n${upstream.map((one) => stringify(one)).join("---\n")}`, 9443, "the CA")).toEqual([
      configuration("admission", url("/one")),
      configuration("admission", url("/two")),
    ]);
  });

  it("refuses a file without webhooks", () => {
    expect(() => webhooksByUrl("kind: Service\n", 9443, "the CA")).toThrow(/webhooks/);
  });
});
