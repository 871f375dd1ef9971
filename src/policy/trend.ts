import { type MetricSelector, type Problem, type Timing, TrendFunction, type TrendInput } from "./policy-input";
import { clamp, deriv, predictLinear } from "./promql";
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
  function: TrendFunction;
  /** How far ahead. */
  horizonSeconds: number;
  /** From how far back. */
  windowSeconds: number;
  /** Between two points that the line is drawn through. */
  stepSeconds: number;
}

export function trendOf(given: TrendInput, timing: Timing): Trend {
  const { horizonSeconds } = given;
  const horizon = Math.max(1, Math.ceil(horizonSeconds ?? timing.startupSeconds));
  return {
    function: given.function ?? TrendFunction.PredictLinear,
    horizonSeconds: horizon,
    windowSeconds: Math.max(windowsPerHorizon * horizon, rateWindowSeconds(timing, "tokens")),
    stepSeconds: Math.max(1, Math.ceil(timing.scrapeIntervalSeconds)),
  };
}

/** What is wrong with the forecast that is asked for. */
export function trendProblems(trend: TrendInput, timing: Timing): Problem[] {
  return [...functionProblems(trend), ...horizonProblems(trend, timing)];
}

function functionProblems({ function: given = TrendFunction.PredictLinear }: TrendInput): Problem[] {
  const known = Object.values(TrendFunction);
  return known.includes(given)
    ? []
    : [
        {
          path: "trend.function",
          message: `${JSON.stringify(given)} is no function that draws a line: it must be one of ${known.join(", ")}.`,
        },
      ];
}

function horizonProblems({ horizonSeconds }: TrendInput, timing: Timing): Problem[] {
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
 * Requests in flight as they will be in `horizonSeconds`, if they go on as in the window: by a straight line through them (least squares),
 * between what is there and twice that. `predict_linear` goes along the line, `deriv` by its slope from what is there.
 *
 * Under the HPA: `AverageValue` with the threshold of the requests in flight, so it asks now for what will be needed when the replica
 * serves. Never below what is there, so it removes nothing and holds nothing longer than a rise lasts.
 *
 * No load is 0: 0 / 0 is NaN, which `>= 0` drops, and the right side of `or` says 0. A line needs two points; before there are two it is
 * what is there. No series is an empty result, as of the requests in flight.
 */
export function inFlightTrend(metrics: MetricSelector, trend: Trend): Signal {
  const { horizonSeconds, windowSeconds, stepSeconds } = trend;
  const now = `(${inFlight(metrics).query})`;
  const timesNow: Record<TrendFunction, string> = {
    [TrendFunction.PredictLinear]: `${predictLinear(now, windowSeconds, stepSeconds, horizonSeconds)} / ${now}`,
    [TrendFunction.Deriv]: `1 + ${horizonSeconds} * ${deriv(now, windowSeconds, stepSeconds)} / ${now}`,
  };
  return {
    id: "inFlightTrend",
    unit: "requests",
    extent: "extensive",
    query: `(${now} * ${clamp(timesNow[trend.function], 1, most)} >= 0) or ${now}`,
  };
}

const drawn: Record<TrendFunction, string> = {
  [TrendFunction.PredictLinear]: "by a straight line through",
  [TrendFunction.Deriv]: "by what is there and the slope of a straight line through",
};

/**
 * Standard error of a forecast, as a multiple of how much the readings differ by chance: of a least-squares line that far beyond its last
 * point; of the last reading with that line's slope on top, which rises with it. `ahead` is the horizon in windows.
 */
const chanceFactor: Record<TrendFunction, (ahead: number, points: number) => number> = {
  [TrendFunction.PredictLinear]: (ahead, points) => Math.sqrt((1 + 12 * (0.5 + ahead) ** 2) / points),
  [TrendFunction.Deriv]: (ahead, points) => Math.sqrt(1 + (12 * ahead * (1 + ahead)) / points),
};

/** Of a jump from nothing that stays: halfway through the window, its slope is 3 / 2 of it a window. */
const jumped: Record<TrendFunction, (ahead: number) => string> = {
  [TrendFunction.PredictLinear]: () => "twice",
  [TrendFunction.Deriv]: (ahead) => `${figure(Math.min(most, 1 + 1.5 * ahead), 2)} times`,
};

/** What a forecast is worth and what it costs, with the numbers put in. `target` is what a replica is asked to carry. */
export function trendExplanation(trend: Trend, given: boolean, timing: Timing, target: number): string {
  const { horizonSeconds, windowSeconds } = trend;
  const ahead = given ? "as given" : "the time a replica takes to start: one that is asked for now serves then";
  // Requests stay for a generation, so points nearer say the same.
  const points = Math.max(1, windowSeconds / timing.longestGenerationSeconds);
  const factor = chanceFactor[trend.function](horizonSeconds / windowSeconds, points);
  const load = 4 * target;
  const chance = Math.sqrt(load);
  const replicas = Math.ceil(Math.min(factor * chance, load) / target);
  return (
    `Requests in ${horizonSeconds} s (${ahead}), ${drawn[trend.function]} the last ${windowSeconds} s; never below what is there, so it only adds, and at most ${most} times that. ` +
    `What it costs: the line takes chance for a rise. ${load} requests differ by about ${figure(chance)} from one moment to the next, and where each takes ${timing.longestGenerationSeconds} s the forecast by up to ${figure(factor * chance)}, which is ${replicas} ${replicas === 1 ? "replica" : "replicas"}; ` +
    `a jump that stays reads as up to ${jumped[trend.function](horizonSeconds / windowSeconds)} itself for ${windowSeconds} s.`
  );
}
