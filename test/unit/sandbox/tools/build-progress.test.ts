import { describe, expect, it } from "vitest";
import { remainingBuildSeconds } from "../../../../packages/sandbox/src/tools/build-progress";

describe("seconds left of the builds", () => {
  it.each([
    ["at the start: the cold times", [0, 0], [0, 100], 300, 400],
    ["little finished yet: not scaled", [1, 50], [20, 100], 300, 380],
    ["finished at twice the speed", [50, 100], [20, 100], 300, 180],
    ["finished at half the speed", [200, 100], [50, 100], 300, 750],
    ["the current one takes three times as long", [100, 100], [300, 100], 300, 900],
    ["a small one that takes long says little", [0, 0], [30, 10], 300, 300],
    ["nothing left but a build that is late", [100, 100], [150, 100], 0, 0],
  ] as const)("%s", (_case, finished, current, laterColdSeconds, expected) => {
    const seconds = remainingBuildSeconds({
      finished: { seconds: finished[0], coldSeconds: finished[1] },
      current: { seconds: current[0], coldSeconds: current[1] },
      laterColdSeconds,
    });
    expect(seconds).toBe(expected);
  });
});
