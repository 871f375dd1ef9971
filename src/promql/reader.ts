import { computedDuration, type LiteralReader } from "./duration-expression";
import { isDurationInRange, literalValue } from "./durations";
import { type OperatorReader, operatorOf, readOperators, type SyntaxNode } from "./operators";
import type { PromqlError } from "./parse";
import type {
  Aggregation,
  BinaryExpression,
  BinaryOperator,
  Expression,
  FunctionCall,
  LabelMatcher,
  MatrixSelector,
  Subquery,
  VectorMatching,
  VectorSelector,
} from "./syntax-tree";
import { unquoted } from "./unquoted";

const needsFlag = "needs a feature flag that Prometheus does not set by default";

export class Unreadable extends Error {
  constructor(readonly problem: PromqlError) {
    super(problem.message);
  }
}

/** An expression, and whether it stands in brackets: those end what modifiers speak about. */
interface Part {
  expression: Expression;
  from: number;
  to: number;
  isBracketed: boolean;
}

/** What `offset` and `@` speak about. */
type Selected = VectorSelector | Subquery;

/**
 * Turns nodes of the published grammar into plain values, and refuses what Prometheus refuses while it reads. Only called for
 * trees without error nodes and comments.
 */
export class Reader implements OperatorReader<Part>, LiteralReader {
  /** Those whose offset is an expression, which Prometheus computes later: it lets a range follow, and no other offset. */
  private readonly computedOffsets = new WeakSet<Selected>();

  constructor(private readonly query: string) {}

  expression(node: SyntaxNode): Expression {
    return readOperators(node, this).expression;
  }

  operand(node: SyntaxNode): Part {
    const { from, to } = node;
    return { expression: this.simple(node), from, to, isBracketed: node.name === "ParenExpr" };
  }

  isSigned(node: SyntaxNode): boolean {
    return node.name === "NumberDurationLiteral" && /^[+-]/.test(this.text(node));
  }

  signed(node: SyntaxNode, { expression, to }: Part): Part {
    const operator = this.isMinus(node) ? "-" : "+";
    const place = { from: node.from, to };
    if (expression.type !== "number") {
      return { expression: { type: "unary", operator, expression, ...place }, ...place, isBracketed: false };
    }
    const value = operator === "-" ? -expression.value : expression.value;
    return { expression: { type: "number", value, ...place }, ...place, isBracketed: false };
  }

  modified(modifier: SyntaxNode, selected: Part): Part {
    const place = { from: selected.from, to: modifier.to };
    switch (modifier.name) {
      case "MatrixSelector":
        return { expression: this.matrixSelector(modifier, selected, place), ...place, isBracketed: false };
      case "SubqueryExpr":
        return { expression: this.subquery(modifier, selected, place), ...place, isBracketed: false };
      default:
        return { expression: this.shifted(modifier, selected, place), ...place, isBracketed: false };
    }
  }

  binary(operation: SyntaxNode, left: Part, right: Part): Part {
    const place = { from: left.from, to: right.to };
    const operator = operatorOf(operation);
    const symbol = this.text(operator).toLowerCase();
    if (!isBinaryOperator(symbol)) throw this.unreadable(operator, needsFlag);
    if (operation.getChild("FillModifier")) throw this.unreadable(operation, needsFlag);
    const clause = operation.getChild("MatchingModifierClause");
    const expression: BinaryExpression = {
      type: "binary",
      operator: symbol,
      left: left.expression,
      right: right.expression,
      bool: operation.getChild("BoolModifier") !== null,
      ...(clause === null ? {} : { matching: this.matching(clause) }),
      ...place,
    };
    return { expression, ...place, isBracketed: false };
  }

  /** What has no operators outside of brackets. */
  private simple(node: SyntaxNode): Expression {
    switch (node.name) {
      case "NumberDurationLiteral":
        return { type: "number", value: Math.abs(this.number(node)), ...positionOf(node) };
      case "StringLiteral":
        return { type: "string", value: this.string(node), ...positionOf(node) };
      case "VectorSelector":
        return this.vectorSelector(node);
      case "ParenExpr":
        return this.expression(this.child(node, "Expr"));
      case "FunctionCall":
        return this.call(node);
      case "AggregateExpr":
        return this.aggregation(node);
      default:
        throw this.unreadable(node, needsFlag);
    }
  }

  private vectorSelector(node: SyntaxNode): VectorSelector {
    const identifier = node.getChild("Identifier");
    const list = node.getChild("LabelMatchers");
    const matchers: LabelMatcher[] = [];
    for (let at = list?.firstChild ?? null; at !== null; at = at.nextSibling) {
      if (at.name === "QuotedLabelName") {
        matchers.push({ label: "__name__", operator: "=", value: this.string(this.child(at, "StringLiteral")) });
      } else if (at.name === "UnquotedLabelMatcher" || at.name === "QuotedLabelMatcher") {
        matchers.push(this.matcher(at));
      }
    }
    const name = identifier === null ? nameAmong(matchers) : this.metricName(node, identifier, matchers);
    return {
      type: "vectorSelector",
      ...(name === undefined ? {} : { metric: name }),
      matchers,
      offsetSeconds: 0,
      ...positionOf(node),
    };
  }

  private metricName(node: SyntaxNode, identifier: SyntaxNode, matchers: readonly LabelMatcher[]): string {
    const name = this.text(identifier);
    if (name.toLowerCase() === "atan2") throw this.unreadable(identifier, "is an operator");
    if (matchers.some(({ label }) => label === "__name__")) throw this.unreadable(node, "names the metric twice");
    return name;
  }

  private matcher(node: SyntaxNode): LabelMatcher {
    const quoted = node.getChild("QuotedLabelName");
    const label = quoted ? this.string(this.child(quoted, "StringLiteral")) : this.text(this.child(node, "LabelName"));
    const value = this.string(this.child(node, "StringLiteral"));
    return { label, operator: operatorOfMatcher(this.text(this.child(node, "MatchOp"))), value };
  }

  private matrixSelector(
    node: SyntaxNode,
    { expression: selector, isBracketed }: Part,
    place: { from: number; to: number },
  ): MatrixSelector {
    if (isBracketed || selector.type !== "vectorSelector")
      throw this.unreadable(node, "is a range of something that is no selector");
    const isShifted = selector.offsetSeconds !== 0 && !this.computedOffsets.has(selector);
    if (isShifted || typeof selector.at === "number")
      throw this.unreadable(node, "has its range after offset or @, and not before them");
    const rangeSeconds = this.duration(this.child(node, "DurationExpr"));
    return { type: "matrixSelector", selector, rangeSeconds, ...place };
  }

  private subquery(node: SyntaxNode, { expression }: Part, place: { from: number; to: number }): Subquery {
    const [range, step] = node.getChildren("DurationExpr");
    if (range === undefined) throw this.unreadable(node, "has no range");
    return {
      type: "subquery",
      expression,
      rangeSeconds: this.duration(range),
      ...(step === undefined ? {} : { stepSeconds: this.duration(step) }),
      offsetSeconds: 0,
      ...place,
    };
  }

  /** With `offset` or `@`, which belong to the selector before them. */
  private shifted(
    modifier: SyntaxNode,
    { expression, isBracketed }: Part,
    place: { from: number; to: number },
  ): Expression {
    if (!isBracketed) {
      if (expression.type === "vectorSelector" || expression.type === "subquery")
        return this.withModifier(expression, modifier, place);
      if (expression.type === "matrixSelector") {
        const selector = this.withModifier(expression.selector, modifier, positionOf(expression.selector));
        return { ...expression, selector, ...place };
      }
    }
    throw this.unreadable(modifier, "has a modifier on something that is no selector");
  }

  private withModifier<S extends Selected>(selected: S, modifier: SyntaxNode, place: { from: number; to: number }): S {
    const changed: S = { ...selected, ...place };
    const isComputed = this.computedOffsets.has(selected);
    if (isComputed) this.computedOffsets.add(changed);
    if (modifier.name === "StepInvariantExpr") {
      if (selected.at !== undefined) throw this.unreadable(modifier, "has @ twice");
      return Object.assign(changed, { at: this.at(modifier) });
    }
    if (modifier.name !== "OffsetExpr") throw this.unreadable(modifier, needsFlag);
    if (selected.offsetSeconds !== 0 || isComputed) throw this.unreadable(modifier, "has offset twice");
    const offset = this.child(modifier, "OffsetDurationExpr");
    const { seconds, isLiteral } = computedDuration(offset, this);
    if (!isDurationInRange(seconds) || (!isLiteral && Number.isNaN(seconds)))
      throw this.unreadable(modifier, `has an offset that is no duration: ${this.text(offset)}`);
    if (!isLiteral) this.computedOffsets.add(changed);
    return Object.assign(changed, { offsetSeconds: seconds });
  }

  private at(node: SyntaxNode): number | "start" | "end" {
    const literal = node.getChild("NumberDurationLiteral");
    if (literal === null) return node.getChild("AtModifierPreprocessors")?.getChild("AtStart") ? "start" : "end";
    const time = this.number(literal);
    if (!(Math.abs(time) < 2 ** 63)) throw this.unreadable(literal, "is no time");
    return time;
  }

  private call(node: SyntaxNode): FunctionCall {
    const name = this.text(this.child(node, "FunctionIdentifier"));
    return { type: "call", function: name, arguments: this.arguments(node), ...positionOf(node) };
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
      const isQuoted = at.name === "QuotedLabelName";
      if (!isQuoted && at.name !== "LabelName") continue;
      const name = isQuoted ? this.string(this.child(at, "StringLiteral")) : this.text(at);
      if (name === "" || (!isQuoted && /^(inf|nan)$/i.test(name))) throw this.unreadable(at, "is no label");
      names.push(name);
    }
    return names;
  }

  durationLiteral(node: SyntaxNode): number {
    const seconds = this.number(node);
    if (!isDurationInRange(seconds)) throw this.unreadable(node, "is longer than 292 years");
    return seconds;
  }

  private number(node: SyntaxNode): number {
    const value = literalValue(this.text(node));
    if (value === undefined || /^\w/.test(this.query.slice(node.to))) throw this.unreadable(node, "is not a number");
    return value;
  }

  isMinus({ from }: SyntaxNode): boolean {
    return this.query.charAt(from) === "-";
  }

  private duration(node: SyntaxNode): number {
    const { seconds } = computedDuration(node, this);
    if (!(seconds > 0 && isDurationInRange(seconds))) throw this.unreadable(node, "is not a duration above 0");
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

function positionOf({ from, to }: { from: number; to: number }): { from: number; to: number } {
  return { from, to };
}

/** Takes the metric's name out of the matchers, where one says it. */
function nameAmong(matchers: LabelMatcher[]): string | undefined {
  const at = matchers.findIndex(
    ({ label, operator, value }) => label === "__name__" && operator === "=" && value !== "",
  );
  return at < 0 ? undefined : matchers.splice(at, 1)[0]?.value;
}

function operatorOfMatcher(text: string): LabelMatcher["operator"] {
  return text === "!=" || text === "=~" || text === "!~" ? text : "=";
}

const binaryOperators: ReadonlySet<string> = new Set<BinaryOperator>([
  ...(["+", "-", "*", "/", "%", "^", "atan2", "</", ">/"] as const),
  ...(["==", "!=", ">", "<", ">=", "<="] as const),
  ...(["and", "or", "unless"] as const),
]);

function isBinaryOperator(text: string): text is BinaryOperator {
  return binaryOperators.has(text);
}
