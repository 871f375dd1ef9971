/** The values an expression can take, ends included. */
export interface Interval {
  min: number;
  max: number;
}

export const anything: Interval = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
export const zeroOrMore: Interval = { min: 0, max: Number.POSITIVE_INFINITY };
export const oneOrMore: Interval = { min: 1, max: Number.POSITIVE_INFINITY };
export const share: Interval = { min: 0, max: 1 };

export function exactly(value: number): Interval {
  return Number.isNaN(value) ? anything : { min: value, max: value };
}

/** Both together, as `or` gives them. */
export function union(a: Interval, b: Interval): Interval {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

/** What is left of `a` within `b`, as a comparison leaves it; empty intervals become the bound itself. */
export function within(a: Interval, b: Interval): Interval {
  const min = Math.max(a.min, b.min);
  return { min, max: Math.max(min, Math.min(a.max, b.max)) };
}

export function combine(operator: string, a: Interval, b: Interval): Interval {
  switch (operator) {
    case "+":
      return of([a.min + b.min, a.max + b.max]);
    case "-":
      return of([a.min - b.max, a.max - b.min]);
    case "*":
      return of([product(a.min, b.min), product(a.min, b.max), product(a.max, b.min), product(a.max, b.max)]);
    case "/":
      return divided(a, b);
    default:
      return anything;
  }
}

function divided(a: Interval, b: Interval): Interval {
  // A divisor that can be 0 gives anything of the dividend's sign.
  if (b.min <= 0 && b.max >= 0)
    return a.min >= 0 && b.min >= 0 ? { min: 0, max: a.max === 0 ? 0 : Number.POSITIVE_INFINITY } : anything;
  return of(
    [a.min / b.min, a.min / b.max, a.max / b.min, a.max / b.max].map((value) => (Number.isNaN(value) ? 0 : value)),
  );
}

/** 0 times anything is 0, however large the other may be. */
function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

function of(ends: readonly number[]): Interval {
  return ends.some(Number.isNaN) ? anything : { min: Math.min(...ends), max: Math.max(...ends) };
}
