/** A PromQL expression as plain values. `from` and `to` are offsets in the query. */
export type Expression =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | FunctionCall
  | Aggregation
  | BinaryExpression
  | UnaryExpression;

interface Positioned {
  from: number;
  to: number;
}

export interface NumberLiteral extends Positioned {
  type: "number";
  value: number;
}

export interface StringLiteral extends Positioned {
  type: "string";
  value: string;
}

/** `metric{label="value"} offset 1m @ 1600000000` */
export interface VectorSelector extends Positioned {
  type: "vectorSelector";
  /** Absent where only matchers say what is selected. */
  metric?: string;
  matchers: LabelMatcher[];
  /** Positive looks back. */
  offsetSeconds: number;
  /** Evaluated at this time instead of now: seconds since 1970, or an edge of the query's range. */
  at?: number | "start" | "end";
}

export interface LabelMatcher {
  label: string;
  operator: "=" | "!=" | "=~" | "!~";
  value: string;
}

/** `selector[5m]` */
export interface MatrixSelector extends Positioned {
  type: "matrixSelector";
  selector: VectorSelector;
  rangeSeconds: number;
}

/** `expression[5m:30s]` */
export interface Subquery extends Positioned {
  type: "subquery";
  expression: Expression;
  rangeSeconds: number;
  /** Absent where the server's evaluation interval is taken. */
  stepSeconds?: number;
  offsetSeconds: number;
  at?: number | "start" | "end";
}

export interface FunctionCall extends Positioned {
  type: "call";
  function: string;
  arguments: Expression[];
}

/** `sum by (pod) (expression)`, `quantile(0.9, expression)` */
export interface Aggregation extends Positioned {
  type: "aggregation";
  operator: string;
  /** Absent: all series into one. */
  grouping?: { kind: "by" | "without"; labels: string[] };
  parameter?: Expression;
  expression: Expression;
}

export interface BinaryExpression extends Positioned {
  type: "binary";
  operator: BinaryOperator;
  left: Expression;
  right: Expression;
  /** 0 and 1 instead of dropping what does not compare. */
  bool: boolean;
  matching?: VectorMatching;
}

export type BinaryOperator = ArithmeticOperator | TrimOperator | ComparisonOperator | SetOperator;
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^" | "atan2";
/** Leaves out what a histogram has above or below a value. */
export type TrimOperator = "</" | ">/";
export type ComparisonOperator = "==" | "!=" | ">" | "<" | ">=" | "<=";
export type SetOperator = "and" | "or" | "unless";

export interface VectorMatching {
  kind: "on" | "ignoring";
  labels: string[];
  group?: { side: "left" | "right"; include: string[] };
}

export interface UnaryExpression extends Positioned {
  type: "unary";
  operator: "+" | "-";
  expression: Expression;
}

/** The expressions directly inside of one. */
function childrenOf(expression: Expression): Expression[] {
  switch (expression.type) {
    case "number":
    case "string":
    case "vectorSelector":
      return [];
    case "matrixSelector":
      return [expression.selector];
    case "subquery":
    case "unary":
      return [expression.expression];
    case "call":
      return expression.arguments;
    case "aggregation":
      return [...(expression.parameter ? [expression.parameter] : []), expression.expression];
    case "binary":
      return [expression.left, expression.right];
  }
}

/** An expression and all inside of it, outermost first. */
export function* allExpressions(expression: Expression): Generator<Expression> {
  yield expression;
  for (const child of childrenOf(expression)) yield* allExpressions(child);
}

/** All series an expression selects. */
export function selectorsOf(expression: Expression): VectorSelector[] {
  return [...allExpressions(expression)].filter((part) => part.type === "vectorSelector");
}
