import type { MetricSelector, Problem, Timing, TrendInput } from "./policy-input";
import { clamp, predictLinear } from "./promql";
import { inFlight, type Signal } from "./signals";
import { figure } from "./text";
import { rateWindowSeconds } from "./timing";

/**
 * The forecast is never more than this times what is there. A load that jumps once and stays reads as at most 49/24 of itself, shortly
 * after the middle of the window, so of a steady rise this takes nothing that would be noticed, and of noise it takes the worst.
 */
const most = 2;
/** A window of twice the horizon: with a shorter one chance moves the forecast more than the load itself, a longer one sees a rise late. */
const windowsPerHorizon = 2;
/** As far as KEDA or anybody can be expected to see. */
const longestHorizonSeconds = 3600;

/** A forecast with its defaults filled in. All in whole seconds. */
export interface Trend {
  /** How far ahead. */
  horizonSeconds: number;
  /** From how far back. */
  windowSeconds: number;
  /** Between two points that the line is drawn through. */
  stepSeconds: number;
}

export function trendOf({ horizonSeconds }: TrendInput, timing: Timing): Trend {
  const horizon = Math.max(1, Math.ceil(horizonSeconds ?? timing.startupSeconds));
  return {
    horizonSeconds: horizon,
    windowSeconds: Math.max(windowsPerHorizon * horizon, rateWindowSeconds(timing, "tokens")),
    stepSeconds: Math.max(1, Math.ceil(timing.scrapeIntervalSeconds)),
  };
}

/** What is wrong with the forecast that is asked for. */
export function trendProblems({ horizonSeconds }: TrendInput, timing: Timing): Problem[] {
  const horizon = horizonSeconds ?? timing.startupSeconds;
  if (horizon > 0 && horizon <= longestHorizonSeconds) return [];
  return [
    {
      path: "trend.horizonSeconds",
      message:
        horizonSeconds === undefined
          ? `Missing, and the start of ${horizon} s cannot take its place: it must be above 0 and at most ${longestHorizonSeconds}. Give it, or leave the trend out.`
          : `${horizon} is not a horizon: it must be a number of seconds above 0 and at most ${longestHorizonSeconds}. The time a replica takes to start is the default.`,
    },
  ];
}

/**
 * Requests in flight as they will be in `horizonSeconds`, if they go on as in the window: a straight line through them (least squares,
 * `predict_linear`), between what is there and twice that.
 *
 * Under the HPA: `AverageValue` with the threshold of the requests in flight, so it asks now for what will be needed when the replica
 * serves. Never below what is there, so it removes nothing and holds nothing longer than a rise lasts.
 *
 * No load is 0: 0 / 0 is NaN, which `>= 0` drops, and the right side of `or` says 0. A line needs two points; before there are two it is
 * what is there. No series is an empty result, as of the requests in flight.
 */
export function inFlightTrend(metrics: MetricSelector, { horizonSeconds, windowSeconds, stepSeconds }: Trend): Signal {
  const now = `(${inFlight(metrics).query})`;
  const forecast = predictLinear(now, windowSeconds, stepSeconds, horizonSeconds);
  return {
    id: "inFlightTrend",
    unit: "requests",
    extent: "extensive",
    query: `(${now} * ${clamp(`${forecast} / ${now}`, 1, most)} >= 0) or ${now}`,
  };
}

/** What a forecast is worth and what it costs, with the numbers put in. `target` is what a replica is asked to carry. */
export function trendExplanation(trend: Trend, given: boolean, timing: Timing, target: number): string {
  const { horizonSeconds, windowSeconds } = trend;
  const ahead = given ? "as given" : "the time a replica takes to start: one that is asked for now serves then";
  // Standard error of a least-squares line that far beyond its last point. Requests stay for a generation, so points nearer say the same.
  const points = Math.max(1, windowSeconds / timing.longestGenerationSeconds);
  const factor = Math.sqrt((1 + 12 * (0.5 + horizonSeconds / windowSeconds) ** 2) / points);
  const load = 4 * target;
  const chance = Math.sqrt(load);
  const replicas = Math.ceil(Math.min(factor * chance, load) / target);
  return (
    `Requests in ${horizonSeconds} s (${ahead}), by a straight line through the last ${windowSeconds} s; never below what is there, so it only adds, and at most ${most} times that. ` +
    `What it costs: the line takes chance for a rise. ${load} requests differ by about ${figure(chance)} from one moment to the next, and where each takes ${timing.longestGenerationSeconds} s the forecast by up to ${figure(factor * chance)}, which is ${replicas} ${replicas === 1 ? "replica" : "replicas"}; ` +
    `a jump that stays reads as up to twice itself for ${windowSeconds} s.`
  );
}
