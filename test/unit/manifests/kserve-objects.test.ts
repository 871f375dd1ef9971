import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deployment } from "../../../src/manifests/deployment";
import { inferenceService } from "../../../src/manifests/inference-service";
import { servingRuntime, servingRuntimeName, servingRuntimeSpec } from "../../../src/manifests/serving-runtime";
import { vllmServerManifests } from "../../../src/manifests/vllm-server";
import type { VllmServerOptions } from "../../../src/manifests/vllm-server-options";

const standard: VllmServerOptions = {
  namespace: "models",
  servedModelName: "llama-3.1-8b",
  weightsClaim: "llama-weights",
};
const labels = {
  "app.kubernetes.io/name": "vllm",
  "app.kubernetes.io/instance": "llama",
  "app.kubernetes.io/component": "inference-server",
  "app.kubernetes.io/part-of": "vllm-serving",
};

function objectsOf(options: Partial<VllmServerOptions>, name = "llama") {
  const [runtime, service] = vllmServerManifests(name, { ...standard, ...options });
  return { runtime, service };
}

function runtimeName(options: Partial<VllmServerOptions>) {
  return objectsOf(options).runtime?.metadata.name;
}

test("a standard model (traps 46, 48, 51, 59)", () => {
  const { runtime, service } = objectsOf({});
  expect(runtime).toMatchObject({
    apiVersion: "serving.kserve.io/v1alpha1",
    kind: "ServingRuntime",
    metadata: {
      name: expect.stringMatching(/^llama-[0-9a-f]{8}$/),
      namespace: "models",
      labels,
      annotations: {
        "vllm-serving.dev/startup-image-pull-seconds": "60",
        "vllm-serving.dev/startup-load-seconds": "60",
        "vllm-serving.dev/startup-compile-seconds": "45",
      },
    },
  });
  expect(service).toStrictEqual({
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: {
      name: "llama",
      namespace: "models",
      labels: { ...labels, "networking.kserve.io/visibility": "cluster-local" },
      annotations: {
        "serving.kserve.io/deploymentMode": "Standard",
        "serving.kserve.io/autoscalerClass": "external",
        "pulumi.com/waitFor": '["condition=Ready","jsonpath={.status.modelStatus.copies.totalCopies}"]',
      },
    },
    spec: {
      predictor: {
        annotations: { "vllm-serving.dev/serving-runtime": runtime?.metadata.name },
        model: { modelFormat: { name: "huggingface" }, runtime: runtime?.metadata.name },
        deploymentStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
        enableServiceLinks: false,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 145,
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
      },
    },
  });
});

/** A pod as KServe puts it together from both objects (kserve/kserve, `MergePodSpec` and `MergeRuntimeContainers`). */
function podOf(name: string, options: VllmServerOptions) {
  const { supportedModelFormats: _, multiModel: __, containers, ...runtime } = servingRuntimeSpec(options);
  const context = { runtimeName: "runtime", deploymentMode: "Standard", waitFor: "", storageUri: "" };
  const { predictor } = inferenceService(name, context, options).spec;
  const { annotations: ___, model: ____, deploymentStrategy: _____, ...settings } = predictor;
  return { ...runtime, ...settings, containers };
}

test("the pods are those of the Deployment, but for the name of the container", () => {
  const options = {
    ...standard,
    image: "registry.example.com/vllm:1",
    vllmVersion: "0.17.0",
    gpus: 2,
    gpuProduct: "NVIDIA-H100-80GB-HBM3",
    maxNumSeqs: 64,
    apiKey: { name: "key", key: "token" },
    weightsSubPath: "llama",
    resources: { requests: { cpu: "2" }, limits: { memory: "24Gi" } },
    tolerations: [{ operator: "Exists" }],
    runAsUser: 2000,
    longestGenerationSeconds: 300,
    startup: { loadSeconds: 600 },
  };
  const { spec } = deployment("llama", options).spec.template;
  const [container] = spec.containers;
  expect(podOf("llama", options)).toStrictEqual({ ...spec, containers: [{ ...container, name: "kserve-container" }] });
});

describe("an update rolls the pods once", () => {
  test("by another runtime for what is in the pods", () => {
    const names = [
      {},
      { maxModelLen: 4096 },
      { vllmVersion: "0.29.0" },
      { weightsClaim: "other" },
      { gpuProduct: "NVIDIA-A100" },
      { startup: { loadSeconds: 600 } },
    ].map(runtimeName);
    expect(new Set(names).size).toBe(names.length);
  });

  test("and not at all for what the policy was derived from, and for what Service and PodMonitor say", () => {
    const tuned = {
      capacityProfileId: "llama-3.1-8b-l4",
      meanPromptTokens: 1000,
      meanOutputTokens: 500,
      scrapeIntervalSeconds: 5,
      podMonitorLabels: { release: "prometheus" },
    };
    expect(runtimeName(tuned)).toBe(runtimeName({}));
    expect(objectsOf(tuned).service).toStrictEqual(objectsOf({}).service);
    expect(objectsOf(tuned).runtime).toHaveProperty(
      ["metadata", "annotations", "vllm-serving.dev/mean-prompt-tokens"],
      "1000",
    );
  });

  test("the name of a runtime fits, however long that of the server is", () => {
    const name = `llama-${"x".repeat(80)}`;
    expect(servingRuntimeName(name, {})).toHaveLength(63);
    expect(servingRuntimeName(name, {})).not.toBe(servingRuntimeName(name, { containers: [] }));
  });
});

test("names that are too long are shortened so far that KServe can add to them (trap 33)", () => {
  const { service } = objectsOf({}, `llama-${"x".repeat(80)}`);
  expect(service?.metadata.name).toHaveLength(40);
  expect(`isvc.${service?.metadata.name}-predictor`.length).toBeLessThanOrEqual(63);
});

test("braces of an argument stay, though KServe reads the container as a template", () => {
  const { containers } = servingRuntime("llama", "runtime", {
    ...standard,
    extraArgs: ["--chat-template={{ messages }}", '--override-generation-config={"a":{"b":1}}'],
  }).spec;
  expect(containers[0]?.args.slice(-2)).toEqual([
    "--chat-template={{`{{`}} messages }}",
    '--override-generation-config={"a":{"b":1}}',
  ]);
});

test("nothing else of a template is ever made", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("{", "}", "a", "`") })), (extraArgs) => {
      const { containers } = servingRuntime("llama", "runtime", { ...standard, extraArgs }).spec;
      const given = containers[0]?.args.slice(-extraArgs.length || undefined) ?? [];
      // What Go's template engine makes of an action that only quotes braces.
      const read = given.map((arg) => arg.replaceAll("{{`{{`}}", "{{"));
      expect(extraArgs.length === 0 ? [] : read).toEqual(extraArgs);
    }),
  );
});

test("no replicas, whatever is asked for: they are the autoscaler's", () => {
  const text = JSON.stringify(vllmServerManifests("llama", standard));
  expect(text).not.toMatch(/replicas/i);
});
