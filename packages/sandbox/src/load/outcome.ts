import { type GapObjective, RequestOutcome, type RequestRecord } from "./load-types";

/** `ok` if the request's own gaps keep the objective, else `late`. A request with no gaps has none that is too long. */
export function completedOutcome(gapsMs: number[], objective: GapObjective | undefined): RequestOutcome {
  if (objective === undefined || gapsMs.length === 0) return RequestOutcome.Ok;
  return shareWithin(gapsMs, objective.atMostMs) >= objective.quantile ? RequestOutcome.Ok : RequestOutcome.Late;
}

/** Share of the gaps that are at most `atMostMs`; 1 of none. */
export function shareWithin(gapsMs: number[], atMostMs: number): number {
  if (gapsMs.length === 0) return 1;
  return gapsMs.filter((gap) => gap <= atMostMs).length / gapsMs.length;
}

export function countOutcomes(records: Pick<RequestRecord, "outcome">[]): Record<RequestOutcome, number> {
  const counts = { ok: 0, late: 0, failed: 0, incomplete: 0 };
  for (const record of records) counts[record.outcome] += 1;
  return counts;
}
