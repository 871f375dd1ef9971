import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { VllmServer, type VllmServerArgs } from "../../src";
import { messageOf, outputValue, record, resource, secretValue, unknownOutput, unknownValue } from "./recorded-program";

const deployment = "vllm-serving:index:VllmServer$kubernetes:apps/v1:Deployment::llama";
const runtime = "vllm-serving:index:VllmServer$kubernetes:serving.kserve.io/v1alpha1:ServingRuntime::llama";
const inferenceService = "vllm-serving:index:VllmServer$kubernetes:serving.kserve.io/v1beta1:InferenceService::llama";
const service = "vllm-serving:index:VllmServer$kubernetes:core/v1:Service::llama";
const podMonitor = "vllm-serving:index:VllmServer$kubernetes:monitoring.coreos.com/v1:PodMonitor::llama";

test("takes the namespace and the claim of other resources, and waits for them", async () => {
  const program = await record(() => {
    const namespace = new k8s.core.v1.Namespace("models", { metadata: { name: "models" } });
    const claim = new k8s.core.v1.PersistentVolumeClaim("weights", { metadata: { name: "weights" } });
    return new VllmServer("llama", {
      namespace: namespace.metadata.name,
      servedModelName: "llama",
      weightsClaim: claim.metadata.name,
    });
  });
  const namespaceUrn = "kubernetes:core/v1:Namespace::models";
  const claimUrn = "kubernetes:core/v1:PersistentVolumeClaim::weights";
  expect([...program.resources.keys()].sort()).toEqual(
    [
      namespaceUrn,
      claimUrn,
      "vllm-serving:index:VllmServer::llama",
      runtime,
      inferenceService,
      service,
      podMonitor,
    ].sort(),
  );
  expect(resource(program, runtime).dependencies).toEqual([namespaceUrn, claimUrn].sort());
  expect(resource(program, inferenceService).dependencies).toEqual([namespaceUrn, claimUrn, runtime].sort());
  expect(resource(program, service).dependencies).toEqual([namespaceUrn, inferenceService].sort());
  expect(resource(program, podMonitor).dependencies).toEqual([namespaceUrn]);
  for (const urn of [runtime, inferenceService, service, podMonitor]) {
    expect(resource(program, urn).inputs).toHaveProperty("metadata.namespace", "models");
  }
});

test.each([
  {
    backend: "kserve",
    deploymentName: "llama-predictor",
    podLabels: { "serving.kserve.io/inferenceservice": "llama", component: "predictor" },
  },
  {
    backend: "deployment",
    deploymentName: "llama",
    podLabels: {
      "app.kubernetes.io/name": "vllm",
      "app.kubernetes.io/instance": "llama",
      "app.kubernetes.io/component": "inference-server",
    },
  },
] as const)("outputs with the backend $backend", async ({ backend, deploymentName, podLabels }) => {
  const { result: server } = await record(
    () => new VllmServer("llama", { backend, namespace: "models", servedModelName: "llama", weightsClaim: "weights" }),
  );
  expect(await outputValue(server.url)).toBe("http://llama.models.svc:8000");
  expect(await outputValue(server.serviceName)).toBe("llama");
  expect(await outputValue(server.deploymentName)).toBe(deploymentName);
  expect(await outputValue(server.podLabels)).toEqual(podLabels);
});

test("a rollout may take as long as start-up and drain were declared (trap 59)", async () => {
  const slow = { imagePullSeconds: 300, loadSeconds: 600, compileSeconds: 100 };
  const args = { namespace: "models", servedModelName: "llama", weightsClaim: "weights", startup: slow };
  const kserve = await record(() => new VllmServer("llama", args));
  const own = await record(() => new VllmServer("llama", { ...args, backend: "deployment" }));
  const create = { create: "3205s", delete: "745s" };
  expect(resource(kserve, inferenceService).timeouts).toEqual({ ...create, update: "3205s" });
  expect(resource(kserve, service).timeouts).toEqual({ ...create, update: "2h" });
  expect(resource(own, deployment).inputs).toHaveProperty("spec.progressDeadlineSeconds", 3145);
  expect(resource(own, deployment).timeouts).toEqual({ ...create, update: "2h" });
});

test("another autoscaler, and so another deployment mode, is another InferenceService; another spelling of the mode is not (traps 35, 52)", async () => {
  const args = { namespace: "models", servedModelName: "llama", weightsClaim: "weights" };
  const annotationsOf = async (change: Partial<VllmServerArgs>) => {
    const made = resource(await record(() => new VllmServer("llama", { ...args, ...change })), inferenceService);
    // Deleted first: both have one name.
    expect(made.deleteBeforeReplace).toBe(true);
    expect(made.replaceOnChanges).toEqual(['metadata.annotations["serving.kserve.io/autoscalerClass"]']);
    const { annotations } = Object(made.inputs.metadata);
    const { "serving.kserve.io/autoscalerClass": autoscaler, "serving.kserve.io/deploymentMode": mode } = annotations;
    return { autoscaler, mode };
  };
  const predictor = { minReplicas: 1, maxReplicas: 2 };
  expect(await annotationsOf({})).toEqual({ autoscaler: "external", mode: "Standard" });
  expect(await annotationsOf({ predictor: { ...predictor, class: "keda" } })).toEqual({
    autoscaler: "keda",
    mode: "Standard",
  });
  expect(await annotationsOf({ predictor: { ...predictor, class: "knative" } })).toEqual({
    autoscaler: undefined,
    mode: "Knative",
  });
  expect(await annotationsOf({ kserveVersion: "0.15.2" })).toEqual({ autoscaler: "external", mode: "RawDeployment" });
});

test("a secret namespace stays secret", async () => {
  const namespace = pulumi.secret("models");
  const program = await record(
    () => new VllmServer("llama", { namespace, servedModelName: "llama", weightsClaim: "weights" }),
  );
  for (const urn of [runtime, inferenceService]) {
    expect(resource(program, urn).inputs).toHaveProperty("metadata.namespace", secretValue("models"));
  }
});

test("at preview only what is unknown is unknown", async () => {
  const args = { namespace: "models", servedModelName: "llama", weightsClaim: "weights" };
  const program = await record(
    () => new VllmServer("llama", { ...args, weightsClaim: unknownOutput(), kserveVersion: unknownOutput() }),
    { preview: true },
  );
  const known = await record(() => new VllmServer("llama", args));
  expect(program.errors).toEqual([]);
  const claim = { claimName: unknownValue, readOnly: true };
  const { spec, metadata } = resource(known, runtime).inputs;
  expect(resource(program, runtime).inputs).toMatchObject({ metadata: { name: unknownValue } });
  expect(resource(program, runtime).inputs.spec).toEqual({
    ...Object(spec),
    volumes: [{ name: "weights", persistentVolumeClaim: claim }, ...Object(spec).volumes.slice(1)],
  });
  expect(Object(metadata).name).toMatch(/^llama-[0-9a-f]{8}$/);
  expect(resource(program, inferenceService).inputs).toMatchObject({
    metadata: { name: "llama", annotations: { "serving.kserve.io/deploymentMode": unknownValue } },
    spec: { predictor: { model: { runtime: unknownValue } } },
  });
  expect(resource(program, service).inputs).toEqual(resource(known, service).inputs);
});

describe("wrong arguments", () => {
  test("all at once, before anything is registered", async () => {
    let message = "";
    const { resources } = await record(() => {
      try {
        new VllmServer("llama_3", { namespace: "", servedModelName: "", weightsClaim: "weights", gpus: 1.5 });
      } catch (error) {
        message = messageOf(error);
      }
    });
    expect(resources.size).toBe(0);
    expect(message).toBe(`VllmServer "llama_3" has 4 problems in its arguments:
  name: is "llama_3", but Kubernetes objects are named after it: use lower-case letters, digits and dashes, begin with a letter and end with a letter or digit.
  namespace: is "", which is no namespace's name: use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.
  servedModelName: is empty; say what clients ask for.
  gpus: is 1.5; it must be a whole number of at least 0.`);
  });

  test("a namespace that turns out to be none stops every object", async () => {
    const { resources, errors } = await record(
      () =>
        new VllmServer("llama", {
          namespace: pulumi.output("My Models"),
          servedModelName: "llama",
          weightsClaim: "weights",
        }),
    );
    expect([...resources.keys()]).toEqual(["vllm-serving:index:VllmServer::llama"]);
    expect(errors.length).toBeGreaterThan(0);
    expect(messageOf(errors[0])).toContain(
      'VllmServer "llama" has 1 problem in its arguments:\n  namespace: is "My Models", which is no namespace\'s name',
    );
  });
});
