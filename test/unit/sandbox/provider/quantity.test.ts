import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalQuantity } from "../../../../packages/sandbox/src/provider/quantity";

describe("canonicalQuantity", () => {
  it.each([
    ["0", "0"],
    ["0Gi", "0"],
    ["1", "1"],
    ["1.0", "1"],
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["0.5", "500m"],
    ["0.1", "100m"],
    [".5", "500m"],
    ["1000", "1k"],
    ["64000", "64k"],
    ["1e3", "1e3"],
    ["1000e0", "1e3"],
    ["1Gi", "1Gi"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["0.5Gi", "512Mi"],
    ["0.5Ki", "512"],
    ["1536", "1536"],
    ["0.1Gi", "107374182400m"],
    ["100M", "100M"],
    ["1000M", "1G"],
    ["-1000m", "-1"],
    ["+5", "5"],
    ["0.0000000001", "1n"],
  ])("%s is %s", (given, canonical) => {
    expect(canonicalQuantity(given)).toBe(canonical);
  });

  it.each(["", "Gi", "1 Gi", "one", "1GiB", "--1"])("leaves %j, which is no quantity", (text) => {
    expect(canonicalQuantity(text)).toBe(text);
  });

  it("is stable: a canonical quantity is its own canonical form", () => {
    const number = fc.tuple(fc.nat(), fc.option(fc.nat({ max: 999 })));
    const suffix = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti");
    fc.assert(
      fc.property(number, suffix, ([whole, fraction], unit) => {
        const canonical = canonicalQuantity(`${whole}${fraction === null ? "" : `.${fraction}`}${unit}`);
        expect(canonicalQuantity(canonical)).toBe(canonical);
      }),
      { numRuns: 500 },
    );
  });
});
