import { array, assert, constantFrom, double, integer, letrec, property, record, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { formulaRange } from "../../../src/lint/signals/formula";

const infinity = Number.POSITIVE_INFINITY;
const triggers = new Map([
  ["share", { min: 0, max: 1 }],
  ["load", { min: 0, max: infinity }],
  ["replicas", { min: 0, max: 8 }],
  ["ready", { min: 0, max: infinity }],
]);

describe("the values of a formula", () => {
  it.each([
    ["2", 2, 2],
    ["share", 0, 1],
    ["-share + 3", 2, 3],
    ["replicas * share / 0.5", 0, 16],
    ["load / 5", 0, infinity],
    ["share > 0.5 ? replicas : 2", 0, 8],
    ["share > 0.5 ? share : 0.5", 0.5, 1],
    ["share >= 0 ? 3 : load", 3, 3],
    ["share > 1 ? load : 3", 3, 3],
    ["share < 0 || replicas > 8 ? load : 3", 3, 3],
    ["!(share <= 1 && replicas <= 8) ? load : 3", 3, 3],
    ["share > 0.2 && share < 0.4 ? share : 0.3", 0.2, 0.4],
    ["load > 100 ? 100 : load", 0, 100],
    ["ready > 0 && ready < replicas ? ready / replicas : 1", 0, 1],
    ["ready / replicas", 0, infinity],
    ["min(load, 5) + max([share, 2])", 2, 7],
    ["ceil(share * 2.5) + floor(0.5) + round(2.5) + int(1.9) + float(1)", 5, 8],
    ["abs(share - 4)", 3, 4],
    ["abs(share - 0.5)", 0, 0.5],
    ["sum([share, share]) + mean([share, replicas]) + median(share)", 0, 11],
    // A quotient that is no number is neither above nor below anything.
    ["(share - share) / (share - share) <= 0 ? 1 : load", 0, infinity],
  ])("%s", (formula, min, max) => {
    expect(formulaRange(formula, triggers)).toEqual({ min, max });
  });

  it.each(["not read", "load ** 2", "count([load, share], {# > 1})", "unknown", "foo(share)", "share > 0", "a ?"])(
    "%s can be anything",
    (formula) => {
      expect(formulaRange(formula, triggers)).toEqual({ min: -infinity, max: infinity });
    },
  );
});

interface Formula {
  text: string;
  value: (of: Record<string, number>) => number;
}

const names = ["a", "b", "c"];
const { formula } = letrec<{
  formula: Formula;
  condition: { text: string; holds: (of: Record<string, number>) => boolean };
}>((tie) => {
  const leaf = constantFrom<Formula[]>(
    ...names.map((name) => ({ text: name, value: (of: Record<string, number>) => of[name] ?? 0 })),
    ...[0, 0.5, 2, 7].map((value) => ({ text: `${value}`, value: () => value })),
  );
  const two = tuple(tie("formula"), tie("formula"));
  const operation = (sign: string, value: (a: number, b: number) => number) =>
    two.map(([a, b]) => ({
      text: `(${a.text} ${sign} ${b.text})`,
      value: (of: Record<string, number>) => value(a.value(of), b.value(of)),
    }));
  const call = (name: string, value: (a: number) => number) =>
    tie("formula").map((a) => ({
      text: `${name}(${a.text})`,
      value: (of: Record<string, number>) => value(a.value(of)),
    }));
  const compared = (sign: string, holds: (a: number, b: number) => boolean) =>
    two.map(([a, b]) => ({
      text: `${a.text} ${sign} ${b.text}`,
      holds: (of: Record<string, number>) => holds(a.value(of), b.value(of)),
    }));
  const comparison = constantFrom(0, 1, 2, 3).chain((which) => {
    const all = [
      compared("<", (a, b) => a < b),
      compared("<=", (a, b) => a <= b),
      compared(">", (a, b) => a > b),
      compared(">=", (a, b) => a >= b),
    ] as const;
    return all[which] ?? all[0];
  });
  const joined = tuple(comparison, comparison, constantFrom("&&", "||")).map(([a, b, sign]) => ({
    text: `(${a.text}) ${sign} !(${b.text})`,
    holds: (of: Record<string, number>) => (sign === "&&" ? a.holds(of) && !b.holds(of) : a.holds(of) || !b.holds(of)),
  }));
  const choice = tuple(tie("condition"), tie("formula"), tie("formula")).map(([test, yes, no]) => ({
    text: `((${test.text}) ? ${yes.text} : ${no.text})`,
    value: (of: Record<string, number>) => (test.holds(of) ? yes.value(of) : no.value(of)),
  }));
  const kinds = [
    leaf,
    operation("+", (a, b) => a + b),
    operation("-", (a, b) => a - b),
    operation("*", (a, b) => a * b),
    operation("/", (a, b) => a / b),
    call("ceil", Math.ceil),
    call("floor", Math.floor),
    call("abs", Math.abs),
    choice,
  ] as const;
  return {
    condition: integer({ min: 0, max: 1 }).chain((which) => (which === 0 ? comparison : joined)),
    formula: integer({ min: 0, max: 2 * kinds.length }).chain((which) => kinds[which] ?? leaf),
  };
});

it("no value is outside, whatever the formula and its triggers", () => {
  const interval = array(double({ min: -8, max: 8, noNaN: true }), { minLength: 4, maxLength: 4 });
  assert(
    property(formula, record({ a: interval, b: interval, c: interval }), (given, values) => {
      const ranges = new Map(
        Object.entries(values).map(([name, all]) => [name, { min: Math.min(...all), max: Math.max(...all) }]),
      );
      const { min, max } = formulaRange(given.text, ranges);
      const slack = 1e-9 * Math.max(1, Math.abs(min), Math.abs(max));
      for (const [i, a] of values.a.entries()) {
        const value = given.value({ a, b: values.b[i] ?? 0, c: values.c[3 - i] ?? 0 });
        // KEDA makes no replicas of what is no number.
        if (Number.isNaN(value)) continue;
        expect(value).toBeGreaterThanOrEqual(Number.isFinite(min) ? min - slack : min);
        expect(value).toBeLessThanOrEqual(Number.isFinite(max) ? max + slack : max);
      }
    }),
    { numRuns: 3000 },
  );
});
