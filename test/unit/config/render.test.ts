import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { parseConfiguration } from "../../../src/config/parse";
import { renderConfiguration, toYaml } from "../../../src/config/render";
import { validConfiguration, validModel, validPlatform } from "./valid-configuration";

function rendered(models = [validModel()]) {
  const result = parseConfiguration({ ...validConfiguration(), models });
  return result.ok ? renderConfiguration(result.configuration) : [];
}

test("every object has a place by its namespace, kind and name", () => {
  const model = validModel();
  expect(rendered([{ ...model, createNamespace: true }])[0]?.path).toBe("00-cluster_namespace_llm.yaml");
  const paths = rendered([{ ...model, weights: { existingClaim: "weights" } }]).map(({ path }) => path);
  expect(paths).toEqual([
    expect.stringMatching(/^50-llm_servingruntime_llama-[0-9a-f]{8}\.yaml$/),
    "60-llm_inferenceservice_llama.yaml",
    "60-llm_service_llama.yaml",
    "65-llm_podmonitor_llama.yaml",
    "75-llm_scaledobject_llama.yaml",
  ]);
});

test("a model makes no PodMonitor where one scrapes all models", () => {
  const clusterPodMonitor = { namespace: "monitoring", name: "models" };
  const result = parseConfiguration({
    ...validConfiguration(),
    platform: {
      ...validPlatform(),
      prometheus: { url: "http://prometheus.monitoring.svc:9090", clusterPodMonitor },
    },
  });
  const kinds = result.ok ? renderConfiguration(result.configuration).map(({ object }) => object.kind) : [];
  expect(kinds).toContain("ScaledObject");
  expect(kinds).not.toContain("PodMonitor");
});

test("models come one after the other, and no place is taken twice", () => {
  const paths = rendered([validModel(), { ...validModel(), name: "second" }]).map(({ path }) => path);
  expect(paths).toHaveLength(14);
  expect(new Set(paths).size).toBe(14);
});

test("the YAML reads back as the same objects, each below its place", () => {
  const objects = rendered();
  const yaml = toYaml(objects);
  const documents = parseAllDocuments(yaml);
  expect(documents.map((document) => document.toJS())).toEqual(
    objects.map(({ object }) => JSON.parse(JSON.stringify(object))),
  );
  expect(yaml.match(/^# .*$/gm)).toEqual(objects.map(({ path }) => `# ${path}`));
  expect(yaml).not.toMatch(/[&*][a-z]\d/);
});

test("an API key is a reference to its Secret", () => {
  const [runtime] = rendered([{ ...validModel(), apiKey: { name: "llama-key", key: "token" } }]).filter(
    ({ object }) => object.kind === "ServingRuntime",
  );
  expect(JSON.stringify(runtime)).toContain('"secretKeyRef":{"name":"llama-key","key":"token"}');
});
