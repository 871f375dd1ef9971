import type { Explanation, Timing } from "./policy-input";
import { type HpaBehavior, HpaPolicyType, HpaSelectPolicy } from "./scaled-object";

/** The HPA's sync period, kube-controller-manager's default. */
export const hpaSyncSeconds = 15;
/** Scrapes in a rate window: `rate` needs two samples, and one may be lost or late. */
const scrapesPerWindow = 4;
const shortestRateWindowSeconds = 30;
/** A longer window keeps asking for replicas minutes after the latency is good again. */
const longestRequestWindowSeconds = 300;
/** Below it a single late scrape or sync would be enough to scale down. */
const shortestScaleDownWindowSeconds = 30;
/** Bounds of `autoscaling/v2`. */
const longestScaleDownWindowSeconds = 3600;
const longestPolicyPeriodSeconds = 1800;
/** Share of the replicas that one scale-down step removes, in percent. The HPA truncates what is left: 5 -> 3, 7 -> 5. */
const scaleDownPercent = 25;

/**
 * Window of the rates over histograms that count every token: four scrapes, at least 30 s, in steps of 5 s. Histograms
 * that count once a request need longer, since a replica finishes only a few requests in that time: the longest
 * generation, at most five minutes.
 */
export function rateWindowSeconds(timing: Timing, counts: "tokens" | "requests"): number {
  const base = upToFive(Math.max(scrapesPerWindow * timing.scrapeIntervalSeconds, shortestRateWindowSeconds));
  if (counts === "tokens") return base;
  return Math.max(base, upToFive(Math.min(timing.longestGenerationSeconds, longestRequestWindowSeconds)));
}

/** From the moment the load rises until a replica that is asked for because of it serves. */
export function servingSeconds({ startupSeconds, scrapeIntervalSeconds }: Timing): number {
  return scrapeIntervalSeconds + hpaSyncSeconds + startupSeconds;
}

export interface DerivedBehavior {
  behavior: Required<Pick<HpaBehavior, "scaleUp" | "scaleDown">>;
  explanation: Explanation[];
  warnings: string[];
}

/**
 * How fast the HPA may follow the triggers.
 *
 * Up: at once. A request counted is not noise, and the start of a replica is delay enough. At most twice the replicas, or
 * four more, in one sync: Kubernetes' own default, which bounds what one wrong reading can cost.
 *
 * Down: the window is the time until a replica that was just asked for shows its full effect, so that nothing is removed
 * because its effect has not been seen yet: one HPA sync, its start, then the end of the requests that were already
 * running elsewhere (they are not moved) while the rate window forgets them, whichever takes longer. It is never shorter
 * than the start: a `Value` metric counts only ready replicas and proposes too few while new ones load, and a replica
 * removed too early costs a whole start. Then at most a quarter of the replicas, rounded up to a whole replica, in the
 * time one needs to drain.
 */
export function deriveBehavior(timing: Timing, longestRateWindowSeconds: number): DerivedBehavior {
  const { startupSeconds, longestGenerationSeconds } = timing;
  const warnings: string[] = [];

  const effectSeconds = Math.max(longestGenerationSeconds, longestRateWindowSeconds);
  const visibleSeconds = upToFive(hpaSyncSeconds + startupSeconds + effectSeconds);
  const window = Math.min(Math.max(visibleSeconds, shortestScaleDownWindowSeconds), longestScaleDownWindowSeconds);
  if (visibleSeconds > window) {
    warnings.push(
      `The scale-down window should be ${visibleSeconds} s, but Kubernetes allows at most ${window} s: replicas may be ` +
        "removed before the effect of new ones is seen. Shorten the start or the longest generation.",
    );
  }

  const drainSeconds = Math.ceil(Math.max(longestGenerationSeconds, hpaSyncSeconds));
  const period = Math.min(drainSeconds, longestPolicyPeriodSeconds);
  if (drainSeconds > period) {
    warnings.push(
      `A scale-down step should take ${drainSeconds} s, the longest generation, but Kubernetes allows at most ` +
        `${period} s: more replicas may drain at once.`,
    );
  }

  const path = "spec.advanced.horizontalPodAutoscalerConfig.behavior";
  return {
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: HpaSelectPolicy.Max,
        policies: [
          { type: HpaPolicyType.Percent, value: 100, periodSeconds: hpaSyncSeconds },
          { type: HpaPolicyType.Pods, value: 4, periodSeconds: hpaSyncSeconds },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: window,
        policies: [{ type: HpaPolicyType.Percent, value: scaleDownPercent, periodSeconds: period }],
      },
    },
    explanation: [
      {
        path: `${path}.scaleUp.stabilizationWindowSeconds`,
        value: "0",
        because: `A new replica needs ${startupSeconds} s to start: waiting before asking for it would only add to that.`,
      },
      {
        path: `${path}.scaleUp.policies`,
        value: `100 % or 4 pods per ${hpaSyncSeconds} s, whichever is more`,
        because: "Kubernetes' own limit, written out: one wrong reading can at most double the replicas, or add 4.",
      },
      {
        path: `${path}.scaleDown.stabilizationWindowSeconds`,
        value: `${window}`,
        because:
          `Time until a new replica's effect is seen: ${hpaSyncSeconds} s HPA sync + ${startupSeconds} s start + the ` +
          `longer of ${longestGenerationSeconds} s (longest generation) and ${longestRateWindowSeconds} s (rate window) = ` +
          `${visibleSeconds} s${window === visibleSeconds ? "" : `, kept between ${shortestScaleDownWindowSeconds} and ${longestScaleDownWindowSeconds} s`}.`,
      },
      {
        path: `${path}.scaleDown.policies`,
        value: `${scaleDownPercent} % per ${period} s`,
        because:
          `At most a quarter of the replicas, rounded up to a whole replica, in the ${period} s that a removed one may ` +
          "need to finish its requests: those that stay take over a bounded load.",
      },
    ],
    warnings,
  };
}

/** Starts that an idle replica is kept for: whoever comes back within them does not wait for one. */
const startsToStayIdle = 3;
/** KEDA looks every 30 s whether a trigger is active. */
const shortestCooldownSeconds = 60;

/** How long the last replica stays after the last request: holding its GPUs that long is weighed against another start. */
export function deriveCooldownSeconds({ startupSeconds }: Timing): number {
  return Math.max(shortestCooldownSeconds, upToFive(startsToStayIdle * startupSeconds));
}

function upToFive(seconds: number): number {
  return Math.ceil(seconds / 5) * 5;
}
