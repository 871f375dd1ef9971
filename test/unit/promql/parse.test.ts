import { describe, expect, it } from "vitest";
import { parsePromql } from "../../../src/promql";

function messages(query: string): string[] {
  const parsed = parsePromql(query);
  return parsed.ok ? [] : parsed.errors.map(({ message }) => message);
}

function read(query: string) {
  const parsed = parsePromql(query);
  if (!parsed.ok) throw new Error(messages(query).join());
  return parsed.expression;
}

describe("a query", () => {
  it("becomes plain values with the places in the text", () => {
    expect(read('sum by (le) (rate(vllm:x_bucket{a="b",c=~"d.*"}[5m] offset 1m))')).toEqual({
      type: "aggregation",
      operator: "sum",
      grouping: { kind: "by", labels: ["le"] },
      from: 0,
      to: 63,
      expression: {
        type: "call",
        function: "rate",
        from: 13,
        to: 62,
        arguments: [
          {
            type: "matrixSelector",
            rangeSeconds: 300,
            from: 18,
            to: 61,
            selector: {
              type: "vectorSelector",
              metric: "vllm:x_bucket",
              matchers: [
                { label: "a", operator: "=", value: "b" },
                { label: "c", operator: "=~", value: "d.*" },
              ],
              offsetSeconds: 60,
              from: 18,
              to: 47,
            },
          },
        ],
      },
    });
  });

  it.each([
    ["1h30m", 5400],
    ["90", 90],
    ["1d", 86_400],
    ["500ms", 0.5],
  ])("reads the duration %s", (text, seconds) => {
    expect(read(`rate(x[${text}])`)).toMatchObject({ arguments: [{ rangeSeconds: seconds }] });
  });

  it.each([
    ["-3", -3],
    ["0x1F", 31],
    ["1e-3", 0.001],
    ["+Inf", Number.POSITIVE_INFINITY],
    ["NaN", Number.NaN],
  ])("reads the number %s", (text, value) => {
    const expression = read(text);
    expect(expression.type === "unary" ? undefined : expression).toMatchObject({ type: "number", value });
  });

  it("takes a metric's name from quotes and from a matcher", () => {
    expect(read('{"vllm:x",a="b"}')).toMatchObject({ metric: "vllm:x", matchers: [{ label: "a" }] });
    expect(read('{__name__="vllm:x"}')).toMatchObject({ metric: "vllm:x", matchers: [] });
  });

  it("reads the escapes of Go's strings", () => {
    expect(read('x{a="\\u0041\\x42\\103\\n\\"",b=`\\d`}')).toMatchObject({
      matchers: [{ value: 'ABC\n"' }, { value: "\\d" }],
    });
  });

  it("reads how sides are matched", () => {
    expect(read("a / on (pod) group_left (x) b")).toMatchObject({
      operator: "/",
      matching: { kind: "on", labels: ["pod"], group: { side: "left", include: ["x"] } },
    });
  });
});

describe("what Prometheus refuses is refused", () => {
  it.each([
    ["sum(x", "The query ends too early."],
    ["", "The query ends too early."],
    ["rate(x)", "rate takes a matrix here, not a vector."],
    ["clamp_max(x, 1, 2)", "clamp_max takes 2 arguments, not 3."],
    ["topk(x)", "topk needs a parameter."],
    ["1 > 2", "A comparison of two scalars needs bool."],
    ["1 and x", "and needs vectors on both sides."],
    ["x == on (a) group_left (a) y", "a stands in both on and group_left."],
    ['{a=""}', "A selector needs a metric name, or a matcher that does not match the empty string."],
    ['{a=~".*"}', "A selector needs a metric name, or a matcher that does not match the empty string."],
    ['x{a="\\q"}', '"\\q" is not a string.'],
    ['x{__name__="y"}', 'x{__name__="y"} names the metric twice.'],
    ["mad_over_time(x[5m])", "mad_over_time needs a feature flag that Prometheus does not set by default."],
    ["x and on (b) group_left () y", "and allows no group_left."],
    ["sum(x[5m])", "sum takes a vector here, not a matrix."],
    ["rate(x[0s])", "0s is not a duration above 0."],
  ])("%s", (query, message) => {
    expect(messages(query)).toContain(message);
  });
});
