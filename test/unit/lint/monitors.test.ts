import { describe, expect, it } from "vitest";
import { lint, readYaml } from "../../../src/lint";
import { options } from "./options";

interface Monitor {
  kind?: "PodMonitor" | "ServiceMonitor";
  name: string;
  namespace?: string;
  /** Namespaces to look in, as YAML of `namespaceSelector`. */
  within?: string;
  selector?: string;
  endpoint?: string;
}

function monitor({ kind = "PodMonitor", name, namespace = "models", within, selector, endpoint }: Monitor): string {
  return `apiVersion: monitoring.coreos.com/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec:${within === undefined ? "" : `\n  namespaceSelector: ${within}`}
  selector: ${selector ?? "{matchLabels: {app: llama}}"}
  ${kind === "PodMonitor" ? "podMetricsEndpoints" : "endpoints"}: [${endpoint ?? "{port: http}"}]
`;
}

const service = `apiVersion: v1
kind: Service
metadata: {name: llama, namespace: models, labels: {app: llama}}
spec: {selector: {app: llama}, ports: [{name: http, port: 80, targetPort: 8000}]}
`;

const sidecar = `apiVersion: apps/v1
kind: Deployment
metadata: {name: proxied, namespace: models}
spec:
  selector: {matchLabels: {app: llama}}
  template:
    metadata: {labels: {app: llama, role: decode}}
    spec:
      initContainers: [{name: proxy, restartPolicy: Always, image: example.com/proxy:1, ports: [{name: http, containerPort: 8000}]}]
      containers: [{name: main, image: example.com/main:1}]
`;

const byRole = (role: string) =>
  `{matchLabels: {app: llama}, matchExpressions: [{key: role, operator: In, values: [${role}]}]}`;

function found(...texts: string[]): string[] {
  return lint([readYaml("monitors.yaml", texts.join("---\n"))], options()).map(({ rule, path }) => `${rule} ${path}`);
}

const twice = (kind: string, name: string, namespace = "models") =>
  `scraped-twice ${kind} ${namespace}/${name}: spec.selector`;

describe("scraped-twice", () => {
  it("finds two of a kind, also from another namespace", () => {
    expect(
      found(monitor({ name: "a" }), monitor({ name: "b", namespace: "monitoring", within: "{matchNames: [models]}" })),
    ).toEqual([twice("PodMonitor", "a"), twice("PodMonitor", "b", "monitoring")]);
    expect(
      found(monitor({ name: "a" }), monitor({ name: "b", namespace: "monitoring", within: "{any: true}" })),
    ).toHaveLength(2);
  });

  it("does not take namespaces, expressions, ports and paths for the same that are not", () => {
    const inNamespace = (name: string) => monitor({ name, namespace: "monitoring", within: `{matchNames: [${name}]}` });
    expect(found(inNamespace("models"), inNamespace("models-b"))).toEqual([]);
    expect(
      found(monitor({ name: "a", selector: byRole("prefill") }), monitor({ name: "b", selector: byRole("decode") })),
    ).toEqual([]);
    expect(found(monitor({ name: "a" }), monitor({ name: "b", endpoint: "{port: metrics}" }))).toEqual([]);
    expect(found(monitor({ name: "a" }), monitor({ name: "b", endpoint: "{port: http, path: /other}" }))).toEqual([]);
    expect(found(monitor({ name: "a" }), monitor({ name: "b", kind: "ServiceMonitor" }))).toEqual([]);
  });

  it("finds a PodMonitor and a ServiceMonitor, by the Service's selector", () => {
    expect(found(monitor({ name: "a" }), monitor({ name: "b", kind: "ServiceMonitor" }), service)).toEqual([
      twice("PodMonitor", "a"),
      twice("ServiceMonitor", "b"),
    ]);
  });

  it("finds two that select the same pods by other labels and ports", () => {
    const byNumber = monitor({ name: "a", selector: byRole("decode"), endpoint: "{portNumber: 8000}" });
    expect(found(byNumber, monitor({ name: "b", kind: "ServiceMonitor" }), service, sidecar)).toEqual([
      twice("PodMonitor", "a"),
      twice("ServiceMonitor", "b"),
    ]);
    const prefill = monitor({ name: "a", selector: byRole("prefill") });
    expect(found(prefill, monitor({ name: "b", kind: "ServiceMonitor" }), service, sidecar)).toEqual([]);
  });
});

it("a port that a sidecar declares is declared", () => {
  expect(found(monitor({ name: "a" }), sidecar)).toEqual([]);
  expect(found(monitor({ name: "a", endpoint: "{port: metrics}" }), sidecar)).toEqual([
    "monitor-port-undeclared PodMonitor models/a: spec.podMetricsEndpoints[0].port",
  ]);
});

describe("ports that no Service has", () => {
  const unscraped = (...texts: string[]) =>
    lint([readYaml("monitors.yaml", texts.join("---\n"))], options())
      .filter(({ rule }) => rule === "monitor-port-of-no-service")
      .map(({ message }) => message);
  const of = (endpoint: string, within?: string) =>
    monitor({ kind: "ServiceMonitor", name: "a", endpoint, ...(within !== undefined && { within }) });

  it("are told where nothing is scraped", () => {
    expect(unscraped(of("{port: metrics}"), service)).toEqual([
      "No port of Service models/llama is called metrics: nothing is scraped.",
    ]);
    expect(unscraped(of("{port: metrics}, {port: https}"), service)).toEqual([
      "No port of Service models/llama is called metrics or https: nothing is scraped.",
    ]);
  });

  it("are not where something is, or may be", () => {
    expect(unscraped(of("{port: http}"), service)).toEqual([]);
    expect(unscraped(of("{port: metrics}, {port: http}"), service)).toEqual([]);
    expect(unscraped(of("{targetPort: 8000}"), service)).toEqual([]);
    expect(unscraped(of("{port: metrics}", "{any: true}"), service)).toEqual([]);
    expect(unscraped(of("{port: metrics}"))).toEqual([]);
  });
});
