import { describe, expect, test } from "vitest";
import { startingTogether, type WeightsLoading, weightsLoadSeconds } from "../../../src/policy/weights-loading";
import { llamaOnL4 } from "./policy-inputs";

const network: WeightsLoading = { storage: "network", gigabytes: 16.06, together: 6 };

describe("the time of a load", () => {
  test.each([
    { storage: "network", seconds: 60 },
    { storage: "fetched", seconds: 201 },
    { storage: "image", seconds: 33 },
    { storage: "local", seconds: 33 },
  ] as const)("from $storage storage is assumed where no profile says it", ({ storage, seconds }) => {
    expect(weightsLoadSeconds({ ...network, storage })).toBe(seconds);
    expect(weightsLoadSeconds({ ...network, storage, profile: llamaOnL4.loading })).toBe(seconds);
  });

  test("is the profile's where it has measured that storage", () => {
    const profile = { weightsGigabytes: 16.06, megabytesPerSecond: { network: 1000 } };
    expect(weightsLoadSeconds({ ...network, profile })).toBe(17);
    expect(weightsLoadSeconds({ ...network, profile, storage: "local" })).toBe(33);
  });

  test("is longer where all that start together share less than they could read", () => {
    expect(weightsLoadSeconds({ ...network, bandwidthMegabytesPerSecond: 1200 })).toBe(81);
    expect(weightsLoadSeconds({ ...network, bandwidthMegabytesPerSecond: 10_000 })).toBe(60);
    expect(weightsLoadSeconds({ ...network, storage: "local", bandwidthMegabytesPerSecond: 1 })).toBe(33);
  });
});

test("together start the least replicas at first, and later all that can be added", () => {
  expect(startingTogether(1, 7)).toBe(6);
  expect(startingTogether(5, 7)).toBe(5);
  expect(startingTogether(0, 3)).toBe(3);
});
