import { knativeDefaults } from "./knative-defaults";
import type { Explanation, Timing } from "./policy-input";
import { figure } from "./text";
import { deriveCooldownSeconds } from "./timing";

/** Figures of Knative's own autoscaler (KPA) for requests in flight. */
export interface KnativeFigures {
  target?: number | undefined;
  targetUtilizationPercent?: number | undefined;
  containerConcurrency?: number | undefined;
  windowSeconds?: number | undefined;
  scaleDownDelaySeconds?: number | undefined;
  podRetentionSeconds?: number | undefined;
}

/** What a replica carries, as the policy has it. */
export interface KnativeCapacity {
  concurrencyAtSlo: number;
  targetConcurrency: number;
  /** The formula with the numbers put in. */
  because: string;
}

/** Knative's bounds (knative/serving, `annotation_validation.go` and `container-concurrency-max-limit`). */
const longestSeconds = 3600;
const mostRequests = 1000;

const asGiven = "As given.";

/** Where each figure stands in an InferenceService. */
export const knativePaths: Record<keyof KnativeFigures, string> = {
  target: "spec.predictor.scaleTarget",
  targetUtilizationPercent: annotation("target-utilization-percentage"),
  containerConcurrency: "spec.predictor.containerConcurrency",
  windowSeconds: annotation("window"),
  scaleDownDelaySeconds: annotation("scale-down-delay"),
  podRetentionSeconds: annotation("scale-to-zero-pod-retention-period"),
};

function annotation(name: string): string {
  return `spec.predictor.annotations["autoscaling.knative.dev/${name}"]`;
}

interface Derived {
  value: number;
  because: string;
}

export interface DerivedKnative {
  figures: KnativeFigures;
  explanation: Explanation[];
}

/**
 * All figures from an objective, a capacity and the times of a model. What is given stays as it is, and what follows is derived from that.
 *
 * - The target is soft: it decides when replicas are added. With the headroom in it, Knative has to take it as it stands.
 * - The limit is hard, and what keeps the objective while replicas start: requests above it wait in front of the pod, where Knative counts
 *   them too. Without one, they would all be let in, and every answer be slower than the objective.
 * - Knative by itself lets replicas go as soon as the window's average falls, and the last one half a minute after it was empty: right for
 *   what starts in a second.
 */
export function deriveKnative(
  given: KnativeFigures,
  capacity: KnativeCapacity,
  timing: Timing,
  mayGoToZero: boolean,
): DerivedKnative {
  const figures: KnativeFigures = {};
  const explanation: Explanation[] = [];
  const settle = (field: keyof KnativeFigures, derive: () => Derived | undefined) => {
    const derived = given[field] === undefined ? derive() : { value: given[field], because: asGiven };
    if (derived === undefined) return 0;
    figures[field] = derived.value;
    explanation.push({ path: knativePaths[field], value: `${derived.value}`, because: derived.because });
    return derived.value;
  };
  const target = settle("target", () => targetWithin(capacity, given.containerConcurrency));
  settle("targetUtilizationPercent", () => utilization(target));
  settle("containerConcurrency", () => limit(capacity));
  const window = settle("windowSeconds", () => ({
    value: knativeDefaults.windowSeconds,
    because: "Knative's own average, written out because the times below count on it.",
  }));
  const delay = settle("scaleDownDelaySeconds", () => scaleDownDelay(timing, window));
  if (mayGoToZero || given.podRetentionSeconds !== undefined) {
    settle("podRetentionSeconds", () => retention(timing, window, delay));
  }
  return { figures, explanation };
}

/** Knative itself lowers a target above the limit to it (`ResolveMetricTarget`); written out, the reasons below hold. */
function targetWithin({ targetConcurrency, because }: KnativeCapacity, most = targetConcurrency): Derived {
  return most < targetConcurrency
    ? { value: most, because: `${because} containerConcurrency lets no more than ${most} in at once.` }
    : { value: targetConcurrency, because };
}

function utilization(target: number): Derived {
  const { utilizationPercent } = knativeDefaults;
  const less = figure((target * utilizationPercent) / 100, 2);
  return {
    value: 100,
    because: `The headroom is in the target already; Knative's own ${utilizationPercent} % would make ${less} of ${target}.`,
  };
}

function limit({ concurrencyAtSlo }: KnativeCapacity): Derived | undefined {
  const value = Math.floor(concurrencyAtSlo);
  return value > mostRequests
    ? undefined
    : {
        value,
        because: `floor(${figure(concurrencyAtSlo)}): what a replica carries within the objective. More wait in front of it while others start, and are counted there.`,
      };
}

function scaleDownDelay({ startupSeconds, longestGenerationSeconds }: Timing, window: number): Derived {
  const effect = startupSeconds + longestGenerationSeconds;
  const value = Math.min(Math.max(0, Math.ceil(effect - window)), longestSeconds);
  return {
    value,
    because:
      `Time until a new replica's effect is seen, ${figure(startupSeconds)} s start + ${figure(longestGenerationSeconds)} s longest generation = ` +
      `${figure(effect)} s, less the ${figure(window)} s of the window, kept between 0 and ${longestSeconds} s: for so long the load must be lower before a replica goes.`,
  };
}

function retention(timing: Timing, window: number, delay: number): Derived {
  const idle = deriveCooldownSeconds(timing);
  const value = Math.min(Math.max(0, Math.ceil(idle - window - delay)), longestSeconds);
  return {
    value,
    because:
      `The last replica shall stay for three starts of ${figure(timing.startupSeconds)} s, at least 60 s, after the last request: ${idle} s, less ${figure(window)} s of window and ` +
      `${figure(delay)} s of delay, kept between 0 and ${longestSeconds} s. Knative's ${knativeDefaults.graceSeconds} s of grace pass in any case.`,
  };
}
