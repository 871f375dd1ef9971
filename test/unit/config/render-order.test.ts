import { expect, test } from "vitest";
import { applicationPatch, forArgoCd } from "../../../src/config/argo-cd";
import { parseConfiguration } from "../../../src/config/parse";
import { type RenderedObject, renderConfiguration } from "../../../src/config/render";
import { validConfiguration, validModel, validPlatform } from "./valid-configuration";

function rendered(model: object = {}, platform: object = {}): RenderedObject[] {
  const result = parseConfiguration({
    ...validConfiguration(),
    platform: { ...validPlatform(), ...platform },
    models: [{ ...validModel(), ...model }],
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return renderConfiguration(result.configuration);
}

const withToken = { prometheus: { url: "https://prometheus.example", authentication: "boundServiceAccountToken" } };

test("sorted by its path, an object comes after what it needs", () => {
  const objects = rendered({ createNamespace: true }, withToken);
  const sorted = objects.map(({ path }) => path).sort();
  expect(sorted.map((path) => path.replace(/-([0-9a-f]{8})\.yaml$/, "-HASH.yaml"))).toEqual([
    "00-cluster_namespace_llm.yaml",
    "30-llm_role_llama-prometheus-reader.yaml",
    "30-llm_role_llama-prometheus-token.yaml",
    "30-llm_serviceaccount_llama-prometheus.yaml",
    "35-llm_rolebinding_llama-prometheus-reader.yaml",
    "35-llm_rolebinding_llama-prometheus-token.yaml",
    expect.stringMatching(/^40-cluster_persistentvolume_llm\.llama-weights-/),
    expect.stringMatching(/^40-llm_persistentvolumeclaim_llama-weights-/),
    "50-llm_servingruntime_llama-HASH.yaml",
    "60-llm_inferenceservice_llama.yaml",
    "60-llm_service_llama.yaml",
    "65-llm_podmonitor_llama.yaml",
    "70-llm_triggerauthentication_llama-prometheus.yaml",
    "75-llm_scaledobject_llama.yaml",
  ]);
});

test("a second model renames no file of the first", () => {
  const first = rendered().map(({ path }) => path);
  const result = parseConfiguration({
    ...validConfiguration(),
    models: [{ ...validModel(), name: "a" }, validModel()],
  });
  const both = result.ok ? renderConfiguration(result.configuration).map(({ path }) => path) : [];
  expect(both).toEqual(expect.arrayContaining(first));
  expect(both).toHaveLength(2 * first.length);
});

test("Argo CD gets the step as sync wave, beside the annotations that are there", () => {
  const objects = rendered();
  const annotated = forArgoCd(objects).map(({ path, object }) => [path.slice(0, 2), object.kind, object.metadata]);
  expect(annotated.map(([step, kind]) => [step, kind])).toEqual(
    objects.map(({ path, object }) => [path.slice(0, 2), object.kind]),
  );
  for (const [step, , metadata] of annotated) {
    expect(metadata).toHaveProperty(["annotations", "argocd.argoproj.io/sync-wave"], String(Number(step)));
  }
  const inferenceService = annotated.find(([, kind]) => kind === "InferenceService")?.[2];
  expect(inferenceService).toHaveProperty(["annotations", "serving.kserve.io/autoscalerClass"], "external");
});

test("only kinds that an operator defines may be unknown to the cluster when a sync begins", () => {
  const option = "argocd.argoproj.io/sync-options";
  const optional = forArgoCd(rendered({}, withToken)).filter(({ object }) =>
    JSON.stringify(object.metadata).includes(option),
  );
  expect(optional.map(({ object }) => object.kind)).toEqual([
    "ServingRuntime",
    "InferenceService",
    "PodMonitor",
    "TriggerAuthentication",
    "ScaledObject",
  ]);
});

test("the replicas of a Deployment of ours are the autoscaler's, in comparing and in syncing", () => {
  expect(applicationPatch(rendered({ backend: "deployment" }))).toEqual({
    metadata: { annotations: { "argocd.argoproj.io/compare-options": "ServerSideDiff=true" } },
    spec: {
      syncPolicy: { syncOptions: ["ServerSideApply=true", "RespectIgnoreDifferences=true"] },
      ignoreDifferences: [
        { group: "apps", kind: "Deployment", namespace: "llm", name: "llama", jsonPointers: ["/spec/replicas"] },
      ],
    },
  });
});

test("the Deployment that KServe makes is not in Git, so there is nothing to ignore", () => {
  expect(applicationPatch(rendered()).spec).not.toHaveProperty("ignoreDifferences");
});
