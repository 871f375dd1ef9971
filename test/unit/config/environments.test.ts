import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadConfigurationFile } from "../../../src/config/load";
import { parseConfiguration } from "../../../src/config/parse";
import { type RenderedObject, renderConfiguration } from "../../../src/config/render";

const root = join(__dirname, "../../..");

/** The objects of a shipped environment; its configuration must be valid. */
function rendered(environment: string): RenderedObject[] {
  const result = parseConfiguration(loadConfigurationFile(join(root, `Pulumi.${environment}.yaml`)));
  expect(result).toMatchObject({ ok: true });
  return result.ok ? renderConfiguration(result.configuration) : [];
}

function kindsAndNames(environment: string): string[] {
  return rendered(environment).map(
    ({ object }) => `${object.kind} ${object.metadata.namespace ?? "-"}/${object.metadata.name}`,
  );
}

test("the sandbox makes its namespace, a model, and what a bound token needs", () => {
  expect(kindsAndNames("sandbox")).toMatchInlineSnapshot(`
    [
      "Namespace -/llm",
      "PersistentVolume -/llm.llama-weights-1c7f1d11",
      "PersistentVolumeClaim llm/llama-weights-1c7f1d11",
      "ServingRuntime llm/llama-d8769370",
      "InferenceService llm/llama",
      "Service llm/llama",
      "PodMonitor llm/llama",
      "ServiceAccount llm/llama-prometheus",
      "Role llm/llama-prometheus-reader",
      "RoleBinding llm/llama-prometheus-reader",
      "Role llm/llama-prometheus-token",
      "RoleBinding llm/llama-prometheus-token",
      "TriggerAuthentication llm/llama-prometheus",
      "ScaledObject llm/llama",
    ]
  `);
});

test("Kubernetes uses a namespace that is there", () => {
  expect(kindsAndNames("kubernetes")).toMatchInlineSnapshot(`
    [
      "PersistentVolume -/llm.llama-3-1-8b-weights-01463890",
      "PersistentVolumeClaim llm/llama-3-1-8b-weights-01463890",
      "ServingRuntime llm/llama-3-1-8b-36e5ac0d",
      "InferenceService llm/llama-3-1-8b",
      "Service llm/llama-3-1-8b",
      "PodMonitor llm/llama-3-1-8b",
      "ScaledObject llm/llama-3-1-8b",
    ]
  `);
});

test("OpenShift adds what a bound token needs", () => {
  expect(kindsAndNames("openshift")).toMatchInlineSnapshot(`
    [
      "PersistentVolume -/llm.llama-3-1-8b-weights-01463890",
      "PersistentVolumeClaim llm/llama-3-1-8b-weights-01463890",
      "ServingRuntime llm/llama-3-1-8b-36e5ac0d",
      "InferenceService llm/llama-3-1-8b",
      "Service llm/llama-3-1-8b",
      "PodMonitor llm/llama-3-1-8b",
      "ServiceAccount llm/llama-3-1-8b-prometheus",
      "Role llm/llama-3-1-8b-prometheus-reader",
      "RoleBinding llm/llama-3-1-8b-prometheus-reader",
      "Role llm/llama-3-1-8b-prometheus-token",
      "RoleBinding llm/llama-3-1-8b-prometheus-token",
      "TriggerAuthentication llm/llama-3-1-8b-prometheus",
      "ScaledObject llm/llama-3-1-8b",
    ]
  `);
});

test("the sandbox's policy: 5 requests in flight a replica, and at most 90 % of the tokens that may be late", () => {
  expect(rendered("sandbox").at(-1)?.object).toMatchObject({
    kind: "ScaledObject",
    spec: {
      minReplicaCount: 1,
      maxReplicaCount: 7,
      triggers: [
        { name: "in-flight", metricType: "AverageValue", metadata: { threshold: "5" } },
        { name: "itl", metricType: "Value", metadata: { threshold: "90" } },
      ],
    },
  });
});

test("every environment switches the ambient Kubernetes provider off and says which cluster it is for", () => {
  for (const environment of ["sandbox", "kubernetes", "openshift"]) {
    const text = readFileSync(join(root, `Pulumi.${environment}.yaml`), "utf8");
    const { config } = parse(text);
    expect(config["pulumi:disable-default-providers"]).toEqual(["kubernetes"]);
    expect(Object.keys(config["vllm-serving:cluster"].expect)).not.toEqual([]);
  }
});
