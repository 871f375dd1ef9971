import { describe, expect, test } from "vitest";
import { platformReference, type ServedModelOptions, servedModelManifests } from "../../../src/manifests";

const prometheus = { url: "http://prometheus:9090" };
const kubernetes = platformReference({ distribution: "kubernetes", prometheus, kedaHttpAddon: { mode: "existing" } });
const beforeRoutes = platformReference({
  distribution: "kubernetes",
  prometheus,
  kedaHttpAddon: { mode: "existing", version: "0.13.0", namespace: "http" },
});
const llama: ServedModelOptions = {
  namespace: "models",
  weights: { existingClaim: "weights" },
  slo: { itl: { atMostMs: 75 } },
  replicas: { max: 3 },
  capacity: { concurrencyPerReplica: 10 },
  scaling: { http: { hosts: ["llama.example.com"] } },
  startup: { imagePullSeconds: 10, loadSeconds: 60, compileSeconds: 5 },
  longestGenerationSeconds: 90,
};

function objectsOf(options: ServedModelOptions, platform = kubernetes) {
  const result = servedModelManifests("llama", options, platform);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return Object.fromEntries(result.objects.map(({ object }) => [`${object.kind} ${object.metadata.name}`, object]));
}

function problemsOf(options: Partial<ServedModelOptions>, platform = kubernetes) {
  const result = servedModelManifests("llama", { ...llama, ...options }, platform);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const labels = (component: string) => ({
  "app.kubernetes.io/name": "vllm",
  "app.kubernetes.io/instance": "llama",
  "app.kubernetes.io/component": component,
  "app.kubernetes.io/part-of": "vllm-serving",
});

describe("a model whose requests are held", () => {
  test("has a route to its own Service that waits as long as a start and a generation may take", () => {
    expect(objectsOf(llama)["InterceptorRoute llama"]).toEqual({
      apiVersion: "http.keda.sh/v1beta1",
      kind: "InterceptorRoute",
      metadata: { name: "llama", namespace: "models", labels: labels("autoscaler") },
      spec: {
        target: { service: "llama", port: 8000 },
        rules: [
          {
            hosts: [
              "llama-wake.models",
              "llama-wake.models.svc",
              "llama-wake.models.svc.cluster.local",
              "llama.example.com",
            ],
          },
        ],
        scalingMetric: { concurrency: { targetValue: 8 } },
        // Three starts of 75 s; 90 s of generation and 60 s in the queue; both.
        timeouts: { readiness: "225s", responseHeader: "150s", request: "375s" },
      },
    });
  });

  test("is reached by a name of its own inside the cluster", () => {
    expect(objectsOf(llama)["Service llama-wake"]).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "llama-wake", namespace: "models", labels: labels("inference-server") },
      spec: {
        type: "ExternalName",
        externalName: "keda-add-ons-http-interceptor-proxy.keda.svc.cluster.local",
        ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      },
    });
  });

  test("has one ScaledObject, with the objective's triggers and the add-on's (traps 36, 61)", () => {
    const objects = objectsOf(llama);
    expect(Object.keys(objects).filter((key) => key.startsWith("ScaledObject"))).toEqual(["ScaledObject llama"]);
    const scaledObject = objects["ScaledObject llama"];
    expect(scaledObject).toHaveProperty("spec.minReplicaCount", 0);
    expect(scaledObject).toHaveProperty("spec.maxReplicaCount", 3);
    expect(scaledObject).toHaveProperty("spec.cooldownPeriod", 225);
    expect(scaledObject).toHaveProperty("spec.triggers[0].name", "in-flight");
    expect(scaledObject).toHaveProperty("spec.triggers[0].metadata.threshold", "8");
    expect(scaledObject).toHaveProperty("spec.triggers[1].name", "itl");
    expect(scaledObject).toHaveProperty("spec.triggers[2]", {
      type: "external-push",
      name: "http",
      metadata: { scalerAddress: "keda-add-ons-http-external-scaler.keda:9090", interceptorRoute: "llama" },
    });
  });

  test("waits for no replica after a change, which it may not have", () => {
    const objects = objectsOf(llama);
    expect(objects["Service llama"]).toHaveProperty(["metadata", "annotations", "pulumi.com/skipAwait"], "true");
    expect(objects["InferenceService llama"]).toHaveProperty(
      ["metadata", "annotations", "pulumi.com/waitFor"],
      '["condition=Ready"]',
    );
    const { scaling: _, ...kept } = llama;
    expect(objectsOf(kept)["Service llama"]).not.toHaveProperty("metadata.annotations");
  });

  test("has the resource of add-ons before 0.14, which makes no ScaledObject of its own (trap 61)", () => {
    const scaling = { http: { kind: "HTTPScaledObject" } } as const;
    const objects = objectsOf({ ...llama, scaling }, beforeRoutes);
    expect(objects["HTTPScaledObject llama"]).toEqual({
      apiVersion: "http.keda.sh/v1alpha1",
      kind: "HTTPScaledObject",
      metadata: {
        name: "llama",
        namespace: "models",
        labels: labels("autoscaler"),
        annotations: { "httpscaledobject.keda.sh/skip-scaledobject-creation": "true" },
      },
      spec: {
        hosts: ["llama-wake.models", "llama-wake.models.svc", "llama-wake.models.svc.cluster.local"],
        scaleTargetRef: {
          name: "llama-predictor",
          kind: "Deployment",
          apiVersion: "apps/v1",
          service: "llama",
          port: 8000,
        },
        replicas: { min: 0, max: 3 },
        scalingMetric: { concurrency: { targetValue: 8 } },
        timeouts: { conditionWait: "225s", responseHeader: "150s" },
      },
    });
    expect(objects["ScaledObject llama"]).toHaveProperty("spec.triggers[2].metadata", {
      scalerAddress: "keda-add-ons-http-external-scaler.http:9090",
      httpScaledObject: "llama",
    });
  });
});

describe("problems", () => {
  test.each([
    [
      { scaling: { http: {}, scaledObject: {} } },
      "scaling: has http and scaledObject, but one thing alone may scale a model. Keep one.",
    ],
    [{ replicas: { min: 1, max: 3 } }, "replicas.min: 1 is never zero, so nothing would have to be woken: write 0."],
    [
      { scaling: { http: { cooldownSeconds: 0 } } },
      "scaling.http.cooldownSeconds: 0 must be a whole number of at least 1: seconds without a request after which the last replica goes.",
    ],
    [
      { scaling: { http: { hosts: ["https://llama.example.com/v1"] } } },
      'scaling.http.hosts[0]: is "https://llama.example.com/v1"; write a host name in lower case, without scheme, port and path, such as llama.example.com.',
    ],
    [
      { scaling: { http: { kind: "HTTPScaledObject" } } },
      "scaling.http: needs an HTTPScaledObject, which the add-on knows from 0.11.0 to before 0.14.0, but the platform has 0.15.0. Take InterceptorRoute.",
    ],
    [
      { scaling: undefined, replicas: { min: 0, max: 3 } },
      "replicas.min: is 0, but without a replica there are no metrics that could ask for one. Take scaling.http, which sees the requests; or, if something else starts the first replica, say so by scaling.scaledObject.wokenElsewhere.",
    ],
    [
      { scaling: { scaledObject: { cooldownSeconds: 60 } } },
      "scaling.scaledObject.cooldownSeconds: has no effect with at least one replica. Leave it out, or say wokenElsewhere.",
    ],
  ] satisfies [Partial<ServedModelOptions>, string][])("%j", (options, problem) => {
    expect(problemsOf(options)).toEqual([problem]);
  });

  test("zero is promised only with something that wakes, and kept then (trap 36)", () => {
    expect(problemsOf({ replicas: { min: 1, max: 3 } })).toHaveLength(1);
    expect(problemsOf({ replicas: { min: 0, max: 3 }, scaling: undefined })).toHaveLength(1);
    for (const [replicas, scaling, least] of [
      [{ max: 3 }, { http: {} }, 0],
      [{ min: 0, max: 3 }, { http: {} }, 0],
      [{ min: 0, max: 3 }, { scaledObject: { wokenElsewhere: true } }, 0],
      [{ max: 3 }, undefined, 1],
    ] as const) {
      const scaledObject = objectsOf({ ...llama, replicas, scaling })["ScaledObject llama"];
      expect(scaledObject).toHaveProperty("spec.minReplicaCount", least);
    }
  });

  test("a cold start that misses the objective is accepted where the replicas go to zero", () => {
    const slo = { queueTime: { atMostMs: 1000 } };
    const startup = { imagePullSeconds: 60, loadSeconds: 60, compileSeconds: 45 };
    const replicas = { min: 0, max: 3 };
    const of = (scaling: ServedModelOptions["scaling"]) => problemsOf({ slo, startup, replicas, scaling });
    const refused = (block: string) => [
      `scaling.${block}.acceptColdStart: is not true, but with replicas.min 0 whoever asks while there is no replica waits for its start of 165 s, which misses slo.queueTime of 1000 ms. Say true if that is meant, or keep at least one replica.`,
    ];
    const acceptColdStart = true;
    expect(of({ http: {} })).toEqual(refused("http"));
    expect(of({ http: { acceptColdStart } })).toEqual([]);
    expect(of({ scaledObject: { wokenElsewhere: true } })).toEqual(refused("scaledObject"));
    expect(of({ scaledObject: { wokenElsewhere: true, acceptColdStart } })).toEqual([]);
    expect(problemsOf({ replicas: { min: 1, max: 3 }, scaling: { scaledObject: { acceptColdStart } } })).toEqual([
      "scaling.scaledObject.acceptColdStart: has no effect with at least one replica. Leave it out, or say wokenElsewhere.",
    ]);
  });

  test("no replica is fine when something else wakes it", () => {
    const options = { replicas: { min: 0, max: 3 }, scaling: { scaledObject: { wokenElsewhere: true } } };
    expect(problemsOf(options)).toEqual([]);
    expect(objectsOf({ ...llama, ...options })["ScaledObject llama"]).toHaveProperty("spec.minReplicaCount", 0);
  });

  test("the platform has the add-on, in a release that knows the resource", () => {
    expect(problemsOf({}, platformReference({ distribution: "kubernetes", prometheus }))).toEqual([
      "scaling.http: needs KEDA's HTTP add-on, which the platform does not have. Say kedaHttpAddon for the platform, or keep a replica with another strategy.",
    ]);
    expect(problemsOf({}, beforeRoutes)).toEqual([
      "scaling.http: needs an InterceptorRoute, which the add-on knows from 0.14.0 on, but the platform has 0.13.0. Take HTTPScaledObject.",
    ]);
    expect(problemsOf({}, { ...kubernetes, kedaHttpAddonVersion: "0.10.0" })).toEqual([
      "scaling.http: needs an InterceptorRoute, which the add-on knows from 0.14.0 on, but the platform has 0.10.0. Update the add-on to 0.15.0.",
    ]);
  });
});
