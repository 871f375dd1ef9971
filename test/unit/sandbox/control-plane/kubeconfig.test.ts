import { KubeConfig } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { kubeconfig } from "../../../../packages/sandbox/src/control-plane/kubeconfig";

function load(text: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(text);
  return config;
}

describe("kubeconfig", () => {
  const common = { name: "vllm-serving-sandbox-a", server: "https://127.0.0.1:6443", certificateAuthority: "CA" };

  it("is read by the Kubernetes client, with a certificate", () => {
    const config = load(kubeconfig({ ...common, user: { key: "KEY", certificate: "CERT" } }));
    expect(config.getCurrentContext()).toBe("vllm-serving-sandbox-a");
    expect(config.getCurrentCluster()).toMatchObject({ server: "https://127.0.0.1:6443", caData: "Q0E=" });
    expect(config.getCurrentUser()).toMatchObject({ certData: "Q0VSVA==", keyData: "S0VZ" });
  });

  it("is read by the Kubernetes client, with a token", () => {
    const config = load(kubeconfig({ ...common, user: { token: "secret" } }));
    expect(config.getCurrentUser()).toMatchObject({ token: "secret" });
  });
});
