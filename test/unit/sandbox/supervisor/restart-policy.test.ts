import { describe, expect, it } from "vitest";
import { restartAfter } from "../../../../packages/sandbox/src/supervisor/restart-policy";

describe("restartAfter", () => {
  it("doubles the delay with each exit up to 15 s, and takes a part as failed from the sixth within a minute", () => {
    const exits = [0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000];
    expect(exits.map((_, index) => restartAfter(exits.slice(0, index + 1)))).toEqual([
      { delayMs: 250, failed: false },
      { delayMs: 500, failed: false },
      { delayMs: 1000, failed: false },
      { delayMs: 2000, failed: false },
      { delayMs: 4000, failed: false },
      { delayMs: 8000, failed: true },
      { delayMs: 15000, failed: true },
      { delayMs: 15000, failed: true },
      { delayMs: 15000, failed: true },
    ]);
  });

  it("forgets exits that are a minute old", () => {
    expect(restartAfter([0, 1000, 2000, 3000, 4000, 70_000])).toEqual({ delayMs: 250, failed: false });
  });
});
