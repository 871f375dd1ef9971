import { describe, expect, test } from "vitest";
import {
  compileScaledObject,
  type PlatformReference,
  platformReference,
  type ServedModelOptions,
  type SloAutoscalerOptions,
  servedModelManifests,
} from "../../../src/manifests";

const knative = { mode: "existing" } as const;
const kubernetes = platformReference({
  distribution: "kubernetes",
  prometheus: { url: "http://prometheus:9090" },
  knative,
});
const openShift = platformReference({
  distribution: "openshift",
  prometheus: { url: "https://thanos-querier:9092" },
  knative,
  kserve: { productVersion: "2.22.0", version: "0.17.0", serverless: true },
});
const llama: ServedModelOptions & Pick<SloAutoscalerOptions, "slo" | "capacity"> = {
  namespace: "models",
  weights: { nfs: { server: "nfs.example.com", path: "/exports/llama" } },
  slo: { itl: { atMostMs: 75 } },
  replicas: { max: 7 },
  capacity: { profile: "llama-3.1-8b-l4", promptTokens: 1000, outputTokens: 500 },
};

function objectsOf(options: ServedModelOptions, platform: PlatformReference, name = "llama") {
  const result = servedModelManifests(name, options, platform);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.problems));
  }
  return result.objects;
}

function problemsOf(options: Partial<ServedModelOptions>, platform = kubernetes, name = "llama") {
  const result = servedModelManifests(name, { ...llama, ...options }, platform);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe("objects", () => {
  test("in the order they are created in", () => {
    const options = { ...llama, createNamespace: true, prometheusAuthentication: "boundServiceAccountToken" } as const;
    expect(objectsOf(options, openShift).map(({ object, logicalName }) => `${object.kind} ${logicalName}`)).toEqual([
      "Namespace llama-namespace",
      "PersistentVolume llama-weights",
      "PersistentVolumeClaim llama-weights",
      "ServingRuntime llama",
      "InferenceService llama",
      "Service llama",
      "PodMonitor llama",
      "ServiceAccount llama-prometheus",
      "Role llama-prometheus-reader",
      "RoleBinding llama-prometheus-reader",
      "Role llama-prometheus-token",
      "RoleBinding llama-prometheus-token",
      "TriggerAuthentication llama-prometheus",
      "ScaledObject llama",
    ]);
  });

  test("with the token of a Secret in the place of KEDA's leave", () => {
    const prometheus = { url: "https://thanos-querier:9092", authentication: "serviceAccountTokenSecret" } as const;
    const platform = platformReference({ distribution: "openshift", prometheus });
    const objects = objectsOf({ ...llama, prometheusAuthentication: "serviceAccountTokenSecret" }, platform);
    expect(objects.map(({ object, logicalName }) => `${object.kind} ${logicalName}`).slice(-6)).toEqual([
      "ServiceAccount llama-prometheus",
      "Role llama-prometheus-reader",
      "RoleBinding llama-prometheus-reader",
      "Secret llama-prometheus-token",
      "TriggerAuthentication llama-prometheus",
      "ScaledObject llama",
    ]);
  });

  test("with a password that is in a Secret: nobody needs an identity", () => {
    const prometheus = {
      url: "https://prometheus",
      authentication: "basic",
      credentialsSecret: { name: "p" },
    } as const;
    const platform = platformReference({ distribution: "kubernetes", prometheus });
    const objects = objectsOf({ ...llama, prometheusAuthentication: "basic" }, platform);
    expect(objects.map(({ object, logicalName }) => `${object.kind} ${logicalName}`).slice(-3)).toEqual([
      "PodMonitor llama",
      "TriggerAuthentication llama-prometheus",
      "ScaledObject llama",
    ]);
  });

  test("are all in the model's namespace, save those that have none (trap 31)", () => {
    const without = objectsOf({ ...llama, createNamespace: true }, kubernetes).filter(
      ({ object }) => object.metadata.namespace !== "models",
    );
    expect(without.map(({ object }) => object.kind)).toEqual(["Namespace", "PersistentVolume"]);
  });

  test("on OpenShift ask Thanos Querier in the triggers alone; what scrapes is a monitor of the namespace (trap 42)", () => {
    const platform = platformReference({ distribution: "openshift" });
    const options = { ...llama, prometheusAuthentication: "boundServiceAccountToken" } as const;
    const objects = objectsOf(options, platform).map(({ object }) => object);
    const asking = objects.filter((object) => JSON.stringify(object).includes("thanos"));
    expect(asking.map(({ kind }) => kind)).toEqual(["ScaledObject"]);
    expect(JSON.stringify(asking).match(/"serverAddress":"[^"]*"/g)).toEqual(
      Array(2).fill('"serverAddress":"https://thanos-querier.openshift-monitoring.svc.cluster.local:9092"'),
    );
    const scraping = objects.filter(({ apiVersion }) => apiVersion === "monitoring.coreos.com/v1");
    expect(scraping.map(({ kind, metadata }) => `${kind} ${metadata.namespace}`)).toEqual(["PodMonitor models"]);
    expect(scraping[0]).toHaveProperty("spec.podMetricsEndpoints[0]", {
      port: "http",
      path: "/metrics",
      interval: "15s",
    });
  });

  test("tell on demand that the load needs more than the maximum, by the model's own metrics (trap 12)", () => {
    const alert = { forSeconds: 600, severity: "critical", labels: { release: "monitoring" } };
    const objects = objectsOf({ ...llama, saturationAlert: alert }, kubernetes).map(({ object }) => object);
    const [scaledObject, rule] = objects.slice(-2);
    expect(scaledObject).toHaveProperty("kind", "ScaledObject");
    expect(rule).toEqual({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: "llama",
        namespace: "models",
        labels: {
          release: "monitoring",
          "app.kubernetes.io/name": "vllm",
          "app.kubernetes.io/instance": "llama",
          "app.kubernetes.io/component": "autoscaler",
          "app.kubernetes.io/part-of": "vllm-serving",
        },
      },
      spec: {
        groups: [
          {
            name: "vllm-serving",
            rules: [
              {
                alert: "ModelNeedsMoreThanMaxReplicas",
                expr: expect.stringMatching(/^count\(count by \(instance\) \(vllm:num_requests_running.* >= 7 and /),
                for: "600s",
                labels: { severity: "critical", scaledobject: "llama" },
                annotations: {
                  summary: "llama needs more than its 7 replicas.",
                  description:
                    "All 7 replicas of llama serve, and its load asks for more: the objective is missed, or kept by the headroom alone. Raise replicas.max if there are GPUs for more, or send it less.",
                },
              },
            ],
          },
        ],
      },
    });
    const byDefault = objectsOf({ ...llama, saturationAlert: {} }, kubernetes).at(-1)?.object;
    expect(byDefault).toHaveProperty("spec.groups[0].rules[0]", expect.objectContaining({ for: "300s" }));
    expect(byDefault).toHaveProperty("spec.groups[0].rules[0].labels.severity", "warning");
    expect(problemsOf({ saturationAlert: { forSeconds: 0 } })).toEqual([
      "saturationAlert.forSeconds: is 0; it must be a whole number of at least 1.",
    ]);
    expect(problemsOf({ saturationAlert: {}, scaling: { kserveKeda: {} } })).toEqual([
      "saturationAlert: is compiled with a ScaledObject of ours, which there is none of with scaling.kserveKeda. Leave it out.",
    ]);
  });

  test("two models of a namespace share none, also with names that only differ behind the limit", () => {
    const names = [`${"m".repeat(70)}a`, `${"m".repeat(70)}b`];
    const identities = names.flatMap((name) =>
      objectsOf(llama, kubernetes, name).map(({ object }) => `${object.kind} ${object.metadata.name}`),
    );
    expect(new Set(identities).size).toBe(identities.length);
    expect(identities).toHaveLength(14);
  });

  test("the same model in two namespaces has two volumes", () => {
    const volumes = ["one", "two"].map((namespace) =>
      objectsOf({ ...llama, namespace }, kubernetes).find(({ object }) => object.kind === "PersistentVolume"),
    );
    expect(volumes[0]?.object.metadata.name).not.toBe(volumes[1]?.object.metadata.name);
  });

  test("the pods mount the claim that is made", () => {
    const objects = objectsOf(llama, kubernetes);
    const claim = objects.find(({ object }) => object.kind === "PersistentVolumeClaim")?.object.metadata.name;
    expect(objects.find(({ object }) => object.kind === "ServingRuntime")?.object).toHaveProperty(
      "spec.volumes[0].persistentVolumeClaim",
      { claimName: claim, readOnly: true },
    );
  });

  test.each([
    { backend: "kserve", kind: "ServingRuntime" },
    { backend: "deployment", kind: "Deployment" },
  ] as const)("the $kind says what the policy was derived from", ({ backend, kind }) => {
    const objects = objectsOf({ ...llama, backend }, kubernetes);
    expect(objects.find(({ object }) => object.kind === kind)?.object).toHaveProperty("metadata.annotations", {
      "vllm-serving.dev/startup-image-pull-seconds": "60",
      "vllm-serving.dev/startup-load-seconds": "60",
      "vllm-serving.dev/startup-compile-seconds": "45",
      "vllm-serving.dev/capacity-profile": "llama-3.1-8b-l4",
      "vllm-serving.dev/mean-prompt-tokens": "1000",
      "vllm-serving.dev/mean-output-tokens": "500",
    });
  });

  test("the ScaledObject scales the Deployment by the series of the served name (trap 24)", () => {
    const scaledObject = objectsOf({ ...llama, servedModelName: "chat" }, openShiftWithoutAuthentication()).at(
      -1,
    )?.object;
    expect(scaledObject).toHaveProperty("spec.scaleTargetRef", {
      name: "llama-predictor",
      kind: "Deployment",
      apiVersion: "apps/v1",
    });
    expect(objectsOf({ ...llama, backend: "deployment" }, kubernetes).at(-1)?.object).toHaveProperty(
      "spec.scaleTargetRef.name",
      "llama",
    );
    expect(scaledObject).toHaveProperty("spec.minReplicaCount", 1);
    expect(scaledObject).toHaveProperty("spec.triggers[0].metadata.namespace", "models");
    expect(scaledObject).toHaveProperty(
      "spec.triggers[0].metadata.query",
      expect.stringContaining('model_name="chat"'),
    );
  });

  function openShiftWithoutAuthentication(): PlatformReference {
    return { ...openShift, prometheusAuthentication: "none" };
  }
});

describe("what decides the policy", () => {
  test("a longer start-up or drain changes the windows", () => {
    const behavior = (options: Partial<ServedModelOptions>) => {
      const result = servedModelManifests("llama", { ...llama, ...options }, kubernetes);
      return result.ok ? result.policy?.scaledObject.spec.advanced?.horizontalPodAutoscalerConfig?.behavior : undefined;
    };
    const short = { startup: { imagePullSeconds: 1, loadSeconds: 1, compileSeconds: 1 }, longestGenerationSeconds: 10 };
    expect(behavior(short)).not.toEqual(behavior({}));
  });

  test("fewer sequences at once lower what a replica is asked to carry", () => {
    const result = servedModelManifests("llama", { ...llama, maxNumSeqs: 2 }, kubernetes);
    expect(result.ok && result.policy?.targetConcurrency).toBe(1);
  });
});

describe("problems", () => {
  test("none in the standard model", () => {
    expect(problemsOf({})).toEqual([]);
  });

  test("weights: one source, no more, no less", () => {
    expect(problemsOf({ weights: {} })).toEqual([
      "weights: must say where the weights are, by exactly one of nfs, existingClaim, modelImage, huggingFace, s3, connection, localModel; there is none.",
    ]);
    expect(problemsOf({ weights: { nfs: { server: "", path: "/" }, existingClaim: "weights" } })).toEqual([
      "weights: must say where the weights are, by exactly one of nfs, existingClaim, modelImage, huggingFace, s3, connection, localModel; there is nfs and existingClaim.",
      "weights.nfs.server: is empty; give the host name or address of the NFS server.",
    ]);
  });

  test("a claim cannot exist in a namespace that is made", () => {
    expect(problemsOf({ createNamespace: true, weights: { existingClaim: "weights" } })).toEqual([
      "createNamespace: is true, so the claim of weights.existingClaim cannot exist yet. Leave it out, or give the weights another way.",
    ]);
    expect(problemsOf({ weights: { existingClaim: "weights" } })).toEqual([]);
  });

  test("backend: KServe must be there, and new enough", () => {
    const without = { ...kubernetes, modes: { ...kubernetes.modes, kserve: "none" } };
    expect(problemsOf({}, without)).toEqual([
      'backend: is "kserve", but the platform has no KServe (its kserve.mode is "none"). Take "deployment", or install KServe.',
    ]);
    expect(problemsOf({ backend: "deployment" }, without)).toEqual([]);
    const old = { ...kubernetes, kserveVersion: "0.14.1" };
    expect(problemsOf({}, old)).toEqual([
      'platform.kserveVersion: is 0.14.1; the oldest one supported is 0.15.0. Update KServe, or take the backend "deployment".',
    ]);
    expect(problemsOf({ backend: "deployment" }, old)).toEqual([]);
  });

  test("a ServiceMonitor finds its Service, and none is made beside the one of OpenShift AI", () => {
    const runtime = { name: "vllm-cuda-runtime", modelFormat: "vLLM" };
    const platform = { ...openShift, prometheusAuthentication: "none" };
    const monitors = (changes: object) =>
      objectsOf({ ...llama, runtime, ...changes }, platform)
        .map(({ object }) => object.kind)
        .filter((kind) => kind.endsWith("Monitor"));
    expect(monitors({})).toEqual([]);
    expect(monitors({ serviceMonitor: false })).toEqual([]);
    expect(monitors({ serviceMonitor: true })).toEqual(["ServiceMonitor"]);
    expect(problemsOf({ runtime, scaling: { knative: {} } }, platform)).toEqual([]);
    expect(problemsOf({ serviceMonitor: true, scaling: { knative: {} } })).toEqual([
      "serviceMonitor: needs a Service of ours, which there is none of with scaling.knative. Write false.",
    ]);
  });

  test("on CPUs there is no profile of a GPU", () => {
    const options = { gpus: 0, image: "vllm-cpu:1", vllmVersion: "0.30.0" };
    expect(problemsOf(options)).toEqual([
      "gpus: 0 GPUs a replica, but the figures of profile llama-3.1-8b-l4 are for 1. Use 1, a profile made for 0, or capacity.concurrencyPerReplica.",
    ]);
    expect(problemsOf({ ...options, capacity: { concurrencyPerReplica: 2 } })).toEqual([]);
  });

  test("on OpenShift no model is in a namespace of operators (traps 31, 44)", () => {
    const onOpenShift = { prometheusAuthentication: "boundServiceAccountToken" } as const;
    const knative = { scaling: { knative: { target: 1 } } };
    for (const [namespace, options] of [
      ["openshift-keda", onOpenShift],
      ["openshift-monitoring", onOpenShift],
      ["openshift-keda", { ...onOpenShift, ...knative, slo: undefined, capacity: undefined }],
    ] as const) {
      expect(problemsOf({ ...options, namespace }, openShift)).toEqual([
        `namespace: is "${namespace}", which the cluster's own Prometheus reads: the metrics of a model there are nowhere to be found for its autoscaler. Take a namespace of the model's own.`,
      ]);
    }
    expect(problemsOf({ ...onOpenShift, namespace: "openshifters" }, openShift)).toEqual([]);
    expect(problemsOf({ ...onOpenShift, namespace: "keda" }, { ...openShift, kedaNamespace: "keda" })).toHaveLength(1);
    expect(problemsOf({ namespace: "keda" })).toEqual([]);
  });

  test("a mean request fits the context (trap 65)", () => {
    const capacity = { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1024 };
    expect(problemsOf({ capacity, maxModelLen: 4096 })).toEqual([]);
    expect(problemsOf({ capacity, maxModelLen: 4095 })).toEqual([
      "maxModelLen: is 4095, but a mean request has 4096 tokens (capacity.promptTokens plus capacity.outputTokens). Raise it, or lower these.",
    ]);
  });

  test("a model has no PodMonitor beside one that scrapes all models", () => {
    const monitors = [{ kind: "PodMonitor", namespace: "monitoring", name: "models" }];
    const platform = { ...kubernetes, monitors };
    const refused = (path: string) =>
      `${path}: is true, but PodMonitor monitoring/models already scrapes the pods, so all sums would double. Leave it out.`;
    expect(problemsOf({ podMonitor: true }, platform)).toEqual([refused("podMonitor")]);
    expect(problemsOf({ serviceMonitor: true }, platform)).toEqual([refused("serviceMonitor")]);
    expect(problemsOf({ podMonitor: false }, platform)).toEqual([]);
    const kinds = (changes: object) =>
      objectsOf({ ...llama, ...changes }, platform)
        .map(({ object }) => object.kind)
        .filter((kind) => kind.endsWith("Monitor"));
    expect(kinds({})).toEqual([]);
    expect(kinds({ runtime: { name: "huggingface", modelFormat: "huggingface" } })).toEqual([]);
  });

  test("GPU: model, platform and profile must agree", () => {
    expect(problemsOf({ gpuProduct: "NVIDIA-L4-SHARED" })).toEqual([
      'gpuProduct: is "NVIDIA-L4-SHARED", but the model has an objective (slo): slices of one GPU share its memory and its time without any bound, so no latency can be kept on them. Take nodes with whole GPUs; or leave slo out and scale by figures of your own.',
    ]);
    expect(problemsOf({ gpuProduct: "NVIDIA-A100" })).toEqual([
      "gpuProduct: is \"NVIDIA-A100\", but the platform's nodes have NVIDIA-L4. Take one of these, or add it to the platform's gpus.products.",
      'capacity.profile: is "llama-3.1-8b-l4", which is for NVIDIA-L4, but the model runs on NVIDIA-A100. Take a profile of that GPU, or give capacity.concurrencyPerReplica as measured.',
    ]);
    expect(
      problemsOf(
        { gpuProduct: "NVIDIA-A100", capacity: { concurrencyPerReplica: 20 } },
        { ...kubernetes, gpuProducts: [] },
      ),
    ).toEqual([]);
  });

  test("slices of GPUs are for models without an objective, one each", () => {
    const gpuProduct = "NVIDIA-L4-SHARED";
    const shared = { ...kubernetes, gpuProducts: ["NVIDIA-L4", gpuProduct] };
    const plain = {
      gpuProduct,
      slo: undefined,
      capacity: undefined,
      scaling: { kserveKeda: { triggers: [{ query: "sum(vllm:num_requests_waiting)", threshold: 2 }] } },
    };
    expect(problemsOf(plain, shared)).toEqual([]);
    expect(problemsOf({ gpuProduct }, shared)).toEqual([expect.stringMatching(/^gpuProduct: .* has an objective/)]);
    expect(problemsOf({ ...plain, gpus: 2 }, shared)).toEqual([
      'gpus: is 2, but nodes of "NVIDIA-L4-SHARED" have slices, of which several may be of one GPU: vLLM cannot spread a model over them. Write 1, or take nodes with whole GPUs.',
    ]);
    expect(problemsOf(plain)).toEqual([expect.stringMatching(/^gpuProduct: .* the platform's nodes have NVIDIA-L4\./)]);
    const warnings = (changes: object) => {
      const result = servedModelManifests("llama", { ...llama, ...plain, ...changes }, shared);
      return result.ok ? result.warnings : result.problems;
    };
    expect(warnings({})).toEqual([
      "A slice of NVIDIA-L4-SHARED does not bound memory, and vLLM takes 90 % of the whole GPU: a second server on it would not start. Add --gpu-memory-utilization=<share of one slice> to extraArgs.",
    ]);
    expect(warnings({ extraArgs: ["--gpu-memory-utilization=0.2"] })).toEqual([]);
    expect(warnings({ extraArgs: ["--gpu_memory_utilization", "0.2"] })).toEqual([]);
    expect(warnings({ gpuProduct: "NVIDIA-L4" })).toEqual([]);
  });

  test("GPUs of a replica are said once", () => {
    expect(problemsOf({ capacity: { concurrencyPerReplica: 7, gpusPerReplica: 2 } })).toEqual([
      "capacity.gpusPerReplica: is 2, but a replica has 1 (gpus). Leave it out.",
    ]);
    expect(problemsOf({ gpus: 2 })).toEqual([
      expect.stringMatching(/^gpus: 2 GPUs a replica, but the figures of profile/),
    ]);
    expect(problemsOf({ gpus: 2, capacity: { concurrencyPerReplica: 7, gpuBudget: 8 } })).toEqual([
      expect.stringMatching(/^replicas\.max: 7 replicas of 2 GPUs are 14 GPUs, above the budget of 8/),
    ]);
  });

  test("one model stays within the GPUs of the platform", () => {
    expect(problemsOf({}, { ...kubernetes, gpuBudget: 7 })).toEqual([]);
    expect(problemsOf({ gpus: 2, capacity: { concurrencyPerReplica: 7 } }, { ...kubernetes, gpuBudget: 7 })).toEqual([
      "replicas.max: is 7, which at 2 GPUs a replica is 14 GPUs, above the 7 that all models may use together (the platform's gpus.budget). Set it to at most 3, or raise that.",
    ]);
  });

  test("the compiler's fields are named as the model's", () => {
    const paths = (options: Partial<ServedModelOptions>, platform = kubernetes) =>
      problemsOf(options, platform).map((line) => line.split(":")[0]);
    expect(paths({ servedModelName: "" })).toEqual(["servedModelName"]);
    expect(paths({ capacity: { profile: "llama-3.1-8b-l4", promptTokens: -1, outputTokens: 500 } })).toEqual([
      "capacity.promptTokens",
    ]);
    expect(paths({ capacity: { profile: "llama-3.1-8b-l4" } })).toEqual(["capacity"]);
    expect(paths({ capacity: { profile: "llama-3.1-8b-l4", outputTokens: 500 } })).toEqual(["capacity.promptTokens"]);
    expect(paths({ longestGenerationSeconds: 0 })).toEqual(["longestGenerationSeconds"]);
    expect(paths({ scrapeIntervalSeconds: 0 })).toEqual(["scrapeIntervalSeconds"]);
    expect(paths({ startup: { loadSeconds: Number.NaN } })).toEqual(["startup.loadSeconds"]);
    expect(paths({ maxNumSeqs: 0 })).toEqual(["maxNumSeqs"]);
    expect(paths({ vllmVersion: "0.6" })).toEqual(["vllmVersion"]);
    expect(paths({}, { ...kubernetes, kedaVersion: "2", kubernetesVersion: "1", prometheusUrl: "" })).toEqual([
      "platform.prometheusUrl",
      "platform.kedaVersion",
      "platform.kubernetesVersion",
    ]);
  });

  test("a TriggerAuthentication is named only where Prometheus asks for one, and as Kubernetes names objects", () => {
    expect(problemsOf({ prometheusTriggerAuthentication: "Mine" })).toEqual([
      'prometheusTriggerAuthentication: is "Mine", but Prometheus is read without credentials (authentication "none"), so nothing would use it. Leave it out, or set the platform\'s prometheus.authentication.',
      'prometheusTriggerAuthentication: is "Mine", which no object is named: use at most 253 lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit.',
    ]);
  });

  test("port 9091 of thanos-querier needs more rights than what is made here has (trap 43)", () => {
    const prometheusUrl = "https://thanos-querier.openshift-monitoring.svc.cluster.local:9091";
    const wide = { ...openShift, prometheusUrl };
    const bound = { prometheusAuthentication: "boundServiceAccountToken" } as const;
    const because =
      "platform.prometheusUrl: is port 9091 of thanos-querier, which answers for all namespaces and wants the ClusterRole cluster-monitoring-view of who asks;";
    expect(problemsOf(bound, wide)).toEqual([
      `${because} the ServiceAccount that is made for a model has none. Take port 9092, or name by prometheusTriggerAuthentication one that has it.`,
    ]);
    expect(problemsOf({ ...bound, prometheusTriggerAuthentication: "monitoring-view" }, wide)).toEqual([]);
    const ofKServe = { ...bound, scaling: { kserveKeda: {} } };
    const made = "inference-prometheus-auth";
    expect(problemsOf({ ...ofKServe, prometheusTriggerAuthentication: made }, wide)).toEqual([
      `${because} that of "inference-prometheus-auth", which OpenShift AI makes, has none. Take port 9092.`,
    ]);
    expect(problemsOf({ ...ofKServe, prometheusTriggerAuthentication: made }, openShift)).toEqual([]);
  });

  test("authentication must be the platform's", () => {
    expect(problemsOf({}, openShift)).toEqual([
      'prometheusAuthentication: is "none", but the platform\'s Prometheus wants "boundServiceAccountToken". It decides which objects are made, so write it here as well.',
    ]);
  });
});

test("buckets of your own reach the guard", () => {
  const options = { ...llama, slo: { itl: { atMostMs: 70 } }, scaleTargetRef: { name: "chat" } };
  const edges = { itl: [0.05, 0.07, 0.1], ttft: undefined };
  const result = compileScaledObject(
    "chat",
    { ...options, metrics: { modelName: "chat", bucketEdgesSeconds: edges } },
    kubernetes,
  );
  const released = compileScaledObject("chat", { ...options, metrics: { modelName: "chat" } }, kubernetes);
  const query = (one: typeof result) => (one.ok ? one.policy.scaledObject.spec.triggers[1]?.metadata.query : "");
  expect(query(result)).toContain('le="0.07"');
  expect(query(released)).not.toContain('le="0.07"');
});

describe("further arguments of vLLM", () => {
  const flag = "--custom-histogram-buckets";
  const vllmVersion = "0.32.0";
  const guards = (extraArgs: string[], slo: ServedModelOptions["slo"] = { itl: { atMostMs: 75 } }) => {
    const result = servedModelManifests("llama", { ...llama, vllmVersion, slo, extraArgs }, kubernetes);
    const triggers = (result.ok && result.policy?.scaledObject.spec.triggers) || [];
    return triggers.flatMap(
      ({ metadata: { query = "" } }) => /(\w+)_bucket\{[^}]*le="([0-9.]+)"/.exec(query)?.slice(1) ?? [],
    );
  };

  test.each([
    [[`${flag}={"inter_token_latency":[0.05,0.08,0.5]}`], "0.08"],
    [[flag, '{"inter_token_latency":[0.05,0.09,0.5]}', "--enforce-eager"], "0.09"],
    [[`--custom_histogram_buckets={"inter_token_latency":[0.05,0.1]}`], "0.1"],
    [[`${flag}={"inter_token_latency":[0.1]}`, `${flag}={"inter_token_latency":[0.2]}`], "0.2"],
    [[`${flag}={"time_to_first_token":[3]}`], "0.075"],
  ])("%j: the guard counts at the edges that are there, %s", (extraArgs, edge) => {
    expect(guards(extraArgs)).toEqual(["inter_token_latency_seconds", edge]);
  });

  test("a family is that of several latencies", () => {
    const slo = { e2e: { atMostMs: 60000 }, queueTime: { atMostMs: 1000 }, ttft: { atMostMs: 2500 } };
    expect(guards([`${flag}={"request_latency":[1.5,70.5],"time_to_first_token":[3.5]}`], slo)).toEqual([
      ...["time_to_first_token_seconds", "3.5"],
      ...["e2e_request_latency_seconds", "70.5"],
      ...["request_queue_time_seconds", "1.5"],
    ]);
  });

  test.each([
    [`${flag}={"inter_token_latency":`],
    [`${flag}={"inter_token_latency":[0.2,0.1]}`],
    [`${flag}={"inter_token_latency":[]}`],
    [`${flag}={"inter_token_latency":["0.1"]}`],
    [`${flag}=[0.1]`],
    [flag],
  ])("%s is refused, once", (arg) => {
    expect(problemsOf({ vllmVersion, extraArgs: ["--enforce-eager", arg] })).toEqual([
      `extraArgs[1]: is ${flag} without what vLLM takes for buckets: seconds above 0, ascending, by family, as JSON after "=" or as the next argument. Write e.g. '--custom-histogram-buckets={"inter_token_latency":[0.05,0.075,0.1,0.5]}'.`,
    ]);
  });

  test.each(["0.30.0", "0.31.0"])(
    "buckets are refused before the release that takes them, as in vLLM %s",
    (release) => {
      const extraArgs = [`${flag}={"inter_token_latency":[0.05,0.08,0.5]}`];
      expect(problemsOf({ vllmVersion: release, extraArgs })).toEqual([
        `extraArgs[0]: is ${flag}, which vLLM ${release} does not know and would not start with. Leave it out, or take vLLM 0.32.0 or newer (vllmVersion).`,
      ]);
      expect(problemsOf({ vllmVersion, extraArgs })).toEqual([]);
    },
  );

  test.each([
    "--gpu-memory-utilization=0.8",
    "--kv-cache-dtype=fp8",
    "--quantization=fp8",
    "-q=fp8",
    "--max_num_batched_tokens=2048",
    "--speculative-config={}",
  ])("%s is warned about beside a profile, and not beside a measurement", (arg) => {
    const warnings = (capacity: ServedModelOptions["capacity"]) => {
      const result = servedModelManifests("llama", { ...llama, extraArgs: [arg], capacity }, kubernetes);
      return result.ok ? result.warnings : result.problems;
    };
    expect(warnings(llama.capacity)).toEqual([
      `extraArgs[0]: the figures of profile llama-3.1-8b-l4 are without ${arg.split("=")[0]}, so a replica may carry more or less than the policy counts on. Measure what it carries within slo, and give capacity.concurrencyPerReplica.`,
    ]);
    expect(warnings({ concurrencyPerReplica: 5 })).toEqual([]);
  });
});

test("extra triggers come last, as KEDA takes them", () => {
  const extra = {
    type: "cron",
    name: "office-hours",
    metadata: { timezone: "UTC", start: "0 8 * * *", end: "0 18 * * *", desiredReplicas: "3" },
    metricType: "AverageValue",
    authenticationName: "clock",
  };
  const result = compileScaledObject(
    "chat",
    {
      ...llama,
      metrics: { modelName: "chat", labels: { team: "a" }, metricPrefix: "kserve_vllm:" },
      scaleTargetRef: { name: "chat", kind: "StatefulSet" },
      extraTriggers: [extra],
    },
    kubernetes,
  );
  const spec = result.ok ? result.policy.scaledObject.spec : undefined;
  expect(spec?.scaleTargetRef).toEqual({ name: "chat", kind: "StatefulSet", apiVersion: "apps/v1" });
  expect(spec?.triggers.at(-1)).toEqual({
    type: "cron",
    name: "office-hours",
    metadata: extra.metadata,
    metricType: "AverageValue",
    authenticationRef: { name: "clock" },
  });
  expect(spec?.triggers[0]?.metadata.query).toContain("kserve_vllm:");
});
