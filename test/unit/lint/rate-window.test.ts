import { expect, it } from "vitest";
import { LintedObject, lint } from "../../../src/lint";
import { compiled, standardInput } from "../policy/policy-inputs";
import { options } from "./options";

const found = (slo: object, changes: { scrape: number; window?: string }) => {
  const timing = { startupSeconds: 60, longestGenerationSeconds: 600, scrapeIntervalSeconds: changes.scrape };
  const { scaledObject } = compiled({ ...standardInput, slo, timing });
  const triggers = scaledObject.spec.triggers.map((trigger) => ({
    ...trigger,
    metadata: {
      ...trigger.metadata,
      ...(changes.window && { query: (trigger.metadata.query ?? "").replace(/\[\w+\]/g, `[${changes.window}]`) }),
    },
  }));
  const object = new LintedObject({ name: "policy" }, { ...scaledObject, spec: { ...scaledObject.spec, triggers } });
  return lint([{ name: "policy", objects: [object] }], { ...options(), scrapeIntervalSeconds: changes.scrape })
    .filter(({ rule }) => rule.startsWith("rate-window"))
    .map(({ rule }) => rule);
};
const tokens = { itl: { atMostMs: 75 } };
const requests = { ttft: { atMostMs: 2500 } };

it("five minutes are too long for what is counted for every token, and not for what is counted once a request", () => {
  expect(found(tokens, { scrape: 15, window: "5m" })).toEqual(["rate-window-too-long"]);
  expect(found(requests, { scrape: 15, window: "5m" })).toEqual([]);
  expect(found(requests, { scrape: 15, window: "6m" })).toEqual(["rate-window-too-long"]);
});

it("four scrapes are never too long", () => {
  expect(found(tokens, { scrape: 101 })).toEqual([]);
  expect(found(tokens, { scrape: 101, window: "410s" })).toEqual(["rate-window-too-long"]);
  expect(found(tokens, { scrape: 101, window: "400s" })).toEqual(["rate-window-too-short"]);
});
