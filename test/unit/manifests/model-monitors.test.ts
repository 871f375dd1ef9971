import { describe, expect, test } from "vitest";
import { type PlatformReference, platformReference, servedModelManifests } from "../../../src/manifests";
import { modelMonitors, monitorOf } from "../../../src/manifests/model-monitors";

const any = { namespaceSelector: { any: true } };
const port = [{ port: "http" }];

function monitor(kind: string, spec: object, metadata: object = {}) {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind,
    metadata: { namespace: "ops", name: "models", ...metadata },
    spec,
  };
}

const pods = (selector: object, changes: object = {}) =>
  modelMonitors([monitor("PodMonitor", { ...any, selector, podMetricsEndpoints: port, ...changes })]);

describe("a PodMonitor scrapes every model", () => {
  test.each<[string, object, string[]]>([
    ["that selects everything", {}, ["kserve", "deployment"]],
    ["by a label all have", { matchLabels: { "app.kubernetes.io/part-of": "vllm-serving" } }, ["kserve", "deployment"]],
    ["by KServe's label of predictors", { matchLabels: { component: "predictor" } }, ["kserve"]],
    [
      "by a label that each has with a value of its own",
      { matchExpressions: [{ key: "serving.kserve.io/inferenceservice", operator: "Exists" }] },
      ["kserve"],
    ],
    [
      "by what they are and are not",
      {
        matchExpressions: [
          { key: "component", operator: "In", values: ["predictor", "transformer"] },
          { key: "app.kubernetes.io/name", operator: "NotIn", values: ["tgi"] },
          { key: "team", operator: "DoesNotExist" },
        ],
      },
      ["kserve"],
    ],
  ])("%s", (_, selector, kinds) => {
    expect(pods(selector)).toEqual([{ kind: "PodMonitor", namespace: "ops", name: "models", pods: kinds }]);
  });

  test.each<[string, object]>([
    ["of one model", { matchLabels: { "app.kubernetes.io/instance": "llama" } }],
    ["of one InferenceService", { matchLabels: { "serving.kserve.io/inferenceservice": "llama" } }],
    ["of some models", { matchExpressions: [{ key: "app.kubernetes.io/instance", operator: "NotIn", values: ["a"] }] }],
    ["of another component", { matchLabels: { component: "transformer" } }],
    ["of another program", { matchLabels: { app: "node-exporter" } }],
    ["that wants a label they lack", { matchExpressions: [{ key: "team", operator: "Exists" }] }],
    ["with an operator nobody knows", { matchExpressions: [{ key: "component", operator: "Like" }] }],
  ])("but not one %s", (_, selector) => {
    expect(pods(selector)).toEqual([]);
  });

  test("by the number of the port, and not by another port; Knative's has another name", () => {
    const kinds = (endpoint: object) => pods({}, { podMetricsEndpoints: [endpoint] }).map((found) => found.pods);
    expect(kinds({ portNumber: 8000 })).toEqual([["kserve", "knative", "deployment"]]);
    expect(kinds({ targetPort: "http" })).toEqual([["kserve", "deployment"]]);
    expect(kinds({ port: "user-port" })).toEqual([["knative"]]);
    expect(kinds({ port: "metrics" })).toEqual([]);
    expect(pods({}, { podMetricsEndpoints: [] })).toEqual([]);
  });

  test("of runtimes of others by the number of the port alone, since the port need not have a name", () => {
    const ports = (selector: object, endpoint: object) =>
      pods(selector, { podMetricsEndpoints: [endpoint] }).map((found) => [found.pods, found.runtimePorts]);
    expect(ports({}, { port: "http" })).toEqual([[["kserve", "deployment"], undefined]]);
    expect(ports({}, { portNumber: 8080 })).toEqual([[[], [8080]]]);
    expect(ports({}, { targetPort: 8080 })).toEqual([[[], [8080]]]);
    expect(ports({ matchLabels: { component: "predictor" } }, { portNumber: 8080 })).toEqual([[[], [8080]]]);
    expect(ports({ matchLabels: { app: "node-exporter" } }, { portNumber: 8080 })).toEqual([]);
  });

  test("of the namespaces it names, of its own, and none while it goes", () => {
    const namespaces = (namespaceSelector: object) => pods({}, { namespaceSelector }).map((found) => found.namespaces);
    expect(namespaces({ any: true })).toEqual([undefined]);
    expect(namespaces({ matchNames: ["llm", "chat"] })).toEqual([["llm", "chat"]]);
    expect(namespaces({})).toEqual([["ops"]]);
    const spec = { ...any, selector: {}, podMetricsEndpoints: port };
    expect(modelMonitors([monitor("PodMonitor", spec, { deletionTimestamp: "2026-01-01T00:00:00Z" })])).toEqual([]);
  });
});

test("a ServiceMonitor scrapes every model by the labels and the port of our Services", () => {
  const of = (selector: object, endpoints: object[]) =>
    modelMonitors([monitor("ServiceMonitor", { ...any, selector, endpoints })]);
  const selector = { matchLabels: { "app.kubernetes.io/component": "inference-server" } };
  const found = { kind: "ServiceMonitor", namespace: "ops", name: "models" };
  expect(of(selector, port)).toEqual([{ ...found, pods: ["kserve", "deployment", "runtime"] }]);
  expect(of(selector, [{ targetPort: 8080 }])).toEqual([{ ...found, pods: [], runtimePorts: [8080] }]);
  expect(of({ matchLabels: { component: "predictor" } }, port)).toEqual([]);
  expect(of(selector, [{ port: "metrics" }])).toEqual([]);
});

test("what is no monitor, or has no form, is nothing", () => {
  expect(modelMonitors([{}, { kind: "Service" }, monitor("PodMonitor", {}), { kind: "PodMonitor" }])).toEqual([]);
});

describe("a model", () => {
  const [everywhere] = pods({});
  const [kserveOnly] = pods(
    { matchLabels: { component: "predictor" } },
    { namespaceSelector: { matchNames: ["llm"] } },
  );
  const monitors = (...found: (typeof everywhere)[]) => ({
    distribution: "kubernetes",
    monitors: found.flatMap((one) => one ?? []),
  });
  const openShift = { distribution: "openshift" };
  const runtime = { name: "kserve-huggingfaceserver", modelFormat: "huggingface" };

  test("is scraped by one that looks at its namespace and its kind of pods", () => {
    const found = "PodMonitor ops/models";
    expect(monitorOf(monitors(everywhere), "llama", { namespace: "any" })).toBe(found);
    expect(monitorOf(monitors(everywhere), "llama", { namespace: "any", scaling: { knative: {} } })).toBe("");
    expect(monitorOf(monitors(kserveOnly), "llama", { namespace: "llm" })).toBe(found);
    expect(monitorOf(monitors(kserveOnly), "llama", { namespace: "other" })).toBe("");
    expect(monitorOf(monitors(kserveOnly), "llama", { namespace: "llm", backend: "deployment" })).toBe("");
    expect(monitorOf(monitors(), "llama", { namespace: "llm" })).toBe("");
  });

  test("of a runtime of others is scraped by one that reads its port, or by our Service", () => {
    const [byNumber] = pods({}, { podMetricsEndpoints: [{ portNumber: 8080 }] });
    const [byService] = modelMonitors([monitor("ServiceMonitor", { ...any, selector: {}, endpoints: port })]);
    const of = (found: typeof everywhere, changes: object = {}) =>
      monitorOf(monitors(found), "llama", { namespace: "llm", runtime, ...changes });
    expect(of(everywhere)).toBe("");
    expect(of(byNumber)).toBe("PodMonitor ops/models");
    expect(of(byNumber, { runtime: { ...runtime, port: 9000 } })).toBe("");
    expect(of(byNumber, { runtime: undefined })).toBe("");
    expect(of(byService)).toBe("ServiceMonitor ops/models");
    expect(of({ kind: "PodMonitor", namespace: "ops", name: "models" })).toBe("PodMonitor ops/models");
    const [knative] = pods({}, { podMetricsEndpoints: [{ port: "user-port" }] });
    expect(of(knative, { scaling: { knative: {} } })).toBe("PodMonitor ops/models");
    expect(of(everywhere, { scaling: { knative: {} } })).toBe("");
  });

  test("of a runtime of others is scraped by OpenShift AI, unless a ServiceMonitor is asked for", () => {
    const of = (changes: object, platform = openShift) =>
      monitorOf(platform, "llama", { namespace: "llm", ...changes });
    expect(of({ runtime })).toBe("ServiceMonitor llm/llama-metrics");
    expect(of({ runtime, serviceMonitor: true })).toBe("");
    expect(of({})).toBe("");
    expect(of({ runtime }, { distribution: "kubernetes" })).toBe("");
  });

  test("behind a transformer is not scraped by its Service", () => {
    const byService = { kind: "ServiceMonitor", namespace: "ops", name: "models" };
    expect(monitorOf(monitors(byService), "llama", { namespace: "llm" })).toBe("ServiceMonitor ops/models");
    expect(monitorOf(monitors(byService), "llama", { namespace: "llm", transformer: {} })).toBe("");
  });

  test("of a platform with such a one makes none, in other namespaces it does", () => {
    const platform: PlatformReference = {
      ...platformReference({ distribution: "kubernetes", prometheus: { url: "http://prometheus:9090" } }),
      ...monitors(kserveOnly),
    };
    const kinds = (namespace: string) => {
      const result = servedModelManifests(
        "llama",
        {
          namespace,
          weights: { existingClaim: "weights" },
          replicas: { max: 2 },
          slo: { itl: { atMostMs: 75 } },
          capacity: { concurrencyPerReplica: 10 },
        },
        platform,
      );
      return result.ok
        ? result.objects.map(({ object }) => object.kind).filter((kind) => kind.endsWith("Monitor"))
        : [];
    };
    expect(kinds("llm")).toEqual([]);
    expect(kinds("other")).toEqual(["PodMonitor"]);
  });
});
