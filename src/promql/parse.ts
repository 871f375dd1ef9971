import { parser } from "@prometheus-io/lezer-promql";
import { durationSeconds, literalValue } from "./durations";
import type {
  Aggregation,
  BinaryExpression,
  BinaryOperator,
  Expression,
  LabelMatcher,
  Subquery,
  VectorMatching,
  VectorSelector,
} from "./syntax-tree";
import { typeErrors } from "./type-check";
import { unquoted } from "./unquoted";

type Tree = ReturnType<typeof parser.parse>;
type SyntaxNode = Tree["topNode"];

/** Why a query is not PromQL, and where in it. */
export interface PromqlError {
  from: number;
  to: number;
  message: string;
}

export type PromqlResult = { ok: true; expression: Expression } | { ok: false; errors: PromqlError[] };

/**
 * Reads a query with the grammar that Prometheus publishes, then checks what the grammar leaves open, as Prometheus does
 * before it evaluates anything: types, numbers of arguments, functions that only exist behind a feature flag.
 */
export function parsePromql(query: string): PromqlResult {
  const tree = parser.parse(query);
  const syntax = syntaxErrors(tree, query);
  const root = tree.topNode.firstChild;
  if (syntax.length > 0) return { ok: false, errors: syntax };
  if (root === null) return { ok: false, errors: [{ from: 0, to: query.length, message: "The query is empty." }] };
  try {
    const expression = new Reader(query).expression(root);
    const errors = typeErrors(expression);
    return errors.length > 0 ? { ok: false, errors } : { ok: true, expression };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, errors: [error.problem] };
  }
}

function syntaxErrors(tree: Tree, query: string): PromqlError[] {
  const errors: PromqlError[] = [];
  tree.iterate({
    enter: ({ type, from, to }) => {
      if (!type.isError) return;
      const found = query.slice(from, Math.min(query.length, Math.max(to, from + 20)));
      errors.push({ from, to, message: found === "" ? "The query ends too early." : `Not expected here: ${found}` });
    },
  });
  return errors;
}

class Unreadable extends Error {
  constructor(readonly problem: PromqlError) {
    super(problem.message);
  }
}

/** Turns nodes of the published grammar into plain values. Only called for trees without error nodes. */
class Reader {
  constructor(private readonly query: string) {}

  expression(node: SyntaxNode): Expression {
    switch (node.name) {
      case "NumberDurationLiteral":
        return { type: "number", value: this.number(node), ...positionOf(node) };
      case "StringLiteral":
        return { type: "string", value: this.string(node), ...positionOf(node) };
      case "VectorSelector":
        return this.vectorSelector(node);
      case "MatrixSelector":
        return this.matrixSelector(node);
      case "SubqueryExpr":
        return this.subquery(node);
      case "OffsetExpr":
        return this.modified(node, { offsetSeconds: this.offset(node) });
      case "StepInvariantExpr":
        return this.modified(node, { at: this.at(node) });
      case "ParenExpr":
        return this.expression(this.child(node, "Expr"));
      case "UnaryExpr":
        return {
          type: "unary",
          operator: this.text(this.child(node, "UnaryOp")) === "-" ? "-" : "+",
          expression: this.expression(this.child(node, "Expr")),
          ...positionOf(node),
        };
      case "FunctionCall":
        return {
          type: "call",
          function: this.text(this.child(node, "FunctionIdentifier")),
          arguments: this.arguments(node),
          ...positionOf(node),
        };
      case "AggregateExpr":
        return this.aggregation(node);
      case "BinaryExpr":
        return this.binary(node);
      default:
        throw this.unreadable(node, "needs a feature flag that Prometheus does not set by default");
    }
  }

  private vectorSelector(node: SyntaxNode): VectorSelector {
    const identifier = node.getChild("Identifier");
    const list = node.getChild("LabelMatchers");
    const matchers: LabelMatcher[] = [];
    const names = identifier ? [this.text(identifier)] : [];
    for (let at = list?.firstChild ?? null; at !== null; at = at.nextSibling) {
      if (at.name === "QuotedLabelName") names.push(this.string(this.child(at, "StringLiteral")));
      else if (at.name === "UnquotedLabelMatcher" || at.name === "QuotedLabelMatcher") matchers.push(this.matcher(at));
    }
    const byLabel = matchers.findIndex(({ label, operator }) => label === "__name__" && operator === "=");
    if (names.length === 0 && byLabel >= 0) names.push(...matchers.splice(byLabel, 1).map(({ value }) => value));
    if (names.length > 1 || (names.length === 1 && matchers.some(({ label }) => label === "__name__"))) {
      throw this.unreadable(node, "names the metric twice");
    }
    const [metric] = names;
    return {
      type: "vectorSelector",
      ...(metric === undefined ? {} : { metric }),
      matchers,
      offsetSeconds: 0,
      ...positionOf(node),
    };
  }

  private matcher(node: SyntaxNode): LabelMatcher {
    const quoted = node.getChild("QuotedLabelName");
    const label = quoted ? this.string(this.child(quoted, "StringLiteral")) : this.text(this.child(node, "LabelName"));
    const value = node.lastChild;
    if (value === null) throw this.unreadable(node, "has no value");
    return { label, operator: operatorOf(this.text(this.child(node, "MatchOp"))), value: this.string(value) };
  }

  private matrixSelector(node: SyntaxNode): Expression {
    const selector = this.expression(this.child(node, "Expr"));
    if (selector.type !== "vectorSelector") throw this.unreadable(node, "is a range of something that is no selector");
    return {
      type: "matrixSelector",
      selector,
      rangeSeconds: this.duration(this.child(node, "DurationExpr")),
      ...positionOf(node),
    };
  }

  private subquery(node: SyntaxNode): Subquery {
    const [range, step] = node.getChildren("DurationExpr");
    if (range === undefined) throw this.unreadable(node, "has no range");
    return {
      type: "subquery",
      expression: this.expression(this.child(node, "Expr")),
      rangeSeconds: this.duration(range),
      ...(step === undefined ? {} : { stepSeconds: this.duration(step) }),
      offsetSeconds: 0,
      ...positionOf(node),
    };
  }

  /** `offset` and `@` belong to the selector before them. */
  private modified(node: SyntaxNode, change: Partial<Pick<VectorSelector, "offsetSeconds" | "at">>): Expression {
    const inner = this.expression(this.child(node, "Expr"));
    switch (inner.type) {
      case "vectorSelector":
      case "subquery":
        return { ...inner, ...change, ...positionOf(node) };
      case "matrixSelector":
        return { ...inner, selector: { ...inner.selector, ...change }, ...positionOf(node) };
      default:
        throw this.unreadable(node, "has a modifier on something that is no selector");
    }
  }

  private offset(node: SyntaxNode): number {
    const text = this.text(this.child(node, "OffsetDurationExpr"));
    const seconds = literalValue(text);
    if (seconds === undefined) throw this.unreadable(node, `has an offset that is no duration: ${text}`);
    return seconds;
  }

  private at(node: SyntaxNode): number | "start" | "end" {
    const literal = node.getChild("NumberDurationLiteral");
    if (literal !== null) return this.number(literal);
    return node.getChild("AtModifierPreprocessors")?.getChild("Start") ? "start" : "end";
  }

  private aggregation(node: SyntaxNode): Aggregation {
    const modifier = node.getChild("AggregateModifier");
    const given = this.arguments(node);
    const expression = given.at(-1);
    if (expression === undefined) throw this.unreadable(node, "aggregates nothing");
    if (given.length > 2) throw this.unreadable(node, "has more than one parameter");
    const [parameter] = given.length === 2 ? given : [];
    return {
      type: "aggregation",
      operator: this.text(this.child(node, "AggregateOp")).toLowerCase(),
      ...(modifier === null
        ? {}
        : { grouping: { kind: modifier.getChild("By") ? "by" : "without", labels: this.labels(modifier) } }),
      ...(parameter === undefined ? {} : { parameter }),
      expression,
      ...positionOf(node),
    };
  }

  private binary(node: SyntaxNode): BinaryExpression {
    const { firstChild: left, lastChild: right } = node;
    const operator = left?.nextSibling;
    if (!left || !right || !operator) throw this.unreadable(node, "has one side only");
    const symbol = this.text(operator).toLowerCase();
    if (!isBinaryOperator(symbol)) {
      throw this.unreadable(operator, "needs a feature flag that Prometheus does not set by default");
    }
    const clause = node.getChild("MatchingModifierClause");
    if (node.getChild("FillModifier"))
      throw this.unreadable(node, "needs a feature flag that Prometheus does not set by default");
    return {
      type: "binary",
      operator: symbol,
      left: this.expression(left),
      right: this.expression(right),
      bool: node.getChild("BoolModifier") !== null,
      ...(clause === null ? {} : { matching: this.matching(clause) }),
      ...positionOf(node),
    };
  }

  private matching(clause: SyntaxNode): VectorMatching {
    const [first, second] = clause.getChildren("GroupingLabels");
    const side = clause.getChild("GroupLeft") ? "left" : clause.getChild("GroupRight") ? "right" : undefined;
    return {
      kind: clause.getChild("On") ? "on" : "ignoring",
      labels: first ? this.labelNames(first) : [],
      ...(side === undefined ? {} : { group: { side, include: second ? this.labelNames(second) : [] } }),
    };
  }

  private arguments(node: SyntaxNode): Expression[] {
    const body = node.getChild("FunctionCallBody");
    return (body?.getChildren("Expr") ?? []).map((argument) => this.expression(argument));
  }

  private labels(node: SyntaxNode): string[] {
    const list = node.getChild("GroupingLabels");
    return list ? this.labelNames(list) : [];
  }

  private labelNames(list: SyntaxNode): string[] {
    const names: string[] = [];
    for (let at = list.firstChild; at !== null; at = at.nextSibling) {
      if (at.name === "LabelName") names.push(this.text(at));
      else if (at.name === "QuotedLabelName") names.push(this.string(this.child(at, "StringLiteral")));
    }
    return names;
  }

  private number(node: SyntaxNode): number {
    const value = literalValue(this.text(node));
    if (value === undefined) throw this.unreadable(node, "is not a number");
    return value;
  }

  private duration(node: SyntaxNode): number {
    const seconds = durationSeconds(this.text(node));
    if (seconds === undefined || seconds <= 0) throw this.unreadable(node, "is not a duration above 0");
    return seconds;
  }

  private string(node: SyntaxNode): string {
    const value = unquoted(this.text(node));
    if (value === undefined) throw this.unreadable(node, "is not a string");
    return value;
  }

  private child(node: SyntaxNode, name: string): SyntaxNode {
    const found = node.getChild(name);
    if (found === null) throw this.unreadable(node, "is not complete");
    return found;
  }

  private text({ from, to }: SyntaxNode): string {
    return this.query.slice(from, to);
  }

  private unreadable(node: SyntaxNode, why: string): Unreadable {
    return new Unreadable({ ...positionOf(node), message: `${this.text(node)} ${why}.` });
  }
}

function positionOf({ from, to }: SyntaxNode): { from: number; to: number } {
  return { from, to };
}

function operatorOf(text: string): LabelMatcher["operator"] {
  return text === "!=" || text === "=~" || text === "!~" ? text : "=";
}

const binaryOperators: ReadonlySet<string> = new Set<BinaryOperator>([
  ...(["+", "-", "*", "/", "%", "^", "atan2"] as const),
  ...(["==", "!=", ">", "<", ">=", "<="] as const),
  ...(["and", "or", "unless"] as const),
]);

function isBinaryOperator(text: string): text is BinaryOperator {
  return binaryOperators.has(text);
}
