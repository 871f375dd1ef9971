import type { ReplicaCapacity } from "./capacity";
import type { LoadInput, PolicyInput, Problem } from "./policy-input";
import { figure } from "./text";
import { servingSeconds } from "./timing";

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
    check("burst.withinSeconds", burst.withinSeconds, "seconds");
  }
  if (burst !== undefined && burst.requestsPerSecond > requestsPerSecond) {
    problems.push({
      path: "load.burst.requestsPerSecond",
      message: `${burst.requestsPerSecond} is above load.requestsPerSecond, ${requestsPerSecond}, which is the peak: raise that one.`,
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
  return { inFlight, replicas: Math.ceil(inFlight / capacity.targetConcurrency) };
}

/** What the bounds of the replicas cannot carry of the load. */
export function loadProblems({ load, replicas, timing }: PolicyInput, capacity: ReplicaCapacity): Problem[] {
  if (load === undefined) return [];
  const problems: Problem[] = [];
  const peak = peakDemand(load, capacity);
  if (peak.replicas > replicas.max) {
    const each = figure(secondsAt(load, capacity, "target"));
    const { targetConcurrency: target } = capacity;
    problems.push({
      path: "replicas.max",
      message: `${replicas.max} cannot carry load.requestsPerSecond: ${load.requestsPerSecond} requests a second of ${each} s each are ${figure(peak.inFlight)} in flight (${load.requestsPerSecond} x ${each}), a replica is asked to carry ${target}, and ceil(${figure(peak.inFlight)} / ${target}) = ${peak.replicas}. Set it to at least ${peak.replicas}, or use a faster GPU, shorter requests, a looser objective or less headroom.`,
    });
  }
  if (load.burst === undefined) return problems;

  const carried = capacity.concurrencyAtSlo;
  const serving = servingSeconds(timing);
  const { requestsPerSecond, withinSeconds } = load.burst;
  const rate = requestsPerSecond * Math.min(1, serving / withinSeconds);
  // Of those that began no longer ago than the burst, none has gone if they take longer.
  const inFlight = rate * Math.min(secondsAt(load, capacity, "slo"), serving);
  const needed = Math.ceil(inFlight / carried);
  if (needed > replicas.min) {
    problems.push({
      path: "replicas.min",
      message: `${replicas.min} cannot carry load.burst: within ${withinSeconds} s the load rises to ${requestsPerSecond} requests a second, and a replica that is asked for when it begins serves after ${figure(serving)} s (scrape ${timing.scrapeIntervalSeconds} s, HPA sync 15 s, start ${timing.startupSeconds} s). By then ${figure(inFlight)} requests are in flight, a replica carries ${figure(carried)} within the objective, and ceil(${figure(inFlight)} / ${figure(carried)}) = ${needed}. Set it to ${needed}, shorten the start, or leave load.burst out if the objective may be missed that long.`,
    });
  }
  return problems;
}

function secondsAt(load: LoadInput, capacity: ReplicaCapacity, at: "target" | "slo"): number {
  return load.secondsPerRequest ?? capacity.secondsPerRequest?.[at] ?? 0;
}
