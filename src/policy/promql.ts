/** A label matcher of a PromQL selector. `=~` takes a regular expression, which Prometheus anchors at both ends. */
export interface Matcher {
  label: string;
  operator: "=" | "=~";
  value: string;
}

/** `metric{label="value",...}`. Colons are legal in metric names, so no `__name__` matcher is needed. */
export function selector(metric: string, matchers: readonly Matcher[]): string {
  return `${metric}{${matchers.map(({ label, operator, value }) => `${label}${operator}${quoted(value)}`).join(",")}}`;
}

/** A double-quoted PromQL string: backslashes, quotes, line breaks and what Prometheus takes for broken UTF-8 escaped. */
function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${escaped.replace(/\ufffd|\p{Surrogate}/gu, "\\ufffd")}"`;
}

/** A sum over all series: exactly one element, or none when no series matches. */
export function sum(expression: string): string {
  return `sum(${expression})`;
}

/** How many values a label has: one element, or none when no series matches. */
export function countBy(label: string, series: string): string {
  return `count(count by (${label}) (${series}))`;
}

export function rate(series: string, windowSeconds: number): string {
  return `rate(${series}[${duration(windowSeconds)}])`;
}

export function clampMax(expression: string, maximum: number): string {
  return `clamp_max(${expression}, ${maximum})`;
}

export function clamp(expression: string, minimum: number, maximum: number): string {
  return `clamp(${expression}, ${minimum}, ${maximum})`;
}

/** An expression as it will be, by a straight line through what it was every `stepSeconds` of the window. */
export function predictLinear(
  expression: string,
  windowSeconds: number,
  stepSeconds: number,
  horizonSeconds: number,
): string {
  return `predict_linear(${expression}[${duration(windowSeconds)}:${duration(stepSeconds)}], ${horizonSeconds})`;
}

/** How much an expression grows a second, by a straight line through what it was every `stepSeconds` of the window. */
export function deriv(expression: string, windowSeconds: number, stepSeconds: number): string {
  return `deriv(${expression}[${duration(windowSeconds)}:${duration(stepSeconds)}])`;
}

/** `45s`, or whole minutes as `2m`. */
function duration(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/**
 * Matches the `le` label of a bucket edge. Whole numbers are written `1.0` by vLLM and by Prometheus 3, and `1` by other
 * exporters under Prometheus 2.
 */
export function bucketEdge(edgeSeconds: number): Matcher {
  return Number.isInteger(edgeSeconds)
    ? { label: "le", operator: "=~", value: `${edgeSeconds}(\\.0)?` }
    : { label: "le", operator: "=", value: `${edgeSeconds}` };
}
