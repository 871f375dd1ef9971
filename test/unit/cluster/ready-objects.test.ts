import { afterAll, beforeAll, expect, test } from "vitest";
import { readyObjects } from "../../../src/cluster/ready-objects";
import { kserveWebhooks } from "../../../src/manifests/platform/kserve";
import { FakeApiServer } from "./fake-api-server";

const server = new FakeApiServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

const wait = (timeoutSeconds: number) =>
  readyObjects.create({ kubeconfig: server.kubeconfig, timeoutSeconds, objects: kserveWebhooks("kserve") });

const certificate = "/apis/cert-manager.io/v1/namespaces/kserve/certificates/serving-cert";
const admission = "/apis/admissionregistration.k8s.io/v1";
const webhook = (kind: string) => `${admission}/validatingwebhookconfigurations/${kind}.serving.kserve.io`;

test("KServe's webhooks are there when their certificate is made and the API server knows who signed it", async () => {
  server.serve("cert-manager.io/v1", "certificates", "Certificate", []);
  server.answers.set(admission, {
    resources: [{ name: "validatingwebhookconfigurations", kind: "ValidatingWebhookConfiguration", namespaced: false }],
  });
  await expect(wait(0)).rejects.toThrow("because Certificate kserve/serving-cert is not there.");

  server.answers.set(certificate, { status: { conditions: [{ type: "Ready", status: "False", reason: "Pending" }] } });
  await expect(wait(0)).rejects.toThrow("Certificate kserve/serving-cert has condition Ready False (Pending)");

  server.answers.set(certificate, { status: { conditions: [{ type: "Ready", status: "True" }] } });
  for (const kind of ["inferenceservice", "servingruntime", "clusterservingruntime"]) {
    server.answers.set(webhook(kind), { webhooks: [{ clientConfig: {} }] });
  }
  await expect(wait(0)).rejects.toThrow(
    "ValidatingWebhookConfiguration inferenceservice.serving.kserve.io has no webhooks.0.clientConfig.caBundle",
  );

  for (const kind of ["inferenceservice", "servingruntime", "clusterservingruntime"]) {
    server.answers.set(webhook(kind), { webhooks: [{ clientConfig: { caBundle: "LS0t" } }] });
  }
  await wait(0);
});
