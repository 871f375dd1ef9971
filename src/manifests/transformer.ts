import type { Problem } from "../policy/policy-input";
import { knativePod } from "./knative-pod";
import { knativeFigureProblems } from "./knative-problems";
import { Role, standardLabels } from "./labels";
import { inferenceServiceName } from "./naming";
import { knativeClass, knativePredictor } from "./predictor-scaling";
import { wholeNumberProblems } from "./problems";
import type { ReplicaRange } from "./slo-autoscaler-options";
import type { Transformer } from "./transformer-options";
import { vllmPod } from "./vllm-pod";
import {
  type ContainerResources,
  PredictorClass,
  type PredictorScaling,
  type VllmServerOptions,
  type VllmServerSettings,
} from "./vllm-server-options";
import { usesKnative, usesKServe } from "./workload";

const defaultResources: ContainerResources = { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "2Gi" } };
const defaultTargetCpuPercent = 80;

/** KServe passes it to the container (`--http_port`). */
export const transformerPort = 8080;

/** What KServe makes of a transformer (kserve/kserve, `TransformerServiceName`): Deployment and Service. */
export function transformerName(name: string): string {
  return `${inferenceServiceName(name)}-transformer`;
}

/** Labels that select its pods. */
export function transformerLabels(name: string): Record<string, string> {
  return { "serving.kserve.io/inferenceservice": inferenceServiceName(name), component: "transformer" };
}

/** `spec.transformer` of the InferenceService: a pod of its own on any node, scaled as the predictor's class allows. */
export function transformerSpec<S>(transformer: Transformer, options: VllmServerOptions<S>) {
  const { image, args, env = {}, resources = defaultResources } = transformer;
  const knative = usesKnative(options);
  // Its grace period is the model's: an answer that it passes on takes as long as the generation.
  const { container, settings } = knative ? knativePod(options) : vllmPod(options);
  return {
    ...transformerScaling(transformer, options),
    containers: [
      {
        name: "kserve-container",
        image,
        ...(args === undefined ? {} : { args }),
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
        ports: [{ containerPort: transformerPort, protocol: "TCP", ...(knative ? { name: "http1" } : {}) }],
        resources,
        securityContext: container.securityContext,
      },
    ],
    ...settings,
  };
}

function replicasOf({ replicas }: Transformer): ReplicaRange {
  return replicas ?? { min: 1, max: 1 };
}

/** How KServe scales it: in the way of the predictor, since the class is the InferenceService's. */
function transformerScaling<S>(transformer: Transformer, options: VllmServerOptions<S>) {
  const range = replicasOf(transformer);
  const bounds = { minReplicas: range.min ?? 1, maxReplicas: range.max };
  const percent = transformer.targetCpuPercent ?? defaultTargetCpuPercent;
  switch (options.predictor?.class) {
    case PredictorClass.Knative: {
      const given = knativePredictor(transformer.knative ?? {}, range, options);
      return { ...bounds, ...knativeFields(given), annotations: given.annotations };
    }
    case PredictorClass.Hpa:
      return { ...bounds, scaleMetric: "cpu", scaleTarget: percent };
    case PredictorClass.Keda: {
      const target = { type: "Utilization", averageUtilization: percent };
      return { ...bounds, autoScaling: { metrics: [{ type: "Resource", resource: { name: "cpu", target } }] } };
    }
    default:
      // Of class `external`, KServe makes one replica and leaves it alone.
      return {};
  }
}

function knativeFields({ scaleMetric, scaleTarget, containerConcurrency, timeoutSeconds }: PredictorScaling<never>) {
  return {
    ...(scaleMetric === undefined ? {} : { scaleMetric }),
    ...(scaleTarget === undefined ? {} : { scaleTarget }),
    ...(containerConcurrency === undefined ? {} : { containerConcurrency }),
    ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
  };
}

/** Whether its replicas are the matter of a HorizontalPodAutoscaler of ours: where KServe makes no autoscaler. */
export function scalesTransformer<S>({ transformer, predictor }: VllmServerOptions<S>): boolean {
  if (transformer === undefined || predictor !== undefined) {
    return false;
  }
  const { min = 1, max } = replicasOf(transformer);
  return min > 1 || max > 1;
}

/** A HorizontalPodAutoscaler on the CPU of a transformer. One that is called like the Deployment KServe would take for its own. */
export function transformerAutoscaler<S>(name: string, transformer: Transformer, namespace: S) {
  const { min, max } = replicasOf(transformer);
  const averageUtilization = transformer.targetCpuPercent ?? defaultTargetCpuPercent;
  return {
    apiVersion: "autoscaling/v2" as const,
    kind: "HorizontalPodAutoscaler" as const,
    metadata: {
      name: `${transformerName(name)}-cpu`,
      namespace,
      labels: standardLabels(name, Role.Autoscaler),
    },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: transformerName(name) },
      minReplicas: min ?? 1,
      maxReplicas: max,
      metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } }],
    },
  };
}

/** What is wrong with a transformer by itself and beside the server. */
export function transformerProblems(settings: VllmServerSettings): Problem[] {
  const { transformer } = settings;
  if (transformer === undefined) {
    return [];
  }
  const { min = 1, max } = replicasOf(transformer);
  const problems = [
    ...wholeNumberProblems("transformer.replicas.min", min, 0),
    ...wholeNumberProblems("transformer.replicas.max", max, 1),
  ];
  if (!usesKServe(settings)) {
    problems.push({ path: "transformer", message: 'is made by KServe: take the backend "kserve", or leave it out.' });
  }
  if (transformer.image === "") {
    problems.push({ path: "transformer.image", message: "is empty; name an image." });
  }
  if (max < min) {
    problems.push({
      path: "transformer.replicas.max",
      message: `is ${max}, below transformer.replicas.min, ${min}: it must be at least as large.`,
    });
  }
  if (settings.serviceMonitor === true || (settings.serviceMonitor === undefined && settings.runtime !== undefined)) {
    problems.push({
      path: "serviceMonitor",
      message: "finds the model's metrics by its Service, which leads to the transformer. Write false.",
    });
  }
  const percent = transformer.targetCpuPercent;
  if (percent !== undefined && !(Number.isInteger(percent) && percent >= 1 && percent <= 100)) {
    problems.push({
      path: "transformer.targetCpuPercent",
      message: `is ${percent}; it must be a whole number from 1 to 100.`,
    });
  }
  const requested = { ...transformer.resources?.limits, ...transformer.resources?.requests };
  if (transformer.resources !== undefined && requested.cpu === undefined) {
    problems.push({
      path: "transformer.resources",
      message: "requests no CPU, of which the use could be a share. Add cpu to its requests.",
    });
  }
  return problems;
}

/** What is wrong with a transformer beside the way that its model scales. */
export function transformerScalingProblems(
  { transformer }: VllmServerSettings,
  scaling: { http?: object | undefined; knative?: { metric?: string | undefined } | undefined } = {},
): Problem[] {
  if (transformer === undefined) {
    return [];
  }
  const { knative, targetCpuPercent } = transformer;
  const range = replicasOf(transformer);
  const problems: Problem[] = [];
  if (scaling.http !== undefined) {
    problems.push({
      path: "transformer",
      message:
        "is always there, so KEDA's HTTP add-on would take a model without a replica for ready and pass requests on. Take scaling.knative, or leave it out.",
    });
  }
  if (scaling.knative === undefined) {
    if (knative !== undefined) {
      problems.push({
        path: "transformer.knative",
        message: "needs scaling.knative, since one mode is for both. Take targetCpuPercent, or scaling.knative.",
      });
    }
    if (range.min === 0) {
      problems.push({
        path: "transformer.replicas.min",
        message: "is 0, but only Knative starts the first replica of a transformer. Take at least 1.",
      });
    }
    return problems;
  }
  if (targetCpuPercent !== undefined) {
    problems.push({
      path: "transformer.targetCpuPercent",
      message:
        "is for Deployments, but scaling.knative makes revisions. Write it in transformer.knative, with the metric cpu.",
    });
  }
  if (knativeClass(knative?.metric) !== knativeClass(scaling.knative.metric)) {
    problems.push({
      path: "transformer.knative.metric",
      message: `is "${knative?.metric ?? "concurrency"}", but the model scales by "${scaling.knative.metric ?? "concurrency"}", and one class of Knative's autoscaler is for both: requests (concurrency, rps) or resources (cpu, memory).`,
    });
  }
  return [...problems, ...knativeFigureProblems("transformer.knative", knative ?? {}, range)];
}
