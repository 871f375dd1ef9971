import type { MetricSelector } from "./policy-input";
import { countBy } from "./promql";
import { MetricType, type ScaleTrigger } from "./scaled-object";
import { runningSeries } from "./signals";

/** Deviation that the HPA tolerates, in percent. */
export const tolerancePercent = 10;

/**
 * PromQL that has a result while the load asks for more than `max` replicas: as many are scraped, and a trigger asks for more, as the HPA
 * computes it. An average over the replicas is a sum above what they are asked to carry together, all else a value of the service; either
 * by more than the HPA's tolerance.
 *
 * By vLLM's own metrics: those of the autoscaler (`kube_horizontalpodautoscaler_*`) are not everywhere, nor may everybody read them.
 */
export function saturationQuery(metrics: MetricSelector, max: number, triggers: readonly ScaleTrigger[]): string {
  const asking = triggers.map(({ metricType, metadata: { query = "", threshold = "" } }) => {
    const target = Number(threshold) * (metricType === MetricType.AverageValue ? max : 1);
    return `(${query}) > ${(target * (100 + tolerancePercent)) / 100}`;
  });
  return `${countBy("instance", runningSeries(metrics))} >= ${max} and (${asking.join(" or ")})`;
}
