import type { SyntaxNode } from "./operators";

export interface ComputedDuration {
  /** `NaN` where it cannot be computed. */
  seconds: number;
  /** Nothing but a number, which may have a sign and brackets. */
  isLiteral: boolean;
}

/** Knows the text of the nodes. */
export interface LiteralReader {
  /** Seconds. */
  durationLiteral(node: SyntaxNode): number;
  isMinus(sign: SyntaxNode): boolean;
}

/** A query for one moment, as KEDA asks, has no step and no range. */
const ofOneMoment = new Set(["DurationStep", "DurationRange"]);

const operands = new Set(["DurationExpr", "OffsetDurationExpr", "NumberDurationLiteralInDurationContext"]);

const operations: Record<string, (left: number, right: number) => number> = {
  Add: (left, right) => left + right,
  Sub: (left, right) => left - right,
  Mul: (left, right) => left * right,
  Div: (left, right) => (right === 0 ? Number.NaN : left / right),
  Mod: (left, right) => left % right,
  Pow: (left, right) => left ** right,
  DurationMinOf: Math.min,
  DurationMaxOf: Math.max,
};

/** What a duration, or an expression of durations, comes to. Source: prometheus/prometheus `promql/durations.go`. */
export function computedDuration(node: SyntaxNode, reader: LiteralReader): ComputedDuration {
  if (node.name === "NumberDurationLiteralInDurationContext")
    return { seconds: reader.durationLiteral(node), isLiteral: true };
  const children = childrenOf(node);
  const [first] = children;
  if (first === undefined || ofOneMoment.has(first.name)) return { seconds: 0, isLiteral: false };
  const operation = children.map(({ name }) => operations[name]).find((known) => known !== undefined);
  const [left, right] = children
    .filter(({ name }) => operands.has(name))
    .map((operand) => computedDuration(operand, reader));
  if (left === undefined) return { seconds: Number.NaN, isLiteral: false };
  if (operation !== undefined && right !== undefined)
    return { seconds: operation(left.seconds, right.seconds), isLiteral: false };
  return first.name === "UnaryOp" && reader.isMinus(first) ? { ...left, seconds: -left.seconds } : left;
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let at = node.firstChild; at !== null; at = at.nextSibling) children.push(at);
  return children;
}
