import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatPropertyPath,
  leadsTo,
  parsePropertyPath,
} from "../../../../packages/sandbox/src/provider/property-path";

describe("property paths", () => {
  it.each<[string, (string | number)[]]>([
    ["spec", ["spec"]],
    ["spec.replicas", ["spec", "replicas"]],
    ["spec.containers[0].image", ["spec", "containers", 0, "image"]],
    ["spec.containers[*].image", ["spec", "containers", "*", "image"]],
    ["spec.*", ["spec", "*"]],
    ['metadata.annotations["a.b/c"]', ["metadata", "annotations", "a.b/c"]],
    ['metadata["x\\"y"].z', ["metadata", 'x"y', "z"]],
  ])("reads %s", (text, path) => {
    expect(parsePropertyPath(text)).toEqual(path);
  });

  it.each(["spec[", "spec..replicas", 'a["b]', "a]"])("refuses %s", (text) => {
    expect(() => parsePropertyPath(text)).toThrow("Cannot read the property path");
  });

  it("reads what it writes", () => {
    const step = fc.oneof(
      fc.nat({ max: 20 }),
      fc.string({ minLength: 1, unit: fc.constantFrom("a", "-", "/", ".", '"', "[", "]") }),
    );
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: "grapheme-ascii" }).filter((s) => /^[a-z]+$/.test(s)),
        fc.array(step),
        (first, rest) => {
          const path = [first, ...rest];
          expect(parsePropertyPath(formatPropertyPath(path))).toEqual(path);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("knows what a path covers", () => {
    expect(leadsTo(["spec"], ["spec", "replicas"])).toBe(true);
    expect(leadsTo(["spec", "*", "image"], ["spec", 0, "image"])).toBe(true);
    expect(leadsTo(["spec", "replicas"], ["spec"])).toBe(false);
    expect(leadsTo(["spec", "replicas"], ["spec", "paused"])).toBe(false);
  });
});
