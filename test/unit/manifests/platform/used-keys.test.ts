import { expect, test } from "vitest";
import { givenValues, leafPaths } from "../../../fixtures/helm-values/given-values";
import { usedKeys } from "../../../fixtures/helm-values/used-keys";

test("the table names every chart that gets values", () => {
  expect(Object.keys(usedKeys).sort()).toEqual(Object.keys(givenValues).sort());
});

test.each(Object.entries(givenValues))(
  "%s gets just the keys its chart was checked for, at that version",
  (chart, { version, variants }) => {
    const checked = usedKeys[chart] ?? { version: "", keys: [] };
    expect(version).toBe(checked.version);
    const known = variants
      .flatMap((values) => leafPaths(values))
      .map((path) => checked.keys.find((key) => `${path}.`.startsWith(`${key}.`)) ?? `unknown: ${path}`);
    expect([...new Set(known)].sort()).toEqual([...checked.keys].sort());
  },
);
