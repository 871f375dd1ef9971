import jsep from "jsep";
import { anything, combine, exactly, type Interval, share, union, within } from "../../policy/query-signal/interval";

/**
 * The values that a formula of `scalingModifiers` can take when each of its triggers can take those of its interval. No value is
 * left out; what is not read of KEDA's language (expr) can be anything.
 */
export function formulaRange(formula: string, triggers: ReadonlyMap<string, Interval>): Interval {
  try {
    return rangeOf(jsep(formula), { ranges: triggers, shares: new Set() });
  } catch {
    return anything;
  }
}

/** What holds of the triggers at one place of a formula. */
interface Known {
  ranges: ReadonlyMap<string, Interval>;
  /** Quotients `a/b` of two triggers, where a condition says that 0 <= a < b. */
  shares: ReadonlySet<string>;
}

function rangeOf(given: jsep.Expression, known: Known): Interval {
  const expression = core(given);
  switch (expression?.type) {
    case "Literal":
      return typeof expression.value === "number" ? exactly(expression.value) : anything;
    case "Identifier":
      return known.ranges.get(expression.name) ?? anything;
    case "UnaryExpression":
      return expression.operator === "-" ? combine("-", exactly(0), rangeOf(expression.argument, known)) : anything;
    case "BinaryExpression": {
      const range = combine(expression.operator, rangeOf(expression.left, known), rangeOf(expression.right, known));
      const isShare = expression.operator === "/" && known.shares.has(quotient(expression.left, expression.right));
      return isShare ? within(range, share) : range;
    }
    case "ConditionalExpression": {
      const { test, consequent, alternate } = expression;
      const [yes, no] = [assuming(test, true, known), assuming(test, false, known)];
      const branches = [yes && rangeOf(consequent, yes), no && rangeOf(alternate, no)].filter((range) => !!range);
      return branches.length === 0 ? anything : branches.reduce(union);
    }
    case "CallExpression":
      return ofCall(nameOf(expression.callee), expression.arguments, known);
    default:
      return anything;
  }
}

/** Functions that never fall when their argument rises: the ends of the interval are enough. */
const rising: Readonly<Record<string, (value: number) => number>> = {
  ceil: Math.ceil,
  floor: Math.floor,
  float: (value) => value,
  int: Math.trunc,
  // Away from 0, as Go does.
  round: (value) => Math.sign(value) * Math.round(Math.abs(value)),
};

function ofCall(name: string | undefined, given: readonly jsep.Expression[], known: Known): Interval {
  const values = given.flatMap((argument) => {
    const list = core(argument);
    const items = list?.type === "ArrayExpression" ? list.elements : [argument];
    return items.map((item) => (item === null ? anything : rangeOf(item, known)));
  });
  const [first] = values;
  if (name === undefined || first === undefined) return anything;
  const apply = rising[name];
  if (apply !== undefined) return { min: apply(first.min), max: apply(first.max) };
  switch (name) {
    case "abs":
      return absolute(first);
    case "max":
      return values.reduce((a, b) => ({ min: Math.max(a.min, b.min), max: Math.max(a.max, b.max) }));
    case "min":
      return values.reduce((a, b) => ({ min: Math.min(a.min, b.min), max: Math.min(a.max, b.max) }));
    case "sum":
      return values.reduce((a, b) => combine("+", a, b));
    case "mean":
    case "median":
      return values.reduce(union);
    default:
      return anything;
  }
}

function absolute({ min, max }: Interval): Interval {
  const most = Math.max(Math.abs(min), Math.abs(max));
  return { min: min <= 0 && max >= 0 ? 0 : Math.min(Math.abs(min), Math.abs(max)), max: most };
}

/** What is known where a condition holds, or does not; `undefined` where that cannot be. */
function assuming(given: jsep.Expression, holds: boolean, known: Known): Known | undefined {
  const condition = core(given);
  if (condition?.type === "UnaryExpression" && condition.operator === "!")
    return assuming(condition.argument, !holds, known);
  if (condition?.type !== "BinaryExpression") return known;
  const { operator, left, right } = condition;
  if (operator === "&&" || operator === "||") {
    // Both sides are known of `a && b`, and of `!(a || b)`.
    if ((operator === "&&") === holds) {
      const first = assuming(left, holds, known);
      return first && assuming(right, holds, first);
    }
    const either = [left, right].flatMap((side) => assuming(side, holds, known) ?? []);
    return either.length === 2 ? known : either[0];
  }
  switch (holds ? operator : opposite[operator]) {
    case "<":
      return ordered(left, right, true, known);
    case "<=":
      return ordered(left, right, false, known);
    case ">":
      return ordered(right, left, true, known);
    case ">=":
      return ordered(right, left, false, known);
    default:
      return known;
  }
}

const opposite: Readonly<Record<string, string>> = { "<": ">=", "<=": ">", ">": "<=", ">=": "<" };

/** What is known once `low` is below `high`. Only of triggers and numbers: a quotient that is no number is neither above nor below. */
function ordered(low: jsep.Expression, high: jsep.Expression, strictly: boolean, known: Known): Known | undefined {
  if (!isPlain(low) || !isPlain(high)) return known;
  const [below, above] = [rangeOf(low, known), rangeOf(high, known)];
  if (below.min > above.max || (strictly && below.min === above.max)) return undefined;
  const ranges = new Map(known.ranges);
  const note = (expression: jsep.Expression, range: Interval): void => {
    const name = nameOf(expression);
    if (name !== undefined) ranges.set(name, range);
  };
  note(low, { min: below.min, max: Math.min(below.max, above.max) });
  note(high, { min: Math.max(below.min, above.min), max: above.max });
  const isShare = strictly && below.min >= 0 && nameOf(low) !== undefined && nameOf(high) !== undefined;
  return { ranges, shares: isShare ? new Set([...known.shares, quotient(low, high)]) : known.shares };
}

function isPlain(given: jsep.Expression): boolean {
  const expression = core(given);
  return expression?.type === "Identifier" || (expression?.type === "Literal" && typeof expression.value === "number");
}

function quotient(dividend: jsep.Expression, divisor: jsep.Expression): string {
  return `${nameOf(dividend)}/${nameOf(divisor)}`;
}

function nameOf(given: jsep.Expression): string | undefined {
  const expression = core(given);
  return expression?.type === "Identifier" ? expression.name : undefined;
}

const coreTypes: ReadonlySet<string> = new Set<jsep.ExpressionType>([
  ...(["ArrayExpression", "BinaryExpression", "CallExpression", "ConditionalExpression"] as const),
  ...(["Identifier", "Literal", "UnaryExpression"] as const),
]);

function core(expression: jsep.Expression): jsep.CoreExpression | undefined {
  return isCore(expression) ? expression : undefined;
}

function isCore(expression: jsep.Expression): expression is jsep.CoreExpression {
  return coreTypes.has(expression.type);
}
