import type { Problem } from "./policy-input";
import { LatencyKind, type Slo } from "./slo";

/** Latencies in which whoever asks while there is no replica waits for its start. */
const waiting = [LatencyKind.Ttft, LatencyKind.E2e, LatencyKind.QueueTime] as const;

/**
 * The objectives that the first request after an idle time misses, unless somebody says that this is meant. `path` is the field that
 * says so. vLLM does not see that time, so no guard and no dashboard shows it.
 */
export function coldStartProblems(path: string, slo: Slo, startupSeconds: number): Problem[] {
  const missed = waiting.flatMap((kind) => {
    const bound = slo[kind]?.atMostMs;
    return bound !== undefined && bound < 1000 * startupSeconds ? [`slo.${kind} of ${bound} ms`] : [];
  });
  return missed.length === 0
    ? []
    : [
        {
          path,
          message: `is not true, but with replicas.min 0 whoever asks while there is no replica waits for its start of ${startupSeconds} s, which misses ${missed.join(" and ")}. Say true if that is meant, or keep at least one replica.`,
        },
      ];
}
