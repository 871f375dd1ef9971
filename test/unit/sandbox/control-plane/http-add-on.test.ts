import { describe, expect, it } from "vitest";
import {
  type HttpAddOnPorts,
  httpAddOnAddresses,
  httpAddOnArgs,
  httpAddOnComponents,
  httpAddOnEnvironment,
} from "../../../../packages/sandbox/src/control-plane/http-add-on-args";
import { httpAddOnObjects } from "../../../../packages/sandbox/src/control-plane/http-add-on-objects";

const ports: HttpAddOnPorts = {
  operator: { metrics: 20001, probes: 20002 },
  interceptor: { proxy: 20003, admin: 20004, metrics: 20005 },
  scaler: { grpc: 20006, metrics: 20007 },
};

describe("the HTTP add-on's programs", () => {
  it("listen on ports of their own, on 127.0.0.1 where they can be told", () => {
    const arguments_ = httpAddOnComponents.flatMap((component) => httpAddOnArgs(component, ports));
    const environment = httpAddOnComponents.flatMap((component) =>
      Object.entries(httpAddOnEnvironment(component, ports)).map(([name, value]) => `${name}=${value}`),
    );
    expect([...arguments_, ...environment].filter((one) => one.includes("200"))).toEqual([
      "--metrics-bind-address=127.0.0.1:20001",
      "--health-probe-bind-address=127.0.0.1:20002",
      "KEDA_HTTP_PROXY_PORT=20003",
      "KEDA_HTTP_ADMIN_PORT=20004",
      "OTEL_PROM_EXPORTER_PORT=20005",
      "KEDA_HTTP_SCALER_PORT=20006",
      "OTEL_PROM_EXPORTER_PORT=20007",
    ]);
  });

  it("stand behind the ports of upstream's pods", () => {
    expect(httpAddOnAddresses("interceptor", ports)).toEqual({
      2223: "127.0.0.1:20005",
      8080: "127.0.0.1:20003",
      9090: "127.0.0.1:20004",
    });
  });

  it("find each other by upstream's Services and ports", () => {
    expect(httpAddOnEnvironment("operator", ports)).toMatchObject({
      KEDA_HTTP_OPERATOR_EXTERNAL_SCALER_SERVICE: "keda-add-ons-http-external-scaler",
      KEDA_HTTP_OPERATOR_EXTERNAL_SCALER_PORT: "9090",
    });
    expect(httpAddOnEnvironment("scaler", ports)).toMatchObject({
      KEDA_HTTP_SCALER_TARGET_ADMIN_SERVICE: "keda-add-ons-http-interceptor-admin",
      KEDA_HTTP_SCALER_TARGET_ADMIN_PORT: "9090",
    });
  });
});

const manifests = `
kind: ServiceAccount
metadata: {name: interceptor}
---
kind: ScaledObject
metadata: {name: interceptor}
---
kind: Deployment
metadata: {name: interceptor}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: http}}
    spec:
      containers:
        - {name: interceptor, image: "ko://interceptor", ports: [{name: proxy, containerPort: 8080}]}
      serviceAccountName: interceptor
`;

describe("httpAddOnObjects", () => {
  it("keeps upstream's objects, with the released image and where the process listens", () => {
    expect(httpAddOnObjects(manifests, "interceptor:1", { 8080: "127.0.0.1:20003" })).toEqual({
      access: [{ kind: "ServiceAccount", metadata: { name: "interceptor" } }],
      deployment: {
        kind: "Deployment",
        metadata: { name: "interceptor" },
        spec: {
          replicas: 1,
          template: {
            metadata: {
              labels: { app: "http" },
              annotations: { "sandbox.vllm-serving.dev/ports": '{"8080":"127.0.0.1:20003"}' },
            },
            spec: {
              containers: [
                { name: "interceptor", image: "interceptor:1", ports: [{ name: "proxy", containerPort: 8080 }] },
              ],
              serviceAccountName: "interceptor",
            },
          },
        },
      },
    });
  });

  it("refuses manifests without a Deployment", () => {
    expect(() => httpAddOnObjects("kind: Service\n", "interceptor:1", {})).toThrow();
  });
});
