import { describe, expect, it } from "vitest";
import { lint, readYaml, rules } from "../../../src/lint";
import { options } from "./options";

const bad = (id: string) => rules.find((rule) => rule.id === id)?.bad ?? "";
const found = (id: string, text: string) =>
  lint([readYaml("given.yaml", text)], options()).filter(({ rule }) => rule === id).length;

describe("an object that names no namespace may be in any", () => {
  const [scaledObject = "", authentication = ""] = bad("authentication-in-other-namespace").split("---\n");
  const withoutNamespace = (text: string) => text.replace(/\n {2}namespace: .*/, "");

  it.each([
    [1, "both are in others", scaledObject, authentication],
    [0, "the ScaledObject names none", withoutNamespace(scaledObject), authentication],
    [0, "the TriggerAuthentication names none", scaledObject, withoutNamespace(authentication)],
    [0, "neither names one", withoutNamespace(scaledObject), withoutNamespace(authentication)],
  ])("%i findings where %s", (count, _, one, other) => {
    expect(found("authentication-in-other-namespace", `${one}---\n${other}`)).toBe(count);
  });

  it("so two that scale one workload are told only where both are in one", () => {
    const [one = "", other = ""] = bad("two-scalers").split("---\n");
    const told = (...texts: string[]) => found("two-scalers", texts.join("---\n"));
    expect(told(one, other)).toBe(2);
    expect(told(withoutNamespace(one), withoutNamespace(other))).toBe(2);
    expect(told(withoutNamespace(one), other)).toBe(0);
    expect(told(one, withoutNamespace(other))).toBe(0);
  });

  it("so the monitor's interval counts wherever it may be", () => {
    const window = bad("rate-window-too-short");
    const monitor = (namespace: string, interval: string) => `---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: llama
${namespace}spec:
  podMetricsEndpoints:
    - port: http1
      interval: ${interval}
`;
    expect(found("rate-window-too-short", window)).toBe(1);
    expect(found("rate-window-too-short", window + monitor("  namespace: models\n", "5s"))).toBe(0);
    expect(found("rate-window-too-short", window + monitor("", "5s"))).toBe(0);
    expect(found("rate-window-too-short", withoutNamespace(window) + monitor("  namespace: models\n", "5s"))).toBe(0);
    expect(found("rate-window-too-short", window + monitor("  namespace: others\n", "5s"))).toBe(1);
  });
});

describe("a query that sees more than running pods may bring the first replica", () => {
  it.each([
    [1, 'sum(vllm:num_requests_waiting{namespace="models"})'],
    [1, 'sum(kserve_vllm:num_requests_waiting{namespace="models"}) or vector(0)'],
    [0, 'sum(rabbitmq_queue_messages{queue="llama"})'],
    [0, 'sum(rate(nginx_ingress_controller_requests{namespace="models"}[2m]))'],
    [0, "sum(inference_extension_flow_control_queue_size)"],
    [0, 'sum(vllm:num_requests_running{namespace="models"}) or sum(queue_length)'],
  ])("%i findings: %s", (count, query) => {
    const withQuery = (id: string) => bad(id).replace(/( +query: ).*/, (_, before: string) => `${before}${query}`);
    expect(found("zero-without-waker", withQuery("zero-without-waker"))).toBe(count);
    expect(found("min-replicas-unset", withQuery("min-replicas-unset"))).toBe(count);
  });
});

describe("credentials that are sent without authModes", () => {
  const [scaledObject = "", authentication = ""] = bad("credentials-not-used").split("---\n");

  it("are those of the pod's identity", () => {
    const identity = authentication.replace(/spec:[\s\S]*/, "spec:\n  podIdentity:\n    provider: azure-workload\n");
    expect(found("credentials-not-used", `${scaledObject}---\n${authentication}`)).toBe(1);
    expect(found("credentials-not-used", `${scaledObject}---\n${identity}`)).toBe(0);
  });

  it("may be in a TriggerAuthentication that is not seen", () => {
    expect(found("credentials-not-used", scaledObject)).toBe(0);
  });

  it("are those of a ClusterTriggerAuthentication, which has no namespace", () => {
    const text = `${scaledObject}---\n${authentication}`
      .replace("authenticationRef:\n", "authenticationRef:\n        kind: ClusterTriggerAuthentication\n")
      .replace("kind: TriggerAuthentication", "kind: ClusterTriggerAuthentication")
      .replace(/\n {2}namespace: models\nspec:\n {2}bound/, "\nspec:\n  bound");
    expect(found("credentials-not-used", text)).toBe(1);
  });
});

it("a mean over the pods that there are has a value when nobody asks", () => {
  const withQuery = (query: string) =>
    found(
      "nan-when-idle",
      bad("nan-when-idle").replace(/( +query: ).*/, (_, before: string) => `${before}${query}`),
    );
  const running = 'vllm:num_requests_running{namespace="models"}';
  expect(withQuery(`sum(${running}) / count(${running})`)).toBe(0);
  expect(withQuery(`sum(${running}) / sum(group by (pod) (${running}))`)).toBe(0);
  expect(withQuery(`sum(${running}) / (count(${running}) - 1)`)).toBe(1);
  expect(withQuery(`sum(${running}) / sum(${running})`)).toBe(1);
});

it.each(["namespace", "exported_namespace", "kubernetes_namespace"])("%s names the namespace", (label) => {
  const text = bad("no-namespace-matcher");
  expect(found("no-namespace-matcher", text)).toBe(1);
  expect(found("no-namespace-matcher", text.replaceAll("{model_name", `{${label}="models",model_name`))).toBe(0);
});

it("a missing address is looked for where a trigger has it", () => {
  const text = bad("server-address-unusable").replace(/\n +serverAddress: .*/, "");
  const [finding] = lint([readYaml("given.yaml", text)], options());
  expect(finding).toMatchObject({
    rule: "server-address-unusable",
    path: "ScaledObject models/llama: spec.triggers[0].metadata.serverAddress",
  });
});

it("replicas that are no number are not counted with", () => {
  const text = bad("no-scale-down-policy").replace(/maxReplicaCount: .*/, "maxReplicaCount: .nan");
  const messages = lint([readYaml("given.yaml", text)], options()).map(({ message }) => message);
  expect(messages.filter((message) => message.includes("NaN"))).toEqual([]);
});

it("a query of more operators than are read here is not called wrong", () => {
  const withTerms = (terms: number, end = "") =>
    bad("promql-syntax").replace(/( +query: ).*/, (_, before: string) => {
      const query = Array(terms).fill('sum(vllm:num_requests_running{namespace="models"})').join(" + ");
      return `${before}${query}${end}`;
    });
  expect(found("promql-syntax", withTerms(50))).toBe(0);
  expect(found("promql-syntax", withTerms(50, " +"))).toBe(1);
  expect(found("promql-syntax", withTerms(400))).toBe(0);
});
