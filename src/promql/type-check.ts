import { aggregations, type FunctionSignature, signatureOf, type ValueType } from "./functions";
import type { PromqlError } from "./parse";
import { readRegularExpression } from "./regular-expression";
import type { Aggregation, BinaryExpression, Expression, FunctionCall, VectorSelector } from "./syntax-tree";

const comparisons: ReadonlySet<string> = new Set(["==", "!=", ">", "<", ">=", "<="]);
const setOperators: ReadonlySet<string> = new Set(["and", "or", "unless"]);

/** The type of a checked expression. */
function typeOf(expression: Expression): ValueType {
  switch (expression.type) {
    case "number":
      return "scalar";
    case "string":
      return "string";
    case "vectorSelector":
    case "aggregation":
      return "vector";
    case "matrixSelector":
    case "subquery":
      return "matrix";
    case "unary":
      return typeOf(expression.expression);
    case "call":
      return signatureOf(expression.function)?.returns ?? "vector";
    case "binary":
      return typeOf(expression.left) === "scalar" && typeOf(expression.right) === "scalar" ? "scalar" : "vector";
  }
}

/** What Prometheus refuses though the grammar allows it. Source: prometheus/prometheus `promql/parser/parse.go`, `checkAST`. */
export function typeErrors(expression: Expression): PromqlError[] {
  switch (expression.type) {
    case "number":
    case "string":
      return [];
    case "vectorSelector":
      return selectorErrors(expression);
    case "matrixSelector":
      return typeErrors(expression.selector);
    case "subquery":
      return [...typeErrors(expression.expression), ...expected(expression.expression, ["vector"], "a subquery")];
    case "unary":
      return [...typeErrors(expression.expression), ...expected(expression.expression, ["scalar", "vector"], "a sign")];
    case "call":
      return callErrors(expression);
    case "aggregation":
      return aggregationErrors(expression);
    case "binary":
      return binaryErrors(expression);
  }
}

function callErrors(call: FunctionCall): PromqlError[] {
  const inside = call.arguments.flatMap(typeErrors);
  const signature = signatureOf(call.function);
  if (signature === undefined) {
    return [...inside, problem(call, `${call.function} needs a feature flag that Prometheus does not set by default.`)];
  }
  const count = call.arguments.length;
  const most = signature.repeated ? Number.POSITIVE_INFINITY : signature.arguments.length;
  const least = signature.arguments.length - signature.optional;
  if (count < least || count > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    return [...inside, problem(call, `${call.function} takes ${wanted} arguments, not ${count}.`)];
  }
  return [
    ...inside,
    ...call.arguments.flatMap((argument, i) => {
      const type = argumentType(signature, i);
      return type === undefined ? [] : expected(argument, [type], call.function);
    }),
  ];
}

function argumentType(signature: FunctionSignature, i: number): ValueType | undefined {
  return signature.arguments[Math.min(i, signature.arguments.length - 1)];
}

function aggregationErrors(aggregation: Aggregation): PromqlError[] {
  const { operator, parameter, expression } = aggregation;
  const inside = [...(parameter ? typeErrors(parameter) : []), ...typeErrors(expression)];
  if (!aggregations.has(operator)) {
    return [
      ...inside,
      problem(aggregation, `${operator} needs a feature flag that Prometheus does not set by default.`),
    ];
  }
  const wanted = aggregations.get(operator);
  if (wanted === undefined && parameter) return [...inside, problem(parameter, `${operator} takes no parameter.`)];
  if (wanted !== undefined && !parameter) return [...inside, problem(aggregation, `${operator} needs a parameter.`)];
  return [
    ...inside,
    ...(parameter && wanted ? expected(parameter, [wanted], operator) : []),
    ...expected(expression, ["vector"], operator),
  ];
}

function binaryErrors(binary: BinaryExpression): PromqlError[] {
  const { left, right, operator, bool, matching } = binary;
  const errors = [left, right].flatMap((side) => [
    ...typeErrors(side),
    ...expected(side, ["scalar", "vector"], operator),
  ]);
  const types = [typeOf(left), typeOf(right)];
  const scalars = types.filter((type) => type === "scalar").length;
  if (bool && !comparisons.has(operator))
    errors.push(problem(binary, `bool belongs to comparisons, not to ${operator}.`));
  if (!bool && comparisons.has(operator) && scalars === 2) {
    errors.push(problem(binary, "A comparison of two scalars needs bool."));
  }
  if (setOperators.has(operator)) {
    if (scalars > 0) errors.push(problem(binary, `${operator} needs vectors on both sides.`));
    if (matching?.group) errors.push(problem(binary, `${operator} allows no group_${matching.group.side}.`));
  }
  if (matching && matching.labels.length > 0 && scalars > 0)
    errors.push(problem(binary, "on and ignoring need vectors on both sides."));
  const both =
    matching?.kind === "on" ? matching.labels.filter((label) => matching.group?.include.includes(label)) : [];
  for (const label of both)
    errors.push(problem(binary, `${label} stands in both on and group_${matching?.group?.side}.`));
  return errors;
}

function expected(expression: Expression, types: readonly ValueType[], where: string): PromqlError[] {
  const type = typeOf(expression);
  if (types.includes(type)) return [];
  return [problem(expression, `${where} takes a ${types.join(" or ")} here, not a ${type}.`)];
}

function selectorErrors(selector: VectorSelector): PromqlError[] {
  const errors: PromqlError[] = [];
  let selects = selector.metric !== undefined;
  for (const { label, operator, value } of selector.matchers) {
    const isText = operator === "=" || operator === "!=";
    const pattern = isText ? { ok: true as const, matchesEmpty: value === "" } : readRegularExpression(value);
    if (!pattern.ok) {
      errors.push(problem(selector, `${value} for ${label} is not a regular expression: ${pattern.message}.`));
    }
    selects ||= !pattern.ok || pattern.matchesEmpty === (operator === "!=" || operator === "!~");
  }
  if (!selects) {
    const message = "A selector needs a metric name, or a matcher that does not match the empty string.";
    errors.push(problem(selector, message));
  }
  return errors;
}

function problem({ from, to }: { from: number; to: number }, message: string): PromqlError {
  return { from, to, message };
}
