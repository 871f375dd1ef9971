import type { Problem } from "../policy/policy-input";
import { KnativeMetric, type KnativeScaling } from "./scaling-options";
import type { ReplicaRange } from "./slo-autoscaler-options";

/** Knative's bounds (knative/serving, `pkg/apis/autoscaling/annotation_validation.go`). */
const knativeBounds: readonly (readonly [field: keyof KnativeScaling, least: number, most: number])[] = [
  ["targetUtilizationPercent", 1, 100],
  ["containerConcurrency", 1, 1000],
  ["initialScale", 0, Number.POSITIVE_INFINITY],
  ["activationScale", 2, Number.POSITIVE_INFINITY],
  ["windowSeconds", 6, 3600],
  ["panicWindowPercent", 1, 100],
  ["panicThresholdPercent", 110, 1000],
  ["targetBurstCapacity", -1, Number.POSITIVE_INFINITY],
  ["scaleDownDelaySeconds", 0, 3600],
  ["podRetentionSeconds", 0, 3600],
  ["target", 1, Number.POSITIVE_INFINITY],
];

/** Whether Knative counts it. */
export function isKnativeMetric(metric: string): boolean {
  const known: readonly string[] = Object.values(KnativeMetric);
  return known.includes(metric);
}

/** What is wrong with the figures of a Knative block by themselves and beside the replicas. */
export function knativeFigureProblems(path: string, knative: KnativeScaling, replicas: ReplicaRange): Problem[] {
  const metric: string = knative.metric ?? KnativeMetric.Concurrency;
  const problems: Problem[] = [];
  if (!isKnativeMetric(metric)) {
    const hint = metric === "qps" ? " Requests a second are rps." : "";
    const known = Object.values(KnativeMetric).join(", ");
    problems.push({ path: `${path}.metric`, message: `is "${metric}"; take one of ${known}.${hint}` });
  }
  for (const [field, least, most] of knativeBounds) {
    const value = knative[field];
    if (typeof value === "number" && !(Number.isInteger(value) && value >= least && value <= most)) {
      const bound = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
      problems.push({ path: `${path}.${field}`, message: `is ${value}; it must be a whole number ${bound}.` });
    }
  }
  if (metric === KnativeMetric.Cpu && knative.target !== undefined && knative.target > 100) {
    problems.push({ path: `${path}.target`, message: `is ${knative.target}; of cpu it is a percentage, at most 100.` });
  }
  const { target, containerConcurrency, podRetentionSeconds, initialScale, activationScale } = knative;
  const { min, max } = replicas;
  if (target !== undefined && containerConcurrency !== undefined && containerConcurrency < target) {
    problems.push({
      path: `${path}.containerConcurrency`,
      message: `is ${containerConcurrency}, below the target of ${target}, which Knative would then lower to it. Raise it to at least ${target}, or lower the target.`,
    });
  }
  if (podRetentionSeconds !== undefined && min !== 0) {
    problems.push({
      path: `${path}.podRetentionSeconds`,
      message: "has an effect only on the way to zero replicas. Leave it out, or let replicas.min be 0.",
    });
  }
  for (const [field, value] of Object.entries({ initialScale, activationScale })) {
    if (value !== undefined && value > max) {
      problems.push({ path: `${path}.${field}`, message: `is ${value}, above replicas.max, ${max}. Lower it.` });
    }
  }
  return problems;
}
