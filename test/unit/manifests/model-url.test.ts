import { expect, test } from "vitest";
import { clusterUrl, externalUrl } from "../../../src/manifests/model-url";

const host = "llama.example.com";

test.each([
  ["our Service", {}, "http://llama.models.svc:8000"],
  ["what holds the requests", { http: {} }, "http://llama-wake.models.svc:8080"],
  ["KServe's Service, behind which Knative counts", { knative: {} }, "http://llama-predictor.models.svc"],
  ["our Service", { kserveKeda: {} }, "http://llama.models.svc:8000"],
])("inside the cluster a model is reached by %s with scaling %j", (_what, scaling, url) => {
  expect(clusterUrl("llama", { namespace: "models", scaling })).toBe(url);
});

test.each([
  [{ host, route: {} }, `https://${host}`],
  [{ host, ingress: {} }, `https://${host}`],
  [{ host, gateway: { name: "public" } }, `https://${host}`],
  [{ host, gateway: { name: "lab", tls: false } }, `http://${host}`],
  [{ kserve: {} }, undefined],
  [undefined, undefined],
])("from outside with expose %j it is reached by %s", (expose, url) => {
  expect(externalUrl({ expose })).toBe(url);
});
