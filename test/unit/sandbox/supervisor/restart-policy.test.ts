import { describe, expect, it } from "vitest";
import { restartDelayMs } from "../../../../packages/sandbox/src/supervisor/restart-policy";

describe("restartDelayMs", () => {
  it("doubles the delay with each exit and gives up at the sixth within a minute", () => {
    const exits = [0, 1000, 2000, 3000, 4000, 5000];
    expect(exits.map((_, index) => restartDelayMs(exits.slice(0, index + 1)))).toEqual([
      250,
      500,
      1000,
      2000,
      4000,
      undefined,
    ]);
  });

  it("forgets exits that are a minute old", () => {
    expect(restartDelayMs([0, 1000, 2000, 3000, 4000, 70_000])).toBe(250);
  });
});
