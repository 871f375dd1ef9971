import { describe, expect, test } from "vitest";
import {
  type PlatformReference,
  platformReference,
  type ServedModelOptions,
  servedModelManifests,
} from "../../../src/manifests";
import { clusterUrl } from "../../../src/manifests/model-url";

const platform = platformReference({
  distribution: "kubernetes",
  prometheus: { url: "http://prometheus:9090" },
  knative: { mode: "existing" },
  kedaHttpAddon: { mode: "existing" },
});
const base: ServedModelOptions = {
  namespace: "models",
  weights: { existingClaim: "weights" },
  replicas: { max: 2 },
  slo: { itl: { atMostMs: 75 } },
  capacity: { concurrencyPerReplica: 10 },
  transformer: { image: "registry.example.com/tokens:1" },
};

function objectsOf(options: Partial<ServedModelOptions>): Record<string, object> {
  const result = servedModelManifests("llama", { ...base, ...options }, platform);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return Object.fromEntries(result.objects.map(({ object }) => [`${object.kind} ${object.metadata.name}`, object]));
}

function problemsOf(options: Partial<ServedModelOptions>, on: PlatformReference = platform, name = "llama") {
  const result = servedModelManifests(name, { ...base, ...options }, on);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const image = "registry.example.com/tokens:1";

describe("beside a Deployment", () => {
  test("is a pod without GPUs, which the model's Service leads to", () => {
    const objects = objectsOf({
      transformer: { image, args: ["--workers=2"], env: { LOG: "debug" } },
      imagePullSecrets: ["registry"],
      longestGenerationSeconds: 100,
    });
    expect(objects["InferenceService llama"]).toHaveProperty("spec.transformer", {
      containers: [
        {
          name: "kserve-container",
          image,
          args: ["--workers=2"],
          env: [{ name: "LOG", value: "debug" }],
          ports: [{ containerPort: 8080, protocol: "TCP" }],
          resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "2Gi" } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: "registry" }],
      securityContext: { seccompProfile: { type: "RuntimeDefault" } },
      terminationGracePeriodSeconds: 125,
    });
    expect(objects["Service llama"]).toHaveProperty("spec", {
      type: "ClusterIP",
      selector: { "serving.kserve.io/inferenceservice": "llama", component: "transformer" },
      ports: [{ name: "http", port: 8000, targetPort: 8080, protocol: "TCP" }],
    });
    expect(objects["PodMonitor llama"]).toHaveProperty("spec.selector.matchLabels.component", "predictor");
    expect(Object.keys(objects).filter((key) => key.startsWith("Horizontal"))).toEqual([]);
  });

  test("of class external scales by a HorizontalPodAutoscaler of ours on its CPU", () => {
    const objects = objectsOf({ transformer: { image, replicas: { min: 2, max: 6 }, targetCpuPercent: 60 } });
    expect(objects["InferenceService llama"]).not.toHaveProperty("spec.transformer.maxReplicas");
    expect(objects["HorizontalPodAutoscaler llama-transformer-cpu"]).toHaveProperty("spec", {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "llama-transformer" },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
      ],
    });
  });

  test("of KServe's own autoscalers scales by them", () => {
    const transformer = { image, replicas: { max: 3 } };
    const byHpa = objectsOf({ transformer, scaling: { hpa: { metric: "cpu", targetPercent: 70 } } });
    const bounds = { minReplicas: 1, maxReplicas: 3 };
    expect(byHpa["InferenceService llama"]).toHaveProperty(
      "spec.transformer",
      expect.objectContaining({ ...bounds, scaleMetric: "cpu", scaleTarget: 80 }),
    );
    const byKeda = objectsOf({ transformer, scaling: { kserveKeda: {} } });
    const target = { type: "Utilization", averageUtilization: 80 };
    expect(byKeda["InferenceService llama"]).toHaveProperty(
      "spec.transformer",
      expect.objectContaining({
        ...bounds,
        autoScaling: { metrics: [{ type: "Resource", resource: { name: "cpu", target } }] },
      }),
    );
    for (const objects of [byHpa, byKeda]) {
      expect(Object.keys(objects).filter((key) => key.startsWith("Horizontal"))).toEqual([]);
    }
  });
});

describe("with Knative", () => {
  const knative = { target: 4, containerConcurrency: 8, windowSeconds: 30, scaleDownDelaySeconds: 60 };

  test("has its own figures, annotations and bounds, and is what clients ask", () => {
    const options = {
      scaling: { knative: { target: 2 } },
      transformer: { image, replicas: { min: 0, max: 5 }, knative },
    };
    const objects = objectsOf(options);
    const service = objects["InferenceService llama"];
    expect(service).toHaveProperty(
      "spec.transformer",
      expect.objectContaining({
        minReplicas: 0,
        maxReplicas: 5,
        scaleMetric: "concurrency",
        scaleTarget: 4,
        containerConcurrency: 8,
        timeout: 345,
        annotations: {
          "autoscaling.knative.dev/window": "30s",
          "autoscaling.knative.dev/scale-down-delay": "60s",
          "serving.knative.dev/progress-deadline": "640s",
        },
      }),
    );
    expect(service).toHaveProperty("spec.predictor.scaleTarget", 2);
    expect(service).toHaveProperty("spec.transformer.containers[0].ports[0].name", "http1");
    expect(service).not.toHaveProperty("spec.transformer.terminationGracePeriodSeconds");
    // Knative takes it of the container alone.
    expect(service).not.toHaveProperty("spec.transformer.securityContext");
    expect(service).toHaveProperty("spec.transformer.containers[0].securityContext.seccompProfile", {
      type: "RuntimeDefault",
    });
    expect(clusterUrl("llama", { ...base, ...options })).toBe("http://llama-transformer.models.svc");
  });

  test("without figures has Knative's", () => {
    const service = objectsOf({ scaling: { knative: {} } })["InferenceService llama"];
    expect(service).toHaveProperty("spec.transformer.scaleMetric", "concurrency");
    expect(service).not.toHaveProperty("spec.transformer.scaleTarget");
    expect(service).toHaveProperty("spec.transformer.maxReplicas", 1);
  });
});

test.each<[string, Partial<ServedModelOptions>, string[]]>([
  [
    "without KServe",
    { backend: "deployment" },
    ['transformer: is made by KServe: take the backend "kserve", or leave it out.'],
  ],
  [
    "from zero by held requests",
    { scaling: { http: {} } },
    [
      "transformer: is always there, so KEDA's HTTP add-on would take a model without a replica for ready and pass requests on. Take scaling.knative, or leave it out.",
    ],
  ],
  [
    "with a ServiceMonitor",
    { serviceMonitor: true },
    ["serviceMonitor: finds the model's metrics by its Service, which leads to the transformer. Write false."],
  ],
  [
    "with figures that are wrong by themselves",
    {
      transformer: {
        image: "",
        replicas: { min: 3, max: 2 },
        targetCpuPercent: 101,
        resources: { limits: { memory: "1Gi" } },
      },
    },
    [
      "transformer.image: is empty; name an image.",
      "transformer.replicas.max: is 2, below transformer.replicas.min, 3: it must be at least as large.",
      "transformer.targetCpuPercent: is 101; it must be a whole number from 1 to 100.",
      "transformer.resources: requests no CPU, of which the use could be a share. Add cpu to its requests.",
    ],
  ],
  [
    "with Knative's figures and zero replicas, but no Knative",
    { transformer: { image, replicas: { min: 0, max: 2 }, knative: {} } },
    [
      "transformer.knative: needs scaling.knative, since one mode is for both. Take targetCpuPercent, or scaling.knative.",
      "transformer.replicas.min: is 0, but only Knative starts the first replica of a transformer. Take at least 1.",
    ],
  ],
  [
    "of another class than the model, with a bound of Knative",
    {
      scaling: { knative: {} },
      transformer: { image, targetCpuPercent: 50, knative: { metric: "cpu", windowSeconds: 5 } },
    },
    [
      "transformer.targetCpuPercent: is for Deployments, but scaling.knative makes revisions. Write it in transformer.knative, with the metric cpu.",
      'transformer.knative.metric: is "cpu", but the model scales by "concurrency", and one class of Knative\'s autoscaler is for both: requests (concurrency, rps) or resources (cpu, memory).',
      "transformer.knative.windowSeconds: is 5; it must be a whole number from 6 to 3600.",
    ],
  ],
])("%s is refused", (_, options, problems) => {
  expect(problemsOf(options)).toEqual(problems);
});

test("the name and the namespace have two characters less than without it", () => {
  const namespace = "n".repeat(20);
  expect(problemsOf({ namespace }, platform, "m".repeat(30))).toEqual([]);
  expect(problemsOf({ namespace }, platform, "m".repeat(31))).toEqual([
    `name: is "${"m".repeat(31)}", which with the namespace "${namespace}" makes 51 characters, but KServe makes one host name of both and takes at most 50. Shorten one of them, or take the backend "deployment".`,
  ]);
  expect(problemsOf({ namespace, transformer: undefined }, platform, "m".repeat(31))).toEqual([]);
});
