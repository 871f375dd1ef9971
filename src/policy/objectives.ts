import type { MetricSelector, Problem, Timing } from "./policy-input";
import { allowedShare, type LatencyGuard } from "./signals";
import { LatencyKind, type LatencyObjective, requiredShare, type Slo } from "./slo";
import { significant } from "./text";
import { rateWindowSeconds } from "./timing";
import { formatVersion, isAtLeast, type Version } from "./version";
import { customBucketFamily, customBucketsSince, latencyHistogram, measuredSince } from "./vllm-metrics";

/** A latency objective with its defaults filled in. */
export interface Objective {
  kind: LatencyKind;
  atMostMs: number;
  /** Share of observations that must keep the bound. */
  quantile: number;
  /** The field that says so. */
  statedAs: "quantile" | "goodRatio";
}

/** The valid objectives of an SLO in the order of `LatencyKind`; adds to `problems` what is wrong with the others. */
export function objectivesOf(slo: Slo, problems: Problem[]): Objective[] {
  const kinds = Object.values(LatencyKind);
  if (kinds.every((kind) => slo[kind] === undefined)) {
    problems.push({ path: "slo", message: `No latency is bounded. Give at least one of ${kinds.join(", ")}.` });
  }
  return kinds.flatMap((kind) => {
    const given = slo[kind];
    if (given === undefined) return [];
    const objective: Objective = {
      kind,
      atMostMs: given.atMostMs,
      quantile: requiredShare(kind, given),
      statedAs: given.quantile === undefined && given.goodRatio !== undefined ? "goodRatio" : "quantile",
    };
    const found = [...statedTwice(kind, given), ...problemsOf(objective)];
    problems.push(...found);
    return found.length > 0 ? [] : [objective];
  });
}

function statedTwice(kind: LatencyKind, { quantile, goodRatio }: LatencyObjective): Problem[] {
  return quantile === undefined || goodRatio === undefined
    ? []
    : [
        {
          path: `slo.${kind}`,
          message: `has quantile ${quantile} and goodRatio ${goodRatio}, which both say what share of observations must keep the bound. Keep one.`,
        },
      ];
}

function problemsOf({ kind, atMostMs, quantile, statedAs }: Objective): Problem[] {
  const problems: Problem[] = [];
  if (!(Number.isFinite(atMostMs) && atMostMs > 0)) {
    problems.push({
      path: `slo.${kind}.atMostMs`,
      message: `${atMostMs} is not a bound: it must be a number of milliseconds above 0.`,
    });
  }
  if (!(quantile > 0 && quantile < 1 && allowedShare(quantile) > 0)) {
    const what = { quantile: ["a quantile", "0.5 for the median"], goodRatio: ["a ratio", "0.99 for 99 %"] }[statedAs];
    problems.push({
      path: `slo.${kind}.${statedAs}`,
      message: `${quantile} is not ${what[0]}: it must be between 0 and 1, both excluded, e.g. ${what[1]}. A bound for every single observation cannot be an objective.`,
    });
  }
  return problems;
}

/** The guards of the objectives, where the vLLM release measures them. */
export interface Guards {
  guards: LatencyGuard[];
  warnings: string[];
}

export function guardsOf(
  objectives: readonly Objective[],
  metrics: MetricSelector,
  timing: Timing,
  vllm: Version,
  problems: Problem[],
): Guards {
  const guards: LatencyGuard[] = [];
  const warnings: string[] = [];
  for (const { kind, atMostMs, quantile, statedAs } of objectives) {
    const released = latencyHistogram(kind, vllm);
    if (released === undefined) {
      problems.push({
        path: `slo.${kind}`,
        message: `vLLM ${formatVersion(vllm)} does not measure it; ${formatVersion(measuredSince(kind))} is the first release known to. Use that, or an objective on another latency.`,
      });
      continue;
    }
    const histogram = { ...released, edgesSeconds: metrics.bucketEdgesSeconds?.[kind] ?? released.edgesSeconds };
    if (!areEdges(histogram.edgesSeconds)) {
      problems.push({
        path: `metrics.bucketEdgesSeconds.${kind}`,
        message: `[${histogram.edgesSeconds.join(", ")}] are not bucket edges: they must be seconds above 0, ascending, at least one, as given to --custom-histogram-buckets.`,
      });
      continue;
    }
    if (metrics.bucketEdgesSeconds?.[kind] !== undefined && !takesBuckets(vllm)) {
      warnings.push(
        `metrics.bucketEdgesSeconds.${kind}: vLLM ${formatVersion(vllm)} has no --custom-histogram-buckets${sinceWhen}, so these are its edges only if it was built with them. Where the guard's edge is missing, its query is an error while tokens are generated.`,
      );
    }
    // Twelve digits: 4.2 / 1000 is 0.0042000000000000006, and no bucket has that edge.
    const boundSeconds = Number((atMostMs / 1000).toPrecision(12));
    const edgeSeconds = histogram.edgesSeconds.find((edge) => edge >= boundSeconds);
    if (edgeSeconds === undefined) {
      problems.push({
        path: `slo.${kind}.atMostMs`,
        message: `${atMostMs} ms is above ${histogram.edgesSeconds.at(-1)} s, the last bucket edge of ${histogram.name} in vLLM ${formatVersion(vllm)}, so nobody can see whether it is kept. Lower the bound, or add a bucket with --custom-histogram-buckets${takesBuckets(vllm) ? "" : sinceWhen}. ${whereEdgesAreSaid(kind)}`,
      });
      continue;
    }
    if (edgeSeconds !== boundSeconds) {
      warnings.push(
        `slo.${kind}: ${atMostMs} ms is not a bucket edge of ${histogram.name}. The guard counts what is above the next edge, ${edgeSeconds} s, and so acts later than the objective says; the in-flight target is derived from ${atMostMs} ms. ${exactly(kind, boundSeconds, edgeSeconds, vllm)}`,
      );
    }
    const counts = kind === LatencyKind.Itl ? "tokens" : "requests";
    const windowSeconds = rateWindowSeconds(timing, counts);
    guards.push({ kind, histogram, edgeSeconds, quantile, statedAs, counts, windowSeconds });
  }
  return { guards, warnings };
}

const sinceWhen = `, which came with vLLM ${formatVersion(customBucketsSince)}`;

function takesBuckets(vllm: Version): boolean {
  return isAtLeast(vllm, customBucketsSince);
}

/** How a bound between two edges becomes an edge, or an edge the bound. */
function exactly(kind: LatencyKind, boundSeconds: number, edgeSeconds: number, vllm: Version): string {
  const flag = `add ${boundSeconds} to "${customBucketFamily[kind]}" of vLLM's --custom-histogram-buckets`;
  return takesBuckets(vllm)
    ? `To make it exact ${flag}. ${whereEdgesAreSaid(kind)}`
    : `To make it exact take ${significant(edgeSeconds * 1000)} ms, or, from vLLM ${formatVersion(customBucketsSince)} on, ${flag}.`;
}

function whereEdgesAreSaid(kind: LatencyKind): string {
  return `A ServedModel reads the edges from that flag in its extraArgs; an SloAutoscaler is given them as metrics.bucketEdgesSeconds.${kind}.`;
}

function areEdges(edges: readonly number[]): boolean {
  return edges.length > 0 && edges.every((edge, i) => Number.isFinite(edge) && edge > (edges[i - 1] ?? 0));
}
