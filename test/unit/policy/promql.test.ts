import { describe, expect, it } from "vitest";
import { bucketEdge, clampMax, rate, selector, sum } from "../../../src/policy/promql";
import { parsePromql } from "../../../src/promql";
import { compiled, queryOf, standardInput } from "./policy-inputs";
import { promqlErrors } from "./promql-errors";

describe("label values", () => {
  it.each([
    ["plain", 'm{a="plain"}'],
    ['with "quotes"', 'm{a="with \\"quotes\\""}'],
    ["a\\b", 'm{a="a\\\\b"}'],
    ["a\nb\rc", 'm{a="a\\nb\\rc"}'],
    ['\\"', 'm{a="\\\\\\""}'],
    ["Qwen/Qwen2.5-7B {x=~'y'}", "m{a=\"Qwen/Qwen2.5-7B {x=~'y'}\"}"],
    ["", 'm{a=""}'],
    ["\ufffd \ud800", 'm{a="\\ufffd \\ufffd"}'],
  ])("%j are written as %s", (value, expected) => {
    const query = selector("m", [{ label: "a", operator: "=", value }]);
    expect(query).toBe(expected);
    expect(parsePromql(query).ok).toBe(true);
  });
});

describe("expressions", () => {
  it.each([
    [rate("m", 30), "rate(m[30s])"],
    [rate("m", 90), "rate(m[90s])"],
    [rate("m", 120), "rate(m[2m])"],
    [sum(rate("m", 60)), "sum(rate(m[1m]))"],
    [clampMax("m", 180), "clamp_max(m, 180)"],
    [selector("m", [bucketEdge(0.075)]), 'm{le="0.075"}'],
    [selector("m", [bucketEdge(0.001)]), 'm{le="0.001"}'],
    [selector("m", [bucketEdge(2.5)]), 'm{le="2.5"}'],
    // "1" by some exporters, "1.0" by vLLM.
    [selector("m", [bucketEdge(1)]), 'm{le=~"1(\\\\.0)?"}'],
    [selector("m", [bucketEdge(7680)]), 'm{le=~"7680(\\\\.0)?"}'],
  ])("%s", (query, expected) => {
    expect(query).toBe(expected);
    expect(promqlErrors(query)).toEqual([]);
  });

  it("that are wrong are found by the grammar", () => {
    expect(promqlErrors('sum(m{a="b}')).not.toEqual([]);
    expect(promqlErrors("rate(m[1m]) >=")).not.toEqual([]);
  });
});

describe("the selector of a workload", () => {
  it("matches namespace, model, pods and labels, in every part of every query (trap 23)", () => {
    const policy = compiled({
      ...standardInput,
      metrics: {
        namespace: "models",
        modelName: "org/model",
        podRegex: "llama-[a-z0-9]+-[a-z0-9]+",
        labels: { engine: "0" },
        metricPrefix: "kserve_vllm:",
      },
    });
    const matchers = 'namespace="models",model_name="org/model",pod=~"llama-[a-z0-9]+-[a-z0-9]+",engine="0"';
    expect(queryOf(policy, "in-flight")).toBe(
      `sum(kserve_vllm:num_requests_running{${matchers}}) + sum(kserve_vllm:num_requests_waiting{${matchers}})`,
    );
    expect(queryOf(policy, "itl").split(`{${matchers}`)).toHaveLength(6);
    expect(queryOf(policy, "itl").match(/kserve_vllm:\w+/g)).toEqual([
      "kserve_vllm:inter_token_latency_seconds_bucket",
      "kserve_vllm:inter_token_latency_seconds_count",
      "kserve_vllm:num_requests_running",
      "kserve_vllm:generation_tokens_total",
      "kserve_vllm:inter_token_latency_seconds_bucket",
    ]);
  });
});
