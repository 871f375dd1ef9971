import { knativeDefaults } from "../policy/knative-defaults";
import { figure } from "../policy/text";
import { hpaRule } from "./hpa-arithmetic";
import { KnativeMetric, type KnativeScaling } from "./scaling-options";

/** Share of the target in percent above which Knative adds replicas. */
export function utilizationPercent({ targetUtilizationPercent }: KnativeScaling): number {
  return targetUtilizationPercent ?? knativeDefaults.utilizationPercent;
}

/**
 * What a replica carries before Knative adds another: a share of the target, which `containerConcurrency` lowers (knative/serving,
 * `ResolveMetricTarget`). An HPA of Knative takes its target as it is.
 */
export function effectiveTarget(knative: KnativeScaling, target: number): number {
  switch (knative.metric) {
    case KnativeMetric.Cpu:
    case KnativeMetric.Memory:
      return target;
    case KnativeMetric.RequestRate:
      return (target * utilizationPercent(knative)) / 100;
    default: {
      const most = Math.min(target, knative.containerConcurrency ?? target);
      return (most * utilizationPercent(knative)) / 100;
    }
  }
}

/**
 * Seconds from the end of the last request to the end of the last replica. The decision to go to zero comes when the window holds no
 * request and the scale-down delay is over; then the longer of retention and grace period passes, the latter on every cluster (knative/serving,
 * `handleScaleToZero`).
 */
export function idleSeconds({ windowSeconds, scaleDownDelaySeconds, podRetentionSeconds }: KnativeScaling): number {
  const decided = (windowSeconds ?? knativeDefaults.windowSeconds) + (scaleDownDelaySeconds ?? 0);
  return decided + Math.max(podRetentionSeconds ?? 0, knativeDefaults.graceSeconds);
}

function requests(count: number): string {
  return count === 1 ? "1 request" : `${count} requests`;
}

const measured: Record<KnativeMetric, (amount: number) => string> = {
  [KnativeMetric.Concurrency]: (amount) => `${requests(amount)} in each, running or waiting`,
  [KnativeMetric.RequestRate]: (amount) => `${requests(amount)} a second for each`,
  [KnativeMetric.Cpu]: (amount) => `${figure(amount)} % of the CPU that each requests`,
  [KnativeMetric.Memory]: (amount) => `${figure(amount)} MiB in each`,
};

/** What Knative makes of the figures it is told, a sentence each. `target` is what KServe is told. */
export function knativeMeaning(knative: KnativeScaling, target: number, mayGoToZero: boolean): string[] {
  const metric = knative.metric ?? KnativeMetric.Concurrency;
  const effective = effectiveTarget(knative, target);
  const share = effective === target ? "" : `, ${utilizationPercent(knative)} % of the target`;
  const limit = knative.containerConcurrency;
  const { windowSeconds = knativeDefaults.windowSeconds, scaleDownDelaySeconds = 0, podRetentionSeconds = 0 } = knative;
  return [
    metric === KnativeMetric.Cpu || metric === KnativeMetric.Memory
      ? `Knative's HPA ${hpaRule(target, measured[metric])}.`
      : `Knative adds a replica above ${measured[metric](effective)}${share}.`,
    ...(limit === undefined ? [] : [`A replica gets ${requests(limit)} at once at most (containerConcurrency).`]),
    ...(mayGoToZero
      ? [
          `The last replica goes about ${idleSeconds(knative)} s after the last request: ${windowSeconds} s of window, ${scaleDownDelaySeconds} s of scale-down delay, then the longer of ${knativeDefaults.graceSeconds} s (Knative's grace period) and ${podRetentionSeconds} s of retention.`,
        ]
      : []),
  ];
}
