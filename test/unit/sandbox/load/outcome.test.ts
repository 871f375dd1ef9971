import { describe, expect, it } from "vitest";
import { completedOutcome, countOutcomes, shareWithin } from "../../../../packages/sandbox/src/load/outcome";

describe("completedOutcome", () => {
  const median = { atMostMs: 75, quantile: 0.5 };

  it.each([
    [[74, 75, 90, 200], "ok"],
    [[75.1, 75, 90, 200], "late"],
    [[], "ok"],
    [[75], "ok"],
    [[76], "late"],
  ])("of gaps %j is %s", (gaps, outcome) => expect(completedOutcome(gaps, median)).toBe(outcome));

  it("is ok without an objective", () => expect(completedOutcome([1e6], undefined)).toBe("ok"));

  it("uses the objective's own quantile", () => {
    const gaps = [10, 10, 10, 80];
    expect(completedOutcome(gaps, { atMostMs: 75, quantile: 0.75 })).toBe("ok");
    expect(completedOutcome(gaps, { atMostMs: 75, quantile: 0.76 })).toBe("late");
  });
});

it("shareWithin counts a gap at the bound as within", () => expect(shareWithin([10, 75, 76, 100], 75)).toBe(0.5));

it("countOutcomes gives every outcome, also those that did not happen", () => {
  expect(countOutcomes([{ outcome: "ok" }, { outcome: "ok" }, { outcome: "late" }])).toEqual({
    ok: 2,
    late: 1,
    failed: 0,
    incomplete: 0,
  });
});
