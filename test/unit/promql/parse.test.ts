import { describe, expect, it } from "vitest";
import { parsePromql } from "../../../src/promql";
import { shapeOf } from "../../support/promql-shape";

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
    ["0755", 493],
    ["1_000", 1000],
    ["- 5m", -300],
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

describe("modifiers belong to the selector before them", () => {
  it.each([
    ["a + b offset 5m * c", '({__name__="a"} +<> ({__name__="b"} offset 300000 *<> {__name__="c"}))'],
    ["-a @ 5 ^ b", '(- ({__name__="a"} @ 5000 ^<> {__name__="b"}))'],
    ["a # b\n ^ -1 ^ 2", '({__name__="a"} ^<> (- (1 ^<> 2)))'],
  ])("%s", (query, shape) => {
    const parsed = parsePromql(query);
    expect(parsed.ok ? shapeOf(parsed.expression) : messages(query)).toBe(shape);
  });

  it.each([
    ["x[1m + 30s]", { rangeSeconds: 90 }],
    ["x[max_of(1m, 30s * 3)]", { rangeSeconds: 90 }],
    ["x[-(1m - 2m)]", { rangeSeconds: 60 }],
    ["x offset (1m / 2)", { offsetSeconds: 30 }],
  ])("durations are computed: %s", (query, value) => {
    expect(read(query)).toMatchObject(value);
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
    ["rate(x[1m - 1m])", "1m - 1m is not a duration above 0."],
    ["rate(x[step()])", "step() is not a duration above 0."],
    ["x offset 1m offset 1m", "x offset 1m offset 1m has offset twice."],
    ["x @ 1 @ 2", "x @ 1 @ 2 has @ twice."],
    ["x @ NaN", "NaN is no time."],
    ["(x) offset 1m", "(x) offset 1m has a modifier on something that is no selector."],
    ["(x)[1m]", "(x)[1m] is a range of something that is no selector."],
    ["x offset 1m [1m]", "x offset 1m [1m] has its range after offset or @, and not before them."],
    ["1and x", "1 is not a number."],
    ["1e400", "1e400 is not a number."],
    ["x[300y]", "300y is not a number."],
    ["x\u00a0+ y", "A space that Prometheus does not know."],
    ['"a', '"a is not a string.'],
    ["atan2", "atan2 is an operator."],
    ['sum by ("") (x)', '"" is no label.'],
    ["sum by (inf) (x)", "inf is no label."],
    [
      'x{a=~"(?!b)"}',
      "(?!b) for a is not a regular expression: it has look-around or other syntax of Perl, which RE2 does not know.",
    ],
  ])("%s", (query, message) => {
    expect(messages(query)).toContain(message);
  });
});
