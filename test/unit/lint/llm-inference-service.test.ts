import { describe, expect, it } from "vitest";
import { lint, readYaml } from "../../../src/lint";
import type { LintVersions } from "../../../src/lint/rule";
import { options } from "./options";

function findings(
  spec: string,
  { name = "llama", kserve = [0, 21, 0] }: { name?: string; kserve?: LintVersions["kserve"] } = {},
) {
  const text = `apiVersion: serving.kserve.io/v1alpha2
kind: LLMInferenceService
metadata: {name: ${name}, namespace: models}
spec: {${spec}}
`;
  return lint([readYaml("objects.yaml", text)], options({ kserve }));
}

const found = (...given: Parameters<typeof findings>): string[] =>
  findings(...given).map(({ rule, path }) => `${rule} ${path.replace("LLMInferenceService models/llama: ", "")}`);

const trigger = (query: string, more = "") =>
  `{type: prometheus, name: a, ${more}metadata: {serverAddress: "http://prometheus:9090", threshold: "5", ignoreNullValues: "false", query: '${query}'}}`;
const inFlight =
  'sum(vllm:num_requests_running{namespace="models"}) + sum(vllm:num_requests_waiting{namespace="models"})';
const direct = (triggers: string, more = "") => `scaling: {maxReplicas: 7, keda: {triggers: [${triggers}]${more}}}`;

describe("scaling that KServe refuses", () => {
  it.each([
    ["scaling", "scaling: {maxReplicas: 7}"],
    ["scaling.maxReplicas", "scaling: {wva: {hpa: {}}}"],
    ["scaling.maxReplicas", "scaling: {maxReplicas: 0, wva: {hpa: {}}}"],
    ["scaling.minReplicas", "scaling: {minReplicas: 0, maxReplicas: 7, wva: {hpa: {}}}"],
    ["scaling.minReplicas", "scaling: {minReplicas: 8, maxReplicas: 7, wva: {hpa: {}}}"],
    ["scaling.wva", "scaling: {maxReplicas: 7, wva: {}}"],
    ["scaling.wva.hpa", "scaling: {maxReplicas: 7, wva: {hpa: {}, keda: {}}}"],
    ["scaling.wva.variantCost", "scaling: {maxReplicas: 7, wva: {variantCost: 10, hpa: {}}}"],
    ["scaling.wva.variantCost", 'scaling: {maxReplicas: 7, wva: {variantCost: "10 EUR", hpa: {}}}'],
    ["scaling.wva.keda.idleReplicaCount", "scaling: {maxReplicas: 7, wva: {keda: {idleReplicaCount: 1}}}"],
    [
      "scaling.wva.keda.advanced.scalingModifiers",
      "scaling: {maxReplicas: 7, wva: {keda: {advanced: {scalingModifiers: {formula: a}}}}}",
    ],
    [
      "scaling.wva.keda.advanced.horizontalPodAutoscalerConfig.name",
      "scaling: {maxReplicas: 7, wva: {keda: {advanced: {horizontalPodAutoscalerConfig: {name: a}}}}}",
    ],
    ["scaling.keda", "scaling: {maxReplicas: 7, wva: {hpa: {}}, keda: {}}"],
    ["scaling.keda.triggers", "scaling: {maxReplicas: 7, keda: {}}"],
    ["prefill.scaling", "prefill: {scaling: {maxReplicas: 7}}"],
    [
      "prefill.scaling",
      "scaling: {maxReplicas: 7, wva: {hpa: {}}}, prefill: {scaling: {maxReplicas: 7, wva: {keda: {}}}}",
    ],
  ])("at %s: %s", (path, spec) => {
    expect(found(spec)).toEqual([`llm-inference-service-scaling spec.${path}`]);
  });

  it.each([
    "replicas: 2",
    "scaling: {maxReplicas: 7, wva: {hpa: {}}}",
    'scaling: {minReplicas: 2, maxReplicas: 7, wva: {variantCost: "10.5", keda: {idleReplicaCount: 0}}}',
    direct(trigger(inFlight)),
    direct(trigger(inFlight), ", advanced: {scalingModifiers: {formula: a, target: 5}}"),
    "scaling: {maxReplicas: 7, wva: {keda: {}}}, prefill: {scaling: {maxReplicas: 7, wva: {keda: {}}}}",
    "scaling: {maxReplicas: 7, wva: {keda: {}}}, prefill: {replicas: 2}",
  ])("is not %s", (spec) => {
    expect(found(spec)).toEqual([]);
  });

  it("depends on the release", () => {
    const [finding] = findings(direct(trigger(inFlight)), { kserve: [0, 20, 0] });
    expect(finding?.message).toBe(
      "KServe refuses LLMInferenceService models/llama: KServe 0.20.0 has no scaling.keda, which is new in 0.21.",
    );
  });
});

it("triggers of its own are judged as those of a ScaledObject", () => {
  const path = "spec.scaling.keda.triggers[0]";
  const cache = 'avg(vllm:kv_cache_usage_perc{namespace="models"})';
  expect(found(direct(trigger(cache)))).toEqual([`intensive-average-value ${path}`]);
  expect(found(direct(trigger(cache, "metricType: Value, ")))).toEqual([]);
  expect(found(direct(trigger(cache), ", advanced: {scalingModifiers: {formula: a, target: 5}}"))).toEqual([]);
  expect(found(direct(trigger(inFlight, "metricType: Value, ")))).toEqual([`extensive-value ${path}.metricType`]);
  expect(found(direct(trigger("sum(")))).toEqual([`promql-syntax ${path}.metadata.query`]);
  const waiting = trigger('sum(vllm:num_requests_waiting{namespace="models"})');
  expect(found(direct(waiting))).toEqual([`queue-alone ${path}.metadata.query`]);
  expect(found(direct(`${waiting}, {type: cron, name: b, metadata: {}}`))).toEqual([]);
  expect(findings(direct(trigger(cache)))[0]?.message).toContain(
    "for ceil(value / 5) replicas. The value is at most 1, so it can never ask for more than 1.",
  );
});

it("its name is too long where KEDA cannot make the HPA", () => {
  const wva = (keda: string) => `scaling: {maxReplicas: 7, wva: {${keda}: {}}}`;
  const rules = (length: number, spec: string) => findings(spec, { name: "l".repeat(length) }).map(({ rule }) => rule);
  expect(rules(42, wva("keda"))).toEqual([]);
  expect(rules(43, wva("keda"))).toEqual(["llm-inference-service-name-too-long"]);
  expect(rules(43, wva("hpa"))).toEqual([]);
  expect(rules(34, `prefill: {${wva("keda")}}`)).toEqual([]);
  expect(rules(35, `prefill: {${wva("keda")}}`)).toEqual(["llm-inference-service-name-too-long"]);
});
