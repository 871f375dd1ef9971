import { describe, expect, test } from "vitest";
import type { KnativeScaling } from "../../../src/components/serving/served-model-args";
import {
  type PlatformReference,
  platformReference,
  type ServedModelOptions,
  type ServingPlatformOptions,
  servedModelManifests,
} from "../../../src/manifests";

const prometheus = { url: "http://prometheus:9090/" };
const knative = { mode: "existing" } as const;
const kubernetes = platformReference({ distribution: "kubernetes", prometheus, knative });
const openShift = platformReference({
  distribution: "openshift",
  prometheus: { url: "https://thanos-querier:9092" },
  knative,
});
const base: ServedModelOptions = {
  namespace: "models",
  weights: { existingClaim: "weights" },
  replicas: { max: 2 },
};
/** 10 requests at once within the objective; 8 of them with the headroom. */
const objective = { slo: { itl: { atMostMs: 75 } }, capacity: { concurrencyPerReplica: 10 } };

function objectsOf(options: Partial<ServedModelOptions>, platform = kubernetes): Record<string, object> {
  const result = servedModelManifests("llama", { ...base, ...options }, platform);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return Object.fromEntries(result.objects.map(({ object }) => [`${object.kind} ${object.metadata.name}`, object]));
}

function problemsOf(options: Partial<ServedModelOptions>, platform: PlatformReference = kubernetes) {
  const result = servedModelManifests("llama", { ...base, ...options }, platform);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const runtime = { "vllm-serving.dev/serving-runtime": expect.stringMatching(/^llama-[0-9a-f]{8}$/) };

describe("Knative", () => {
  const documented = {
    ...objective,
    replicas: { min: 0, max: 2 },
    scaling: {
      knative: {
        target: 2,
        containerConcurrency: 10,
        targetUtilizationPercent: 70,
        initialScale: 1,
        activationScale: 2,
        windowSeconds: 120,
        panicWindowPercent: 20,
        panicThresholdPercent: 300,
        targetBurstCapacity: -1,
        scaleDownDelaySeconds: 600,
        podRetentionSeconds: 60,
      },
    },
    startup: { imagePullSeconds: 10, loadSeconds: 60, compileSeconds: 5 },
  } satisfies Partial<ServedModelOptions>;

  test("goes to zero beside an objective that a cold start misses only where that is accepted", () => {
    const slo = { ttft: { atMostMs: 2500 } };
    const options = { ...objective, slo, replicas: { min: 0, max: 2 } };
    expect(problemsOf({ ...options, scaling: { knative: {} } })).toEqual([
      expect.stringMatching(/^scaling.knative.acceptColdStart: is not true, .* which misses slo.ttft of 2500 ms\./),
    ]);
    expect(problemsOf({ ...options, scaling: { knative: { acceptColdStart: true } } })).toEqual([]);
    expect(problemsOf({ ...options, scaling: { knative: { acceptColdStart: true } }, replicas: { max: 2 } })).toEqual([
      "scaling.knative.acceptColdStart: has no effect with at least one replica. Leave it out, or let replicas.min be 0.",
    ]);
  });

  test("needs a platform that has it", () => {
    const without = platformReference({ distribution: "kubernetes", prometheus });
    expect(problemsOf(documented, without)).toEqual([
      "scaling.knative: needs Knative Serving, which the platform does not have. Say knative for the platform (existing, where it is there already), or take another strategy.",
    ]);
  });

  test("needs an OpenShift AI that has KServe's Knative mode", () => {
    const onOpenShift = {
      distribution: "openshift",
      prometheus: { authentication: "none" },
      knative,
    } satisfies ServingPlatformOptions;
    const refused = (kserve: ServingPlatformOptions["kserve"]) =>
      problemsOf(documented, platformReference({ ...onOpenShift, kserve }));
    expect(refused({})).toEqual([
      "scaling.knative: needs KServe's Knative mode, which the platform's OpenShift AI 3.5.0 does not have: since 3.0.0 it serves with plain Deployments only. Take scaling.http to go to zero by requests, or scaling.scaledObject.",
    ]);
    expect(refused({ productVersion: "2.22.0" })).toEqual([
      "scaling.knative: needs KServe's Knative mode, which the platform's OpenShift AI 2.22.0 does not have as it is. Set kserve.serverless for the platform, or take another strategy.",
    ]);
    expect(refused({ productVersion: "2.22.0", serverless: true })).toEqual([]);
    // Of a platform that does not say, as a stack of an older release of this package.
    const { kserveServerless, ...silent } = platformReference(onOpenShift);
    expect(kserveServerless).toBe(false);
    expect(problemsOf(documented, silent)).toEqual([]);
  });

  test("has every setting where Knative and KServe look for it", () => {
    const objects = objectsOf(documented);
    expect(objects["InferenceService llama"]).toMatchObject({
      metadata: {
        annotations: {
          "serving.kserve.io/deploymentMode": "Knative",
          "autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev",
          "pulumi.com/waitFor": '["condition=Ready"]',
        },
      },
      spec: {
        predictor: {
          annotations: {
            "autoscaling.knative.dev/target-utilization-percentage": "70",
            "autoscaling.knative.dev/initial-scale": "1",
            "autoscaling.knative.dev/activation-scale": "2",
            "autoscaling.knative.dev/window": "120s",
            "autoscaling.knative.dev/panic-window-percentage": "20",
            "autoscaling.knative.dev/panic-threshold-percentage": "300",
            "autoscaling.knative.dev/target-burst-capacity": "-1",
            "autoscaling.knative.dev/scale-down-delay": "600s",
            "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "60s",
            "serving.knative.dev/progress-deadline": "600s",
            ...runtime,
          },
          minReplicas: 0,
          maxReplicas: 2,
          scaleMetric: "concurrency",
          scaleTarget: 2,
          containerConcurrency: 10,
          // 120 s of generation and 60 s in the queue, after a start of 75 s.
          timeout: 255,
        },
      },
    });
    const annotations = objects["InferenceService llama"];
    expect(annotations).not.toHaveProperty(["metadata", "annotations", "serving.kserve.io/autoscalerClass"]);
    expect(annotations).not.toHaveProperty("spec.predictor.deploymentStrategy");
    expect(annotations).not.toHaveProperty("spec.predictor.terminationGracePeriodSeconds");
  });

  test("makes no Deployment, Service or ScaledObject of ours, and reads the pods where Knative has the port", () => {
    const objects = objectsOf(documented);
    expect(Object.keys(objects).map((key) => key.replace(/llama-[0-9a-f]{8}/, "<runtime>"))).toEqual([
      "ServingRuntime <runtime>",
      "InferenceService llama",
      "PodMonitor llama",
    ]);
    expect(objects["PodMonitor llama"]).toHaveProperty("spec.podMetricsEndpoints[0].port", "user-port");
  });

  test("gets a container without what it refuses", () => {
    const objects = objectsOf(documented);
    const [, spec] = Object.entries(objects).find(([key]) => key.startsWith("ServingRuntime")) ?? [];
    expect(spec).toHaveProperty("spec.containers[0].ports", [{ name: "http1", containerPort: 8000, protocol: "TCP" }]);
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
      expect(spec).toHaveProperty(`spec.containers[0].${probe}.httpGet`, { path: "/health", port: "http1" });
    }
    expect(spec).not.toHaveProperty("spec.containers[0].lifecycle");
    expect(spec).toHaveProperty("spec.containers[0].securityContext", {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(objects["InferenceService llama"]).not.toHaveProperty("spec.predictor.securityContext");
  });

  test("derives the target from the capacity, which has its headroom already", () => {
    const service = objectsOf({ ...objective, scaling: { knative: {} } })["InferenceService llama"];
    expect(service).toHaveProperty("spec.predictor.scaleTarget", 8);
    expect(service).toHaveProperty("spec.predictor.minReplicas", 1);
    expect(service).toHaveProperty(
      ["spec", "predictor", "annotations", "autoscaling.knative.dev/target-utilization-percentage"],
      "100",
    );
    expect(service).toHaveProperty("spec.predictor.timeout", 180);
  });

  test.each([
    { metric: "rps", target: 3, autoscaler: "kpa" },
    { metric: "cpu", target: 70, autoscaler: "hpa" },
  ] as const)("by $metric is of class $autoscaler, and needs no objective", ({ metric, target, autoscaler }) => {
    const service = objectsOf({ scaling: { knative: { metric, target } } })["InferenceService llama"];
    expect(service).toHaveProperty(
      ["metadata", "annotations", "autoscaling.knative.dev/class"],
      `${autoscaler}.autoscaling.knative.dev`,
    );
    expect(service).toHaveProperty("spec.predictor.scaleMetric", metric);
    expect(service).toHaveProperty("spec.predictor.scaleTarget", target);
    expect(service).toHaveProperty("spec.predictor.annotations", {
      "serving.knative.dev/progress-deadline": "640s",
      ...runtime,
    });
  });

  test("by memory has its target where KServe's webhook does not look, which takes no more than 100", () => {
    const service = objectsOf({ scaling: { knative: { metric: "memory", target: 4096 } } })["InferenceService llama"];
    expect(service).toHaveProperty(
      ["metadata", "annotations", "autoscaling.knative.dev/class"],
      "hpa.autoscaling.knative.dev",
    );
    expect(service).toHaveProperty("spec.predictor.scaleMetric", "memory");
    expect(service).toHaveProperty(["spec", "predictor", "annotations", "autoscaling.knative.dev/target"], "4096");
    expect(service).not.toHaveProperty("spec.predictor.scaleTarget");
  });

  test("was called otherwise before KServe 0.16", () => {
    const old = { ...kubernetes, kserveVersion: "0.15.2" };
    expect(objectsOf(documented, old)["InferenceService llama"]).toHaveProperty(
      ["metadata", "annotations", "serving.kserve.io/deploymentMode"],
      "Serverless",
    );
  });

  test("that KNative-100 of the article was too large for one replica is said, and so is what it could be (trap 57)", () => {
    const onL4 = {
      slo: { itl: { atMostMs: 75 } },
      capacity: { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1200 },
    };
    const knative = (scaling: object) => problemsOf({ ...onL4, scaling: { knative: scaling } });
    expect(knative({ target: 100 })).toEqual([
      "scaling.knative.target: is 100, so Knative adds a replica above 70 requests in each (70 % of it), but one carries 7 within slo. Take at most 10, or leave it out to have it derived.",
    ]);
    // 70 % of 10 are the 7 that keep 75 ms.
    expect(knative({ target: 10 })).toEqual([]);
    expect(knative({ target: 11 })).toEqual([expect.stringContaining("above 7.7 requests in each")]);
    expect(knative({ target: 8, targetUtilizationPercent: 100 })).toEqual([
      "scaling.knative.target: is 8, so Knative adds a replica above 8 requests in each (100 % of it), but one carries 7 within slo. Take at most 7, or leave it out to have it derived.",
    ]);
    // Requests a second are no requests at once.
    expect(knative({ metric: "rps", target: 100 })).toEqual([]);
  });

  test("a target in requests a second above what the profile carries is warned about", () => {
    const warnings = (target: number, capacity: ServedModelOptions["capacity"], slo?: ServedModelOptions["slo"]) => {
      const options = { ...base, slo, capacity, scaling: { knative: { metric: "rps", target } } } as const;
      const result = servedModelManifests("llama", options, kubernetes);
      return result.ok ? result.warnings.filter((warning) => warning.includes(".target: ")) : result.problems;
    };
    const { slo } = objective;
    const long = { profile: "llama-3.1-8b-l4", promptTokens: 3072, outputTokens: 1200 };
    // 7 at once: 7 prefills of 0.72 s and 1200 steps of 74.3 ms.
    expect(warnings(3, long, slo)).toEqual([
      'scaling.knative.target: is 3, so Knative adds a replica above 2.1 requests a second in each (70 % of it), but by profile llama-3.1-8b-l4 one carries 0.07 within slo: 7 at once, of 94.2 s each. Take metric "concurrency", whose target is derived.',
    ]);
    const short = { profile: "llama-3.1-8b-l4", promptTokens: 128, outputTokens: 32 };
    expect(warnings(3, short, slo)).toEqual([]);
    expect(warnings(300, short, slo)).toEqual([expect.stringContaining("or a target of at most ")]);
    expect(warnings(3, { ...long, concurrencyPerReplica: 1 }, slo)).toEqual([]);
    expect(warnings(3, long)).toEqual([]);
    expect(warnings(3, undefined, slo)).toEqual([]);
  });

  test("a hard limit below the soft target is refused, and one beside it is written (trap 57)", () => {
    const limited = (containerConcurrency: number) => ({
      ...objective,
      scaling: { knative: { target: 8, containerConcurrency } },
    });
    expect(problemsOf(limited(7))).toEqual([
      "scaling.knative.containerConcurrency: is 7, below the target of 8, which Knative would then lower to it. Raise it to at least 8, or lower the target.",
    ]);
    expect(objectsOf(limited(8))["InferenceService llama"]).toMatchObject({
      spec: { predictor: { scaleTarget: 8, containerConcurrency: 8 } },
    });
  });

  test("qps is refused with the name that KServe has for it (trap 50)", () => {
    // Not a metric of the types: as a program in JavaScript passes it.
    const knative: KnativeScaling = JSON.parse('{ "metric": "qps", "target": 5 }');
    expect(problemsOf({ scaling: { knative } })).toEqual([
      'scaling.knative.metric: is "qps"; take one of concurrency, rps, cpu, memory. Requests a second are rps.',
    ]);
  });

  const bound = (field: string, value: number, range: string) =>
    [
      { scaling: { knative: { target: 4, [field]: value } }, replicas: { min: 0, max: 2 } },
      [`scaling.knative.${field}: is ${value}; it must be a whole number ${range}.`],
    ] satisfies [Partial<ServedModelOptions>, string[]];

  test.each<[Partial<ServedModelOptions>, string[]]>([
    [
      { scaling: { knative: {} } },
      [
        "slo: is missing; scaling.knative.target is derived from it. Give at least one bound in milliseconds, e.g. itl.atMostMs: 75; or give that target.",
        "capacity: is missing; scaling.knative.target is derived from it. Give concurrencyPerReplica, at least 1, as measured; or profile (such as llama-3.1-8b-l4; docs/capacity-profiles.md lists all) with promptTokens and outputTokens of a mean request; or give that target.",
      ],
    ],
    [
      { slo: { itl: { atMostMs: 75 } } },
      [
        "capacity: is missing; the ScaledObject is compiled from it. Give concurrencyPerReplica, at least 1, as measured; or profile (such as llama-3.1-8b-l4; docs/capacity-profiles.md lists all) with promptTokens and outputTokens of a mean request; or take another block of scaling.",
      ],
    ],
    [
      { slo: { itl: { atMostMs: 75 } }, capacity: { concurrencyPerReplica: 4 }, scaling: {} },
      [
        "scaling: is empty; name what scales the model, one of scaledObject, http, knative, kserveKeda, hpa, or leave it out for a ScaledObject.",
      ],
    ],
    [
      { scaling: { knative: { target: 4 } }, backend: "deployment" },
      [
        'scaling.knative: needs the backend "kserve", since KServe makes what scales; backend is "deployment". Take that backend, or another strategy.',
      ],
    ],
    [
      { scaling: { knative: { target: 4, containerConcurrency: 3 } } },
      [
        "scaling.knative.containerConcurrency: is 3, below the target of 4, which Knative would then lower to it. Raise it to at least 4, or lower the target.",
      ],
    ],
    [
      { scaling: { knative: { target: 4, podRetentionSeconds: 60 } } },
      [
        "scaling.knative.podRetentionSeconds: has an effect only on the way to zero replicas. Leave it out, or let replicas.min be 0.",
      ],
    ],
    [
      { scaling: { knative: { metric: "rps" } } },
      [
        "scaling.knative.target: is missing; only for concurrency it follows from the capacity. Say how much rps a replica is asked to carry.",
      ],
    ],
    [
      { scaling: { knative: { target: 4, initialScale: 3 } } },
      ["scaling.knative.initialScale: is 3, above replicas.max, 2. Lower it."],
    ],
    [
      { scaling: { knative: { target: 4 } }, replicas: { min: 3, max: 2 } },
      ["replicas.max: is 2, below replicas.min, 3: it must be at least as large."],
    ],
    [
      {
        scaling: { knative: { target: 4 } },
        extraTriggers: [{ type: "cron", metadata: {} }],
      },
      [
        "extraTriggers: are KEDA triggers of a ScaledObject of ours, which there is none of with scaling.knative. Leave them out.",
      ],
    ],
    [
      { scaling: { knative: { metric: "cpu", target: 101 } } },
      ["scaling.knative.target: is 101; of cpu it is a percentage, at most 100."],
    ],
    bound("target", 0, "of at least 1"),
    bound("targetUtilizationPercent", 101, "from 1 to 100"),
    bound("windowSeconds", 5, "from 6 to 3600"),
    bound("panicWindowPercent", 0.5, "from 1 to 100"),
    bound("panicThresholdPercent", 109, "from 110 to 1000"),
    bound("targetBurstCapacity", -2, "of at least -1"),
    bound("scaleDownDelaySeconds", 3601, "from 0 to 3600"),
    bound("podRetentionSeconds", -1, "from 0 to 3600"),
    bound("activationScale", 1, "of at least 2"),
    bound("initialScale", -1, "of at least 0"),
  ])("%# is refused", (options, problems) => {
    expect(problemsOf(options)).toEqual(problems);
  });
});

describe("KServe's ScaledObject", () => {
  const query =
    'sum(vllm:num_requests_running{namespace="models",model_name="llama"}) + sum(vllm:num_requests_waiting{namespace="models",model_name="llama"})';

  test("is asked for with the trigger of the policy that it can express", () => {
    const objects = objectsOf({ ...objective, scaling: { kserveKeda: {} } });
    expect(Object.keys(objects).filter((key) => !key.startsWith("ServingRuntime"))).toEqual([
      "InferenceService llama",
      "Service llama",
      "PodMonitor llama",
    ]);
    expect(objects["InferenceService llama"]).toHaveProperty(
      ["metadata", "annotations", "serving.kserve.io/autoscalerClass"],
      "keda",
    );
    expect(objects["InferenceService llama"]).toMatchObject({
      spec: {
        predictor: {
          minReplicas: 1,
          maxReplicas: 2,
          autoScaling: {
            metrics: [
              {
                type: "External",
                external: {
                  metric: { backend: "prometheus", serverAddress: "http://prometheus:9090", query },
                  target: { type: "Value", value: "8" },
                },
              },
            ],
            behavior: {
              scaleUp: { stabilizationWindowSeconds: 0 },
              scaleDown: { stabilizationWindowSeconds: 300 },
            },
          },
        },
      },
    });
    expect(objects["InferenceService llama"]).not.toHaveProperty("spec.predictor.scaleMetric");
  });

  test("has the forecast that is asked for, which is a sum as well", () => {
    const options = { ...objective, trend: {}, scaling: { kserveKeda: {} } };
    const own = objectsOf({ ...options, scaling: undefined })["ScaledObject llama"];
    const service = objectsOf(options)["InferenceService llama"];
    const metrics = "spec.predictor.autoScaling.metrics";
    expect(service).not.toHaveProperty(`${metrics}[2]`);
    expect(service).toHaveProperty(`${metrics}[1].external.target.value`, "8");
    const query = 'clamp(predict_linear((sum(vllm:num_requests_running{namespace="models",model_name="llama"})';
    expect(service).toHaveProperty(`${metrics}[1].external.metric.query`, expect.stringContaining(query));
    expect(own).toHaveProperty("spec.triggers[2].name", "in-flight-trend");
  });

  test.each<[ServedModelOptions["scaling"], string]>([
    [{ kserveKeda: { triggers: [{ query: "sum(vllm:num_requests_waiting)", threshold: 2 }] } }, "kserveKeda.triggers"],
    [{ knative: {} }, "knative"],
    [{ hpa: { metric: "cpu", targetPercent: 70 } }, "hpa"],
  ])("no forecast goes with %j", (scaling, named) => {
    expect(problemsOf({ ...objective, scaling, trend: {} })).toEqual([
      `trend: is a trigger beside the one that is compiled from slo and capacity, which there is none of with scaling.${named}. Leave it out.`,
    ]);
  });

  test.each<[ServedModelOptions["scaling"], string]>([
    [{ kserveKeda: { triggers: [{ query: "sum(vllm:num_requests_waiting)", threshold: 2 }] } }, "kserveKeda"],
    [{ knative: { target: 4 } }, "knative"],
    [{ hpa: { metric: "cpu", targetPercent: 70 } }, "hpa"],
  ])("no load is checked with %j", (scaling, named) => {
    expect(problemsOf({ ...objective, scaling, load: { requestsPerSecond: 1 } })).toEqual([
      `load: is checked against what a replica carries, which is derived from slo and capacity, and that is not done with scaling.${named} as it is here. Leave it out.`,
    ]);
  });

  test("a load is checked where Knative's target is derived, and a burst is not", () => {
    const load = { requestsPerSecond: 1, secondsPerRequest: 100 };
    const options = { ...objective, scaling: { knative: {} } };
    expect(problemsOf({ ...options, load, replicas: { max: 13 } })).toEqual([]);
    expect(problemsOf({ ...options, load, replicas: { max: 12 } })).toEqual([
      "replicas.max: 12 cannot carry load.requestsPerSecond: 1 requests a second of 100 s each are 100 in flight (1 x 100), a replica is asked to carry 8, and ceil(100 / 8) = 13. Set it to at least 13, or use a faster GPU, shorter requests, a looser objective or less headroom.",
    ]);
    const burst = { requestsPerSecond: 0.1, withinSeconds: 600 };
    expect(problemsOf({ ...options, load: { ...load, burst }, replicas: { max: 13 } })).toEqual([
      "load.burst: is checked by the time that the HorizontalPodAutoscaler takes, and scaling.knative scales without one. Leave it out.",
    ]);
  });

  test("takes triggers of one's own, without an objective", () => {
    const triggers = [{ query: "sum(vllm:num_requests_waiting)", threshold: 2.5 }];
    const service = objectsOf({ scaling: { kserveKeda: { triggers } } })["InferenceService llama"];
    const path = "spec.predictor.autoScaling.metrics[0].external";
    expect(service).toHaveProperty(`${path}.metric.query`, "sum(vllm:num_requests_waiting)");
    expect(service).toHaveProperty(`${path}.target.value`, "2.5");
  });

  test("reads Prometheus with what OpenShift AI makes, and makes none of it again", () => {
    const options = {
      ...objective,
      scaling: { kserveKeda: {} },
      prometheusAuthentication: "boundServiceAccountToken",
      prometheusTriggerAuthentication: "inference-prometheus-auth",
    } as const;
    const objects = objectsOf(options, openShift);
    expect(
      Object.keys(objects).filter((key) => !/^(ServingRuntime|InferenceService|Service|PodMonitor) /.test(key)),
    ).toEqual([]);
    const external = "spec.predictor.autoScaling.metrics[0].external";
    expect(objects["InferenceService llama"]).toHaveProperty(`${external}.authenticationRef`, {
      authModes: "bearer",
      authenticationRef: { name: "inference-prometheus-auth" },
    });
    expect(objects["InferenceService llama"]).toHaveProperty(`${external}.metric.namespace`, "models");
    expect(problemsOf({ ...options, prometheusTriggerAuthentication: undefined }, openShift)).toEqual([
      'prometheusTriggerAuthentication: is missing, but with scaling.kserveKeda OpenShift AI makes "inference-prometheus-auth" in the namespace, with its identity and Role. It decides which objects are made, so write that name here.',
    ]);
  });

  test("reads Prometheus with a password by a TriggerAuthentication of ours, on OpenShift too", () => {
    const options = { ...objective, scaling: { kserveKeda: {} }, prometheusAuthentication: "basic" } as const;
    const objects = objectsOf(options, {
      ...openShift,
      prometheusAuthentication: "basic",
      prometheusCredentialsSecret: { name: "prometheus-reader" },
    });
    expect(objects["InferenceService llama"]).toHaveProperty(
      "spec.predictor.autoScaling.metrics[0].external.authenticationRef",
      { authModes: "basic", authenticationRef: { name: "llama-prometheus" } },
    );
    expect(Object.keys(objects)).toContain("TriggerAuthentication llama-prometheus");
    expect(Object.keys(objects).filter((key) => /^(ServiceAccount|Role|RoleBinding|Secret) /.test(key))).toEqual([]);
  });

  test.each([
    ["none", undefined, kubernetes],
    ["boundServiceAccountToken", "inference-prometheus-auth", openShift],
  ] as const)("needs KServe 0.16, with authentication %s", (prometheusAuthentication, authentication, platform) => {
    const options = {
      ...objective,
      scaling: { kserveKeda: {} },
      prometheusAuthentication,
      ...(authentication === undefined ? {} : { prometheusTriggerAuthentication: authentication }),
    };
    expect(problemsOf(options, { ...platform, kserveVersion: "0.16.0" })).toEqual([]);
    expect(problemsOf(options, { ...platform, kserveVersion: "0.15.2" })).toEqual([
      "scaling.kserveKeda: needs KServe 0.16.0 or newer, but the platform has 0.15.2: before, its ScaledObject takes no windows, and no credentials for Prometheus. Update it, or take scaling.scaledObject.",
    ]);
  });

  test.each<[Partial<ServedModelOptions>, string[]]>([
    [
      { scaling: { kserveKeda: { triggers: [{ query: "avg(vllm:kv_cache_usage_perc)", threshold: 0.6 }] } } },
      [
        "scaling.kserveKeda.triggers[0].query: is a latency or an average, but KServe has KEDA divide every value by the replicas, so it would ask for the same few at any size. Take a sum over the replicas here, or scaling.scaledObject for an objective.",
      ],
    ],
    [
      { scaling: { kserveKeda: { triggers: [{ query: "", threshold: 0 }] } } },
      [
        "scaling.kserveKeda.triggers[0].query: is empty; write PromQL with one result.",
        "scaling.kserveKeda.triggers[0].threshold: is 0; it must be above 0.",
      ],
    ],
    [
      { scaling: { kserveKeda: { triggers: [] } } },
      ["scaling.kserveKeda.triggers: is empty; give a trigger, or leave it out."],
    ],
    [
      { ...objective, scaling: { kserveKeda: {} }, replicas: { min: 0, max: 2 } },
      [
        "replicas.min: is 0, but without a replica there are no metrics that could ask for one. Take scaling.http, which sees the requests; or, if something else starts the first replica, say so by scaling.scaledObject.wokenElsewhere.",
      ],
    ],
  ])("%# is refused", (options, problems) => {
    expect(problemsOf(options)).toEqual(problems);
  });
});

describe("a HorizontalPodAutoscaler", () => {
  test("of KServe is asked for by its class", () => {
    const scaling = { hpa: { metric: "cpu", targetPercent: 70 } } as const;
    const objects = objectsOf({ scaling, replicas: { min: 2, max: 4 } });
    expect(objects["InferenceService llama"]).toMatchObject({
      metadata: { annotations: { "serving.kserve.io/autoscalerClass": "hpa" } },
      spec: { predictor: { minReplicas: 2, maxReplicas: 4, scaleMetric: "cpu", scaleTarget: 70 } },
    });
    expect(Object.keys(objects)).not.toContain("HorizontalPodAutoscaler llama");
  });

  test("of our own has the windows of a policy", () => {
    const scaling = { hpa: { metric: "memory", targetPercent: 80 } } as const;
    expect(objectsOf({ scaling, backend: "deployment" })["HorizontalPodAutoscaler llama"]).toEqual({
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: {
        name: "llama",
        namespace: "models",
        labels: {
          "app.kubernetes.io/name": "vllm",
          "app.kubernetes.io/instance": "llama",
          "app.kubernetes.io/component": "autoscaler",
          "app.kubernetes.io/part-of": "vllm-serving",
        },
        // So that KEDA takes the ScaledObject that an update makes in its place.
        annotations: { "validations.keda.sh/hpa-ownership": "false" },
      },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "llama" },
        minReplicas: 1,
        maxReplicas: 2,
        metrics: [
          {
            type: "Resource",
            resource: { name: "memory", target: { type: "Utilization", averageUtilization: 80 } },
          },
        ],
        behavior: {
          scaleUp: {
            stabilizationWindowSeconds: 0,
            selectPolicy: "Max",
            policies: [
              { type: "Percent", value: 100, periodSeconds: 15 },
              { type: "Pods", value: 4, periodSeconds: 15 },
            ],
          },
          scaleDown: {
            stabilizationWindowSeconds: 300,
            policies: [{ type: "Percent", value: 25, periodSeconds: 120 }],
          },
        },
      },
    });
  });

  test.each<[Partial<ServedModelOptions>, string[]]>([
    [
      { scaling: { hpa: { metric: "cpu", targetPercent: 0 } } },
      ["scaling.hpa.targetPercent: is 0; it must be a whole number from 1 to 100."],
    ],
    [
      { scaling: { hpa: { metric: "cpu", targetPercent: 70 } }, resources: { requests: { memory: "8Gi" } } },
      [
        'scaling.hpa.metric: is "cpu", but the container requests none, of which the use could be a share. Add it to resources.requests.',
      ],
    ],
  ])("%# is refused", (options, problems) => {
    expect(problemsOf(options)).toEqual(problems);
  });
});
