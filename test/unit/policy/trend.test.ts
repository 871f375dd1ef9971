import { expect, it } from "vitest";
import { compilePolicy, type TrendInput } from "../../../src/policy";
import { compiled, queryOf, standardInput } from "./policy-inputs";

const selector = '{namespace="models",model_name="llama-3.1-8b"}';
const now = `(sum(vllm:num_requests_running${selector}) + sum(vllm:num_requests_waiting${selector}))`;

it("is a line through the requests in flight, as far ahead as a start takes, between them and twice them", () => {
  const policy = compiled({ ...standardInput, trend: {} });
  expect(queryOf(policy, "in-flight-trend")).toBe(
    `(${now} * clamp(predict_linear(${now}[330s:15s], 165) / ${now}, 1, 2) >= 0) or ${now}`,
  );
  expect(policy.explanation.filter(({ path }) => path.startsWith("spec.triggers[2].metadata."))).toEqual([
    {
      path: "spec.triggers[2].metadata.threshold",
      value: "5",
      because: "The target of the requests in flight, 5: what a replica carries then is what it carries now.",
    },
    {
      path: "spec.triggers[2].metadata.query",
      value: queryOf(policy, "in-flight-trend"),
      because:
        "Requests in 165 s (the time a replica takes to start: one that is asked for now serves then), by a straight line through the last 330 s; never below what is there, so it only adds, and at most 2 times that. " +
        // sqrt(20) = 4.5; sqrt((1 + 12 * (1 / 2 + 165 / 330)^2) / (330 / 120)) = 2.17 times that.
        "What it costs: the line takes chance for a rise. 20 requests differ by about 4.5 from one moment to the next, and where each takes 120 s the forecast by up to 9.7, which is 2 replicas; " +
        "a jump that stays reads as up to twice itself for 330 s.",
    },
    {
      path: "spec.triggers[2].metadata.ignoreNullValues",
      value: "false",
      because: "An idle service gives 0, so no result at all means that monitoring is broken: an error, not zero load.",
    },
  ]);
});

it("is as much more than what is there as the slope of the line says, by deriv", () => {
  const policy = compiled({ ...standardInput, trend: { function: "deriv" } });
  expect(queryOf(policy, "in-flight-trend")).toBe(
    `(${now} * clamp(1 + 165 * deriv(${now}[330s:15s]) / ${now}, 1, 2) >= 0) or ${now}`,
  );
  expect(policy.explanation.find(({ path }) => path === "spec.triggers[2].metadata.query")?.because).toBe(
    "Requests in 165 s (the time a replica takes to start: one that is asked for now serves then), by what is there and the slope of a straight line through the last 330 s; never below what is there, so it only adds, and at most 2 times that. " +
      // sqrt(20) = 4.5; sqrt(1 + 12 * (1 / 2) * (3 / 2) / (330 / 120)) = 2.07 times that.
      "What it costs: the line takes chance for a rise. 20 requests differ by about 4.5 from one moment to the next, and where each takes 120 s the forecast by up to 9.2, which is 2 replicas; " +
      "a jump that stays reads as up to 1.75 times itself for 330 s.",
  );
});

it("is by predict_linear unless something else is said, and by nothing that is not there", () => {
  const said = compilePolicy({ ...standardInput, trend: { function: "predict_linear" } });
  expect(said).toEqual(compilePolicy({ ...standardInput, trend: {} }));
  const trend: TrendInput = {};
  Reflect.set(trend, "function", "holt_winters");
  expect(compilePolicy({ ...standardInput, trend })).toEqual({
    ok: false,
    problems: [
      {
        path: "trend.function",
        message: '"holt_winters" is no function that draws a line: it must be one of predict_linear, deriv.',
      },
    ],
  });
});

it.each([
  { horizonSeconds: 60, startup: 165, scrape: 15, written: "[2m:15s], 60)" },
  { horizonSeconds: 10, startup: 165, scrape: 15, written: "[1m:15s], 10)" },
  { horizonSeconds: undefined, startup: 60.4, scrape: 4.5, written: "[122s:5s], 61)" },
  { horizonSeconds: undefined, startup: 10, scrape: 60, written: "[4m:1m], 10)" },
])("horizon $horizonSeconds, start $startup s, scrape $scrape s: $written", (row) => {
  const trend = row.horizonSeconds === undefined ? {} : { horizonSeconds: row.horizonSeconds };
  const timing = { startupSeconds: row.startup, longestGenerationSeconds: 120, scrapeIntervalSeconds: row.scrape };
  expect(queryOf(compiled({ ...standardInput, trend, timing }), "in-flight-trend")).toContain(row.written);
});

it("reads 0 without a replica, where another trigger sees the requests", () => {
  const wake = { type: "external-push", name: "http", metadata: { scalerAddress: "scaler:9090" } };
  const policy = compiled({ ...standardInput, trend: {}, replicas: { min: 0, max: 3 }, zero: { wake } });
  expect(policy.scaledObject.spec.triggers.map(({ name }) => name)).toEqual([
    "in-flight",
    "itl",
    "in-flight-trend",
    "http",
  ]);
  expect(queryOf(policy, "in-flight-trend")).toMatch(
    / or \(vector\(0\) unless sum\(vllm:num_requests_running\{.*\}\)\)$/,
  );
});
