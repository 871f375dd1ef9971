import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";
import type { LoadPhase } from "./load-types";

/** When a request is sent. */
export interface Arrival {
  /** Milliseconds since the load began. */
  atMs: number;
  phase: string;
}

/**
 * The arrivals of a Poisson process whose rate follows the phases. The same phases and seed always give the same list.
 *
 * Gaps of an exponential distribution with mean 1 are laid along the expected number of arrivals, `L(t)`, the integral of
 * the rate; the inverse of `L` gives the times (time rescaling). A ramp is therefore exact, not a staircase.
 */
export function arrivals(phases: LoadPhase[], seed: number): Arrival[] {
  // Mersenne Twister: good from the first number on also for small seeds, which xoroshiro is not.
  const random = mersenne(seed);
  const nextGap = (): number => -Math.log(1 - uniformFloat64(random));
  const all: Arrival[] = [];
  let due = nextGap();
  let begin = 0;
  for (const phase of phases) {
    const { from, to } = rates(phase);
    const expected = ((from + to) / 2) * phase.seconds;
    while (due < expected) {
      all.push({ atMs: (begin + timeOfExpected(due, from, to, phase.seconds)) * 1000, phase: phase.name });
      due += nextGap();
    }
    due -= expected;
    begin += phase.seconds;
  }
  return all;
}

/** Seconds after which `expected` arrivals have come: the root of `from * t + (to - from) / (2 * seconds) * t^2`. */
function timeOfExpected(expected: number, from: number, to: number, seconds: number): number {
  const slope = (to - from) / seconds;
  // The form of the quadratic formula that also holds for a slope of 0.
  return (2 * expected) / (from + Math.sqrt(from * from + 2 * slope * expected));
}

function rates(phase: LoadPhase): { from: number; to: number } {
  const rate = phase.requestsPerSecond;
  return typeof rate === "number" ? { from: rate, to: rate } : rate;
}
