import { describe, expect, test } from "vitest";
import { deployment } from "../../../src/manifests/deployment";
import { podMonitor } from "../../../src/manifests/pod-monitor";
import { service, serviceUrl } from "../../../src/manifests/service";
import { vllmServerManifests, vllmServerProblems } from "../../../src/manifests/vllm-server";
import type { VllmServerOptions } from "../../../src/manifests/vllm-server-options";
import { workload } from "../../../src/manifests/workload";

const standard: VllmServerOptions = { namespace: "models", servedModelName: "llama", weightsClaim: "weights" };
const selector = {
  "app.kubernetes.io/name": "vllm",
  "app.kubernetes.io/instance": "llama",
  "app.kubernetes.io/component": "inference-server",
};
const labels = { ...selector, "app.kubernetes.io/part-of": "vllm-serving" };
const kserveSelector = { "serving.kserve.io/inferenceservice": "llama", component: "predictor" };

/** Which pods each backend's Service and PodMonitor are for. */
const backends = [
  { backend: "kserve", pods: kserveSelector },
  { backend: "deployment", pods: selector },
] as const;

test("KServe is the default, and each backend has its objects", () => {
  const kinds = (options: Partial<VllmServerOptions>) =>
    vllmServerManifests("llama", { ...standard, ...options }).map(({ kind }) => kind);
  expect(kinds({})).toEqual(["ServingRuntime", "InferenceService", "Service", "PodMonitor"]);
  expect(kinds({ backend: "kserve" })).toEqual(kinds({}));
  expect(kinds({ backend: "deployment" })).toEqual(["Deployment", "Service", "PodMonitor"]);
  expect(kinds({ podMonitor: false })).toEqual(["ServingRuntime", "InferenceService", "Service"]);
});

test.each(backends)("$backend: the Service is called as the server is", ({ backend, pods }) => {
  expect(service("llama", { ...standard, backend })).toStrictEqual({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "llama", namespace: "models", labels },
    spec: {
      type: "ClusterIP",
      selector: pods,
      ports: [{ name: "http", port: 8000, targetPort: "http", protocol: "TCP" }],
    },
  });
  expect(serviceUrl("llama", "models")).toBe("http://llama.models.svc:8000");
});

test.each(backends)("$backend: the PodMonitor scrapes the named port (traps 37, 58)", ({ backend, pods }) => {
  const options = { ...standard, backend, scrapeIntervalSeconds: 5, podMonitorLabels: { release: "prometheus" } };
  expect(podMonitor("llama", options)).toStrictEqual({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name: "llama", namespace: "models", labels: { release: "prometheus", ...labels } },
    spec: {
      selector: { matchLabels: pods },
      podMetricsEndpoints: [{ port: "http", path: "/metrics", interval: "5s" }],
    },
  });
});

describe("what the cluster is told beside the pods", () => {
  function objects(options: Partial<VllmServerOptions>): Record<string, object> {
    const made = vllmServerManifests("llama", { ...standard, ...options });
    return Object.fromEntries(made.map((object) => [object.kind, object]));
  }

  test("a ServiceMonitor stands in the place of the PodMonitor, over our Service alone", () => {
    const made = objects({ serviceMonitor: true, podMonitorLabels: { release: "prometheus" } });
    expect(Object.keys(made)).toEqual(["ServingRuntime", "InferenceService", "Service", "ServiceMonitor"]);
    expect(made.ServiceMonitor).toStrictEqual({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { name: "llama", namespace: "models", labels: { release: "prometheus", ...labels } },
      spec: {
        selector: { matchLabels: selector },
        endpoints: [{ port: "http", path: "/metrics", interval: "15s" }],
      },
    });
    expect(made.Service).toHaveProperty("metadata.labels", expect.objectContaining(selector));
  });

  test.each(backends)("$backend: a PodDisruptionBudget, if asked for", ({ backend, pods }) => {
    expect(objects({ backend, maxDisrupted: 2 }).PodDisruptionBudget).toStrictEqual({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "llama", namespace: "models", labels },
      spec: { maxUnavailable: 2, selector: { matchLabels: pods }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
    });
    expect(objects({ backend })).not.toHaveProperty("PodDisruptionBudget");
  });

  test("pods are replaced one by one, or beside each other where GPUs are free for that", () => {
    const one = { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    const beside = { type: "RollingUpdate", rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } };
    expect(objects({}).InferenceService).toHaveProperty("spec.predictor.deploymentStrategy", one);
    expect(objects({ maxSurge: 2 }).InferenceService).toHaveProperty("spec.predictor.deploymentStrategy", beside);
    expect(objects({ backend: "deployment" }).Deployment).toHaveProperty("spec.strategy", one);
    expect(objects({ backend: "deployment", maxSurge: 2 }).Deployment).toHaveProperty("spec.strategy", beside);
  });

  test("pull secrets and the priority are the pod's", () => {
    const given = { imagePullSecrets: ["one", "two"], priorityClassName: "serving" };
    const pod = { imagePullSecrets: [{ name: "one" }, { name: "two" }], priorityClassName: "serving" };
    expect(objects(given).InferenceService).toHaveProperty("spec.predictor", expect.objectContaining(pod));
    expect(objects({ ...given, backend: "deployment" }).Deployment).toHaveProperty(
      "spec.template.spec",
      expect.objectContaining(pod),
    );
    expect(objects({ ...given, prePullImage: true }).DaemonSet).toHaveProperty(
      "spec.template.spec.imagePullSecrets",
      pod.imagePullSecrets,
    );
  });

  test("OpenShift AI's dashboard lists it, with its profiles where it looks for them", () => {
    const made = objects({
      dashboard: {
        displayName: "Llama 3.1",
        hardwareProfile: { name: "l4", namespace: "redhat-ods-applications" },
        acceleratorProfile: "nvidia-l4",
      },
    });
    for (const object of [made.InferenceService, made.ServingRuntime]) {
      expect(object).toHaveProperty(["metadata", "labels", "opendatahub.io/dashboard"], "true");
      expect(object).toHaveProperty(["metadata", "annotations", "openshift.io/display-name"], "Llama 3.1");
    }
    expect(made.InferenceService).toHaveProperty(
      "metadata.annotations",
      expect.objectContaining({
        "opendatahub.io/hardware-profile-name": "l4",
        "opendatahub.io/hardware-profile-namespace": "redhat-ods-applications",
      }),
    );
    expect(made.ServingRuntime).toHaveProperty(
      ["metadata", "annotations", "opendatahub.io/accelerator-name"],
      "nvidia-l4",
    );
    expect(objects({}).InferenceService).not.toHaveProperty(["metadata", "labels", "opendatahub.io/dashboard"]);
  });

  test("without GPUs it asks for none and runs on any node", () => {
    const { Deployment } = objects({ backend: "deployment", gpus: 0, image: "vllm-cpu:1", vllmVersion: "0.30.0" });
    expect(Deployment).toHaveProperty("spec.template.spec.containers[0].resources", {
      requests: { cpu: "4", memory: "16Gi" },
      limits: { memory: "16Gi" },
    });
    expect(Deployment).not.toHaveProperty("spec.template.spec.nodeSelector");
    expect(Deployment).not.toHaveProperty("spec.template.spec.tolerations");
    const problems = vllmServerProblems("llama", { ...standard, gpus: 0 });
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      "image is missing; gpus is 0, and the default image needs a GPU. Name one built for CPUs.",
    ]);
  });

  test("a runtime that is there brings its own container, and KServe the weights", () => {
    const runtime = { name: "kserve-huggingfaceserver", modelFormat: "huggingface" };
    const made = objects({
      runtime,
      gpus: 0,
      extraArgs: ["--backend=huggingface"],
      weightsSubPath: "distilbert",
      resources: { requests: { cpu: "1" } },
      apiKey: { name: "llama-key", key: "key" },
    });
    expect(Object.keys(made)).toEqual(["InferenceService", "Service", "ServiceMonitor"]);
    expect(made.InferenceService).toHaveProperty("spec.predictor.model", {
      modelFormat: { name: "huggingface" },
      runtime: "kserve-huggingfaceserver",
      storageUri: "pvc://weights/distilbert",
      args: ["--model_name=llama", "--backend=huggingface"],
      env: [{ name: "VLLM_API_KEY", valueFrom: { secretKeyRef: { name: "llama-key", key: "key" } } }],
      resources: { requests: { cpu: "1" }, limits: { cpu: "1" } },
    });
    expect(made.InferenceService).not.toHaveProperty("spec.predictor.nodeSelector");
    expect(made.Service).toHaveProperty("spec.ports[0].targetPort", 8080);
    const other = objects({ runtime: { ...runtime, modelFormat: "vLLM", port: 9000 } });
    expect(other.InferenceService).not.toHaveProperty("spec.predictor.model.args");
    expect(other.InferenceService).toHaveProperty("spec.predictor.nodeSelector", {
      "nvidia.com/gpu.product": "NVIDIA-L4",
    });
    expect(other.Service).toHaveProperty("spec.ports[0].targetPort", 9000);
  });

  test("what a runtime brings cannot be said again", () => {
    const runtime = { name: "kserve-huggingfaceserver", modelFormat: "", port: 0 };
    const given = { image: "vllm:1", vllmVersion: "0.30.0", podMonitor: true, backend: "deployment" } as const;
    const problems = vllmServerProblems("llama", { ...standard, ...given, runtime });
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      "runtime.port is 0; it must be a whole number of at least 1.",
      'runtime is KServe\'s: take the backend "kserve", or leave it out.',
      "runtime.modelFormat is empty; name a format that the runtime lists.",
      'image is the matter of runtime "kserve-huggingfaceserver". Leave it out, or say it by extraArgs.',
      'vllmVersion is the matter of runtime "kserve-huggingfaceserver". Leave it out, or say it by extraArgs.',
      "podMonitor needs a named port, which a runtime that is there need not have. Leave it out: a ServiceMonitor is made.",
    ]);
  });

  test("what only KServe reads is refused without it", () => {
    const predictor = { class: "hpa", minReplicas: 1, maxReplicas: 2 } as const;
    const problems = vllmServerProblems("llama", { ...standard, backend: "deployment", dashboard: {}, predictor });
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'predictor needs the backend "kserve", which reads it. Take that backend, or leave it out.',
      'dashboard lists InferenceServices: take the backend "kserve", or leave it out.',
    ]);
  });
});

test("Service, Deployment, PodMonitor and pods agree on port and labels, also with a name that is too long (trap 38)", () => {
  const name = `llama-${"x".repeat(80)}`;
  const options = { ...standard, backend: "deployment" } as const;
  const made = deployment(name, options);
  const pod = made.spec.template;
  expect(service(name, options).metadata.name).toHaveLength(63);
  expect(made.metadata.name).toBe(service(name, options).metadata.name);
  expect(made.metadata.name).toBe(workload(name, "deployment").deploymentName);
  expect(pod.spec.containers[0]?.ports[0]?.name).toBe(service(name, options).spec.ports[0]?.targetPort);
  expect(podMonitor(name, options).spec.podMetricsEndpoints[0]?.port).toBe(
    service(name, options).spec.ports[0]?.targetPort,
  );
  for (const chosen of [
    service(name, options).spec.selector,
    podMonitor(name, options).spec.selector.matchLabels,
    made.spec.selector.matchLabels,
  ]) {
    expect(pod.metadata.labels).toMatchObject(chosen);
    expect(chosen["app.kubernetes.io/instance"]).toHaveLength(63);
  }
});

describe("problems", () => {
  test("none in a standard model", () => {
    expect(vllmServerProblems("llama", standard)).toEqual([]);
  });

  const problemsOf = (options: Partial<VllmServerOptions>) =>
    vllmServerProblems("llama", { ...standard, ...options }).map(({ path, message }) => `${path} ${message}`);

  test.each([
    ["--model", "the weights are mounted at /mnt/models, say weights instead."],
    ["--served-model-name", "say servedModelName instead."],
    ["--host", "Service and probes need all addresses; leave it out."],
    ["--port", "Service, probes and PodMonitor expect 8000; leave it out."],
    ["--max-model-len", "say maxModelLen instead."],
    ["--max_num_seqs", "say maxNumSeqs instead."],
    ["--tensor-parallel-size", "say gpus instead."],
    ["-tp", "say gpus instead."],
    ["--api-key", "a secret does not belong in a pod's specification, say apiKey instead."],
    ["--shutdown-timeout", "say longestGenerationSeconds instead."],
    ["--safetensors-load-strategy", "it is eager, for weights on a network; leave it out."],
  ])("%s is not for extraArgs, in both forms, and its value is not repeated", (flag, instead) => {
    expect(problemsOf({ extraArgs: ["--enforce-eager", `${flag}=s3cret`, flag, "s3cret", `${flag} s3cret`] })).toEqual([
      `extraArgs[1] is ${flag}: ${instead}`,
      `extraArgs[2] is ${flag}: ${instead}`,
      `extraArgs[4] is ${flag}: ${instead}`,
    ]);
  });

  test("other flags are the user's, also those that begin as ours do", () => {
    expect(
      problemsOf({ extraArgs: ["--max-model-length-x=1", "--model-impl", "vllm", "--api-key-file=/k", "port"] }),
    ).toEqual([]);
  });

  test("an image says which vLLM is in it", () => {
    expect(problemsOf({ image: "registry.example.com/vllm:1" })).toEqual([
      "vllmVersion is missing; say which vLLM is in image, because it decides the flags it gets and the names of its metrics.",
    ]);
    expect(problemsOf({ image: "registry.example.com/vllm:1", vllmVersion: "0.30.0" })).toEqual([]);
  });

  test("a name and a namespace that are too long for the host name KServe makes of them", () => {
    const namespace = "n".repeat(40);
    const lines = (name: string, options: Partial<VllmServerOptions>) =>
      vllmServerProblems(name, { ...standard, ...options }).map(({ path, message }) => `${path} ${message}`);
    expect(lines("a".repeat(12), { namespace })).toEqual([]);
    expect(lines("a".repeat(13), { namespace })).toEqual([
      `name is "${"a".repeat(13)}", which with the namespace "${namespace}" makes 53 characters, but KServe makes one host name of both and takes at most 52. Shorten one of them, or take the backend "deployment".`,
    ]);
    expect(lines("a".repeat(13), { namespace, backend: "deployment" })).toEqual([]);
    // Longer names are shortened first.
    expect(lines("a".repeat(80), { namespace: "n".repeat(12) })).toEqual([]);
    expect(lines("a".repeat(80), { namespace: "n".repeat(13) })).toHaveLength(1);
  });

  test("KServe's version means nothing to a Deployment", () => {
    expect(problemsOf({ backend: "deployment", kserveVersion: "latest" })).toEqual([]);
    expect(problemsOf({ kserveVersion: "latest" })).toEqual([
      'kserveVersion is "latest"; write a release as major.minor.patch, e.g. 0.20.0.',
    ]);
  });

  test("all at once", () => {
    const problems = vllmServerProblems("llama_3", {
      namespace: "my.models",
      kserveVersion: "0.14.1",
      servedModelName: "",
      weightsClaim: "weights",
      vllmVersion: "latest",
      gpus: -1,
      maxSurge: -1,
      maxDisrupted: 0,
      podMonitor: true,
      serviceMonitor: true,
      imagePullSecrets: ["pull", "My Secret"],
      maxModelLen: 0.5,
      maxNumSeqs: -1,
      longestGenerationSeconds: 0,
      scrapeIntervalSeconds: Number.NaN,
      runAsUser: 0,
      startup: { imagePullSeconds: -1, loadSeconds: Number.POSITIVE_INFINITY, compileSeconds: Number.NaN },
    });
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'name is "llama_3", but Kubernetes objects are named after it: use lower-case letters, digits and dashes, begin with a letter and end with a letter or digit.',
      'namespace is "my.models", which is no namespace\'s name: use at most 63 lower-case letters, digits and dashes, beginning and ending with a letter or digit.',
      'kserveVersion is 0.14.1; the oldest one supported is 0.15.0. Update KServe, or take the backend "deployment".',
      "servedModelName is empty; say what clients ask for.",
      'vllmVersion is "latest"; write a release as major.minor.patch, e.g. 0.30.0.',
      "gpus is -1; it must be a whole number of at least 0.",
      "maxSurge is -1; it must be a whole number of at least 0.",
      "maxDisrupted is 0; it must be a whole number of at least 1.",
      "serviceMonitor is true beside podMonitor, so every series would be there twice and every sum doubled. Keep one.",
      'imagePullSecrets[1] is "My Secret", which no object is named: use at most 253 lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit.',
      "maxModelLen is 0.5; it must be a whole number of at least 1.",
      "maxNumSeqs is -1; it must be a whole number of at least 1.",
      "longestGenerationSeconds is 0; it must be a whole number of at least 1.",
      "scrapeIntervalSeconds is NaN; it must be a whole number of at least 1.",
      "runAsUser is 0; it must be a whole number of at least 1.",
      "startup.imagePullSeconds is -1; it must be at least 0 seconds.",
      "startup.loadSeconds is Infinity; it must be at least 0 seconds.",
      "startup.compileSeconds is NaN; it must be at least 0 seconds.",
    ]);
  });
});
