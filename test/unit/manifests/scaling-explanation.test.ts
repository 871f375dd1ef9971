import { describe, expect, test } from "vitest";
import { platformReference, type ServedModelOptions, servedModelManifests } from "../../../src/manifests";
import { compileModel, predictorOf } from "../../../src/manifests/model-scaling";
import { reasonLine, scalingReasons } from "../../../src/manifests/scaling-explanation";

const knative = { mode: "existing" } as const;
const platform = platformReference({
  distribution: "kubernetes",
  prometheus: { url: "http://prometheus:9090" },
  knative,
});
const base: ServedModelOptions = {
  namespace: "models",
  weights: { existingClaim: "weights" },
  replicas: { max: 2 },
  startup: { imagePullSeconds: 60, loadSeconds: 60, compileSeconds: 45 },
};
const objective = { slo: { itl: { atMostMs: 75 } }, capacity: { concurrencyPerReplica: 10 } };

function served(change: Partial<ServedModelOptions>) {
  const result = servedModelManifests("llama", { ...base, ...change }, platform);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const objects = result.objects.map(({ object }) => object);
  return { ...result, find: (kind: string) => objects.find((object) => object.kind === kind) };
}

function reasonsOf(change: Partial<ServedModelOptions>): string[] {
  const options = { ...base, ...change };
  const compiled = compileModel("llama", options, platform);
  const policy = compiled?.ok === true ? compiled.policy : undefined;
  const predictor = predictorOf("llama", options, policy, "http://prometheus:9090");
  return scalingReasons(options, predictor, policy).map(reasonLine);
}

/** What an explanation says of a path. */
function explained(lines: string[], path: string): string | undefined {
  return lines.find((line) => line.startsWith(`${path} = `))?.slice(path.length + 3);
}

describe("Knative by an objective", () => {
  const change = { ...objective, replicas: { min: 0, max: 2 }, scaling: { knative: {} } };

  test("is deployed with the figures that are explained", () => {
    const service = served(change).find("InferenceService");
    expect(service).toMatchObject({
      spec: {
        predictor: {
          minReplicas: 0,
          maxReplicas: 2,
          scaleMetric: "concurrency",
          scaleTarget: 8,
          containerConcurrency: 10,
          timeout: 345,
          annotations: {
            "autoscaling.knative.dev/target-utilization-percentage": "100",
            "autoscaling.knative.dev/window": "60s",
            "autoscaling.knative.dev/scale-down-delay": "225s",
            "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "210s",
          },
        },
      },
    });
    const lines = reasonsOf(change);
    const annotation = (name: string) => `spec.predictor.annotations["autoscaling.knative.dev/${name}"]`;
    expect(explained(lines, "spec.predictor.scaleTarget")).toBe(
      "8: 10 requests at the SLO were measured (capacity.concurrencyPerReplica). With loose headroom a replica is loaded to 80 % of that: max(1, floor(80 % x 10)) = 8.",
    );
    expect(explained(lines, "spec.predictor.containerConcurrency")).toMatch(/^10: floor\(10\): /);
    expect(explained(lines, annotation("target-utilization-percentage"))).toMatch(/^100: /);
    expect(explained(lines, annotation("scale-down-delay"))).toMatch(/^225: .* = 285 s, less the 60 s of the window/);
    expect(explained(lines, annotation("scale-to-zero-pod-retention-period"))).toMatch(/^210: .* 495 s, less 60 s/);
    expect(lines).toContain(
      "The last replica goes about 495 s after the last request: 60 s of window, 225 s of scale-down delay, then the longer of 30 s (Knative's grace period) and 210 s of retention.",
    );
  });

  test("keeps the figures that are given, and says so", () => {
    const given = { ...change, scaling: { knative: { containerConcurrency: 20, scaleDownDelaySeconds: 600 } } };
    expect(served(given).find("InferenceService")).toMatchObject({
      spec: {
        predictor: {
          scaleTarget: 8,
          containerConcurrency: 20,
          annotations: {
            "autoscaling.knative.dev/scale-down-delay": "600s",
            "autoscaling.knative.dev/scale-to-zero-pod-retention-period": "0s",
          },
        },
      },
    });
    expect(explained(reasonsOf(given), "spec.predictor.containerConcurrency")).toBe("20: As given.");
  });
});

test("with a target of one's own Knative has what is given, and nothing else", () => {
  const change = { ...objective, scaling: { knative: { target: 4, targetUtilizationPercent: 100 } } };
  const service = served(change).find("InferenceService");
  expect(service).toHaveProperty("spec.predictor.scaleTarget", 4);
  expect(service).not.toHaveProperty("spec.predictor.containerConcurrency");
  expect(JSON.stringify(service)).not.toMatch(/scale-down-delay|knative.dev\/window/);
  expect(reasonsOf(change).filter((line) => line.endsWith(": As given."))).toEqual([
    "spec.predictor.maxReplicas = 2: As given.",
    "spec.predictor.scaleTarget = 4: As given.",
    'spec.predictor.annotations["autoscaling.knative.dev/target-utilization-percentage"] = 100: As given.',
  ]);
});

test("KServe's ScaledObject is explained trigger by trigger, with its windows", () => {
  const lines = reasonsOf({ ...objective, trend: {}, scaling: { kserveKeda: {} } });
  const metric = (i: number, field: string) => `spec.predictor.autoScaling.metrics[${i}].external.${field}`;
  expect(explained(lines, metric(0, "target.value"))).toMatch(/^"8": 10 requests at the SLO were measured/);
  expect(explained(lines, metric(0, "metric.query"))).toMatch(/: All requests in vLLM, running or waiting\./);
  expect(explained(lines, metric(1, "target.value"))).toMatch(/^"8": The target of the requests in flight, 8/);
  expect(explained(lines, metric(1, "metric.query"))).toMatch(/: Requests in 165 s /);
  const behavior = "spec.predictor.autoScaling.behavior";
  expect(explained(lines, `${behavior}.scaleUp.stabilizationWindowSeconds`)).toMatch(/^0: /);
  expect(explained(lines, `${behavior}.scaleDown.stabilizationWindowSeconds`)).toMatch(/^300: .* = 300 s\.$/);
  expect(lines.some((line) => line.startsWith(`${behavior}.scaleDown.policies`))).toBe(false);
});

describe("a HorizontalPodAutoscaler", () => {
  const scaling = { hpa: { metric: "cpu", targetPercent: 70 } } as const;
  const caution =
    "It looks at cpu alone, which follows neither the requests nor their latency: no objective is kept by it.";

  test("of our own is explained field by field", () => {
    const change = { backend: "deployment", scaling } as const;
    expect(served(change).find("HorizontalPodAutoscaler")).toHaveProperty(
      "spec.behavior.scaleDown.stabilizationWindowSeconds",
      300,
    );
    const lines = reasonsOf(change);
    expect(lines.slice(0, 4)).toEqual([
      "spec.minReplicas = 1: As given, 1 otherwise.",
      "spec.maxReplicas = 2: As given.",
      "spec.metrics[0].resource.target.averageUtilization = 70: As given, in percent of the cpu that the container requests; it follows from no objective. The HPA asks for ceil(ready replicas x use / 70), unless the use is within 10 % of it: it adds a replica above 77, and takes one of 2 away at 35 or less.",
      caution,
    ]);
    expect(lines.slice(4).map((line) => line.split(": ")[0])).toEqual([
      "spec.behavior.scaleUp.stabilizationWindowSeconds = 0",
      "spec.behavior.scaleUp.policies = 100 % or 4 pods per 15 s, whichever is more",
      "spec.behavior.scaleDown.stabilizationWindowSeconds = 300",
      "spec.behavior.scaleDown.policies = 25 % per 120 s",
    ]);
  });

  test("of KServe is explained by what KServe is told", () => {
    expect(reasonsOf({ scaling })).toEqual([
      "spec.predictor.minReplicas = 1: As given, 1 otherwise.",
      "spec.predictor.maxReplicas = 2: As given.",
      "spec.predictor.scaleTarget = 70: As given, in percent of the cpu that the container requests; it follows from no objective. The HPA asks for ceil(ready replicas x use / 70), unless the use is within 10 % of it: it adds a replica above 77, and takes one of 2 away at 35 or less.",
      caution,
      "KServe's HorizontalPodAutoscaler has Kubernetes' own windows: up at once, down after 300 s.",
    ]);
  });

  test("beside an objective says that nothing follows from it, and why", () => {
    const beside =
      " slo is not looked at: no profile says how much cpu a replica uses at a bound, and on a GPU that hardly changes with the load.";
    expect(reasonsOf({ ...objective, scaling })).toContain(`${caution}${beside}`);
    expect(reasonsOf({ ...objective, scaling, backend: "deployment" })).toContain(`${caution}${beside}`);
    expect(reasonsOf({ ...objective, scaling: { knative: { metric: "cpu", target: 70 } } })).toContain(
      `${caution}${beside}`,
    );
  });

  // Kubernetes' `computeReplicasForMetric`: nothing within a tenth, otherwise ceil(replicas x use / target).
  test.each([
    [70, 1, "it adds a replica above 77."],
    [70, 7, "it adds a replica above 77, and takes one of 7 away at 60 or less."],
    [70, 10, "it adds a replica above 77, and takes one of 10 away below 63."],
    [80, 20, "it adds a replica above 88, and takes one of 20 away below 72."],
  ])("at a target of %d with at most %d replicas: %s", (targetPercent, max, meaning) => {
    const lines = reasonsOf({ replicas: { max }, scaling: { hpa: { metric: "memory", targetPercent } } });
    const line = explained(lines, "spec.predictor.scaleTarget") ?? "";
    expect(line.endsWith(`unless the use is within 10 % of it: ${meaning}`)).toBe(true);
  });

  test("of Knative's own is said to be one", () => {
    expect(reasonsOf({ scaling: { knative: { metric: "cpu", target: 70 } } })).toContain(
      "Knative's HPA asks for ceil(ready replicas x use / 70), unless the use is within 10 % of it: it adds a replica above 77 % of the CPU that each requests.",
    );
  });

  const onGpus = (path: string) =>
    `${path}: is "cpu", which on GPUs is much the same at any load, so the replicas do not follow it. Take scaling.scaledObject with slo and capacity, or requests (scaling.knative).`;
  const unkept = (path: string) => `${path}: is "cpu", by which no latency can be kept: slo is not looked at.`;
  const onCpus = { gpus: 0, image: "registry.example.com/vllm-cpu:0.30.0", vllmVersion: "0.30.0", tolerations: [] };

  test.each<[Partial<ServedModelOptions>, string[]]>([
    [{ scaling }, [onGpus("scaling.hpa.metric")]],
    [{ ...objective, scaling }, [unkept("scaling.hpa.metric"), onGpus("scaling.hpa.metric")]],
    [{ ...onCpus, scaling }, []],
    [{ ...onCpus, ...objective, scaling }, [unkept("scaling.hpa.metric")]],
    [{ scaling: { knative: { metric: "cpu", target: 70 } } }, [onGpus("scaling.knative.metric")]],
    [{ scaling: { knative: { metric: "rps", target: 5 } } }, []],
    [objective, []],
  ])("%# is warned about where it cannot do what is wanted", (change, warnings) => {
    expect(served(change).warnings).toEqual(warnings);
  });
});
