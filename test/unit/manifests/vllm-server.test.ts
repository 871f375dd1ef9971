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
      gpus: 0,
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
      "gpus is 0; it must be a whole number of at least 1.",
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
