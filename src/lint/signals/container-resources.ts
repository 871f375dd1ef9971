import { classAnnotation, modeOf } from "../kserve";
import type { Field } from "../source/field";
import type { LintedObject } from "../source/linted-object";

/** Where an object says that replicas are scaled by what containers use and nothing else, and what that is. */
interface ContainerResource {
  at: Field;
  what: string;
}

/** KServe's, and Kubernetes' for an HPA without metrics. */
const byDefault = "CPU, at 80 % by default,";

export function scalesByContainersAlone(object: LintedObject): ContainerResource | undefined {
  switch (object.kind) {
    case "ScaledObject":
      return alone(object.get("spec", "triggers"), ["cpu", "memory"]);
    case "HorizontalPodAutoscaler":
      return ofHorizontalPodAutoscaler(object);
    case "InferenceService":
      return ofInferenceService(object);
    default:
      return undefined;
  }
}

function alone(metrics: Field, types: readonly string[]): ContainerResource | undefined {
  const all = metrics.items();
  const [first] = all;
  const areContainers = all.every((metric) => types.includes(metric.get("type").text ?? ""));
  return first !== undefined && areContainers ? { at: first, what: "CPU or memory" } : undefined;
}

const resourceTypes = ["Resource", "ContainerResource"];

function ofHorizontalPodAutoscaler(object: LintedObject): ContainerResource | undefined {
  // Of `autoscaling/v1`, which has nothing else.
  const target = object.get("spec", "targetCPUUtilizationPercentage");
  if (target.exists) return { at: target, what: "CPU" };
  const metrics = object.get("spec", "metrics");
  return metrics.items().length === 0 ? { at: metrics, what: byDefault } : alone(metrics, resourceTypes);
}

/** The classes `external` and `none` leave it to others; where no class is written, KServe makes an HPA in Standard mode. */
function ofInferenceService(service: LintedObject): ContainerResource | undefined {
  const predictor = service.get("spec", "predictor");
  const autoscalerClass = service.annotation(classAnnotation).text ?? "hpa";
  if (modeOf(service) !== "Knative" && ["external", "none"].includes(autoscalerClass)) return undefined;
  const scaleMetric = predictor.get("scaleMetric");
  if (["cpu", "memory"].includes(scaleMetric.text ?? "")) return { at: scaleMetric, what: scaleMetric.text ?? "" };
  const metrics = predictor.get("autoScaling", "metrics");
  if (scaleMetric.exists || metrics.exists) return alone(metrics, resourceTypes);
  const max = predictor.get("maxReplicas");
  const scales = (max.number ?? 0) > Math.max(1, predictor.get("minReplicas").number ?? 1);
  return scales && modeOf(service) === "Standard" && autoscalerClass === "hpa"
    ? { at: max, what: byDefault }
    : undefined;
}
