import type { ReplicaCapacity } from "./capacity";
import type { BurstInput, LoadInput, PolicyInput, Problem } from "./policy-input";
import { figure, figureThat, significant } from "./text";
import { hpaSyncSeconds, servingSeconds } from "./timing";

/** The load as in-flight requests, and the replicas it takes. */
export interface LoadDemand {
  inFlight: number;
  replicas: number;
}

/** Adds to `problems` what is wrong with the figures of a load; `true` if nothing is. */
export function checkLoad(load: LoadInput, measured: boolean, problems: Problem[]): boolean {
  const before = problems.length;
  const check = (path: string, value: number, what: string) => {
    if (Number.isFinite(value) && value > 0) return;
    problems.push({ path: `load.${path}`, message: `${value} must be a number of ${what} above 0.` });
  };
  const { requestsPerSecond, secondsPerRequest, burst } = load;
  check("requestsPerSecond", requestsPerSecond, "requests a second");
  if (secondsPerRequest !== undefined) check("secondsPerRequest", secondsPerRequest, "seconds");
  if (burst !== undefined) {
    check("burst.requestsPerSecond", burst.requestsPerSecond, "requests a second");
    if (!(Number.isFinite(burst.withinSeconds) && burst.withinSeconds >= 0)) {
      problems.push({
        path: "load.burst.withinSeconds",
        message: `${burst.withinSeconds} must be a number of seconds of at least 0, which is at once.`,
      });
    }
  }
  if (burst !== undefined && burst.requestsPerSecond > requestsPerSecond) {
    problems.push({
      path: "load.burst.requestsPerSecond",
      message: `${significant(burst.requestsPerSecond)} is above load.requestsPerSecond, ${significant(requestsPerSecond)}, which is the peak: raise that one.`,
    });
  }
  if (measured && secondsPerRequest === undefined) {
    problems.push({
      path: "load.secondsPerRequest",
      message:
        "Missing: with capacity.concurrencyPerReplica nothing says how long a request takes, and so how many are in flight. Give the mean time from arrival to last token that you measured at that concurrency.",
    });
  }
  return problems.length === before;
}

/** In flight at the peak: requests a second times the seconds of each (Little's law), against what a replica is asked to carry. */
export function peakDemand(load: LoadInput, capacity: ReplicaCapacity): LoadDemand {
  const inFlight = load.requestsPerSecond * secondsAt(load, capacity, "target");
  return { inFlight, replicas: replicasFor(inFlight, capacity.targetConcurrency) };
}

/** Nine digits: what rounding leaves is no request. */
function replicasFor(inFlight: number, each: number): number {
  return Math.ceil(Number((inFlight / each).toPrecision(9)));
}

/** Requests in flight for a person who divides them by what a replica carries. */
export function inFlightFigure(inFlight: number, each: number): string {
  const replicas = replicasFor(inFlight, each);
  return figureThat(inFlight, (rounded) => replicasFor(rounded, each) === replicas);
}

/** What the bounds of the replicas cannot carry of the load. */
export function loadProblems({ load, replicas, timing, zero }: PolicyInput, capacity: ReplicaCapacity): Problem[] {
  if (load === undefined) return [];
  const problems: Problem[] = [];
  const peak = peakDemand(load, capacity);
  if (peak.replicas > replicas.max) {
    const each = figure(secondsAt(load, capacity, "target"));
    const { targetConcurrency: target } = capacity;
    const inFlight = inFlightFigure(peak.inFlight, target);
    problems.push({
      path: "replicas.max",
      message: `${replicas.max} cannot carry load.requestsPerSecond: ${significant(load.requestsPerSecond)} requests a second of ${each} s each are ${inFlight} in flight (${significant(load.requestsPerSecond)} x ${each}), a replica is asked to carry ${target}, and ceil(${inFlight} / ${target}) = ${peak.replicas}. Set it to at least ${peak.replicas}, or use a faster GPU, shorter requests, a looser objective or less headroom.`,
    });
  }
  if (load.burst === undefined) return problems;

  const carried = capacity.concurrencyAtSlo;
  const serving = servingSeconds(timing);
  const inFlight = inFlightOfBurst(load.burst, secondsAt(load, capacity, "slo"), serving);
  const needed = replicasFor(inFlight, carried);
  const there = inFlightFigure(inFlight, carried);
  const served = `serves after ${figure(serving)} s (scrape ${timing.scrapeIntervalSeconds} s, HPA sync ${hpaSyncSeconds} s, start ${timing.startupSeconds} s)`;
  if (zero !== undefined) {
    problems.push({
      path: "load.burst",
      message: `cannot be carried from no replica: the first one is asked for when it begins and ${served}, and by then ${there} requests wait for it. Leave load.burst out, or take a strategy that keeps replicas, with replicas.min of at least ${needed}.`,
    });
  } else if (needed > replicas.min) {
    const { requestsPerSecond, withinSeconds } = load.burst;
    const rises = withinSeconds === 0 ? "at once" : `within ${significant(withinSeconds)} s`;
    problems.push({
      path: "replicas.min",
      message: `${replicas.min} cannot carry load.burst: ${rises} the load rises to ${significant(requestsPerSecond)} requests a second, and a replica that is asked for when it begins ${served}. By then ${there} requests are in flight, a replica carries ${carried} within the objective, and ceil(${there} / ${carried}) = ${needed}. Set it to ${needed}, shorten the start, or leave load.burst out if the objective may be missed that long.`,
    });
  }
  return problems;
}

/**
 * That a replica which is removed cuts requests off, where it may take less time for them than a mean one needs. Whoever looks at a
 * running request finds it with a share of its time left that is even between none and all: the part above what there is, is cut off.
 */
export function drainWarnings({ load, timing }: PolicyInput, capacity: ReplicaCapacity): string[] {
  const seconds = secondsAt(load, capacity, "target");
  const { longestGenerationSeconds: given } = timing;
  if (seconds <= given) return [];
  return [
    `longestGenerationSeconds: a replica that is removed has ${significant(given)} s to finish what it runs, and a request takes ${figureThat(seconds, (rounded) => rounded > given)} s on average with ${capacity.targetConcurrency} in flight: about ${figureThat(100 * (1 - given / seconds), (rounded) => rounded > 0)} % of them are cut off. Give what the longest request takes, at least ${Math.ceil(seconds)} s, or shorter lengths.`,
  ];
}

/** In flight some time after a burst began: what has come by then, less what came longer ago than a request takes. */
export function inFlightOfBurst(burst: BurstInput, secondsPerRequest: number, afterSeconds: number): number {
  return arrivedOfBurst(burst, afterSeconds) - arrivedOfBurst(burst, afterSeconds - secondsPerRequest);
}

/** The integral of a rate that rises along a line from 0 and then stays. */
function arrivedOfBurst({ requestsPerSecond, withinSeconds }: BurstInput, afterSeconds: number): number {
  if (afterSeconds <= 0) return 0;
  return afterSeconds < withinSeconds
    ? (requestsPerSecond * afterSeconds ** 2) / (2 * withinSeconds)
    : requestsPerSecond * (afterSeconds - withinSeconds / 2);
}

function secondsAt(load: LoadInput | undefined, capacity: ReplicaCapacity, at: "target" | "slo"): number {
  return load?.secondsPerRequest ?? capacity.secondsPerRequest?.[at] ?? 0;
}
