import type { CompiledPolicy, ScaleTrigger } from "../../../src/policy";

/** The HPA's formulas for external metrics: kubernetes `pkg/controller/podautoscaler/replica_calculator.go`. */
const tolerance = 0.1;
export const within = (ratio: number) => ratio >= 1 - tolerance && ratio <= 1 + tolerance;
export const averageValue = (value: number, target: number, replicas: number) =>
  within(value / (target * replicas)) ? replicas : Math.ceil(value / target);
export const value = (reading: number, target: number, replicas: number, ready = replicas) =>
  within(reading / target) ? replicas : Math.ceil((reading / target) * ready);

/** As the HPA takes the value of a trigger, by its type. */
export function proposalOf(trigger: ScaleTrigger, reading: number, replicas: number, ready = replicas): number {
  const target = Number(trigger.metadata.threshold);
  return trigger.metricType === "Value"
    ? value(reading, target, replicas, ready)
    : averageValue(reading, target, replicas);
}

/** What the HPA wants when each trigger reads what `readings` says, before its windows: the most, within the bounds. */
export function desiredReplicas(
  { scaledObject }: CompiledPolicy,
  readings: ReadonlyMap<string, number>,
  replicas: number,
  ready = replicas,
): number {
  const { triggers, minReplicaCount = 1, maxReplicaCount = 100 } = scaledObject.spec;
  const proposals = triggers.map((trigger) =>
    proposalOf(trigger, readings.get(trigger.name ?? "") ?? Number.NaN, replicas, ready),
  );
  return Math.min(Math.max(...proposals, minReplicaCount), maxReplicaCount);
}
