import { expect, it } from "vitest";
import { compiled, queryOf, standardInput } from "./policy-inputs";
import { promqlErrors } from "./promql-errors";

const policy = compiled(standardInput);

it("tells that all replicas serve and a trigger asks for more than them (trap 12)", () => {
  const running = 'vllm:num_requests_running{namespace="models",model_name="llama-3.1-8b"}';
  // 7 replicas of 5 requests, and 90; 10 % above either the HPA asks for more.
  expect(policy.saturationQuery).toBe(
    `count(count by (instance) (${running})) >= 7 and ` +
      `((${queryOf(policy, "in-flight")}) > 38.5 or (${queryOf(policy, "itl")}) > 99)`,
  );
  expect(promqlErrors(policy.saturationQuery)).toEqual([]);
});

it("tells it of every objective, and of nothing that is not compiled from one", () => {
  const cron = { type: "cron", name: "morning", metadata: { timezone: "UTC" } };
  const slo = { itl: { atMostMs: 75 }, ttft: { atMostMs: 5000 } };
  const { saturationQuery } = compiled({ ...standardInput, slo, extraTriggers: [cron], replicas: { min: 1, max: 3 } });
  // "> 0" is in the guards' own queries.
  const bounds = saturationQuery.match(/\) > [1-9]\d*/g);
  expect(bounds).toEqual([") > 16", ") > 99", ") > 99"]);
  expect(saturationQuery).toMatch(/>= 3 and /);
});
