import type { BinaryExpression, Expression, FunctionCall } from "../../promql";
import { combine, exactly } from "./interval";

/** What an expression gives when none of its metrics has a series, such as 0 of `sum(x) or vector(0)`; `undefined` for nothing. */
export function valueWithoutSeries(expression: Expression): number | undefined {
  switch (expression.type) {
    case "number":
      return expression.value;
    case "aggregation":
    case "subquery":
      return valueWithoutSeries(expression.expression);
    case "unary": {
      const value = valueWithoutSeries(expression.expression);
      return expression.operator === "-" && value !== undefined ? 0 - value : value;
    }
    case "call":
      return ofCall(expression);
    case "binary":
      return ofBinary(expression);
    default:
      return undefined;
  }
}

function ofCall({ function: name, arguments: given }: FunctionCall): number | undefined {
  const [first] = given;
  return ["vector", "sum_over_time", "avg_over_time", "max_over_time"].includes(name) && first !== undefined
    ? valueWithoutSeries(first)
    : undefined;
}

function ofBinary({ operator, left, right }: BinaryExpression): number | undefined {
  const [one, other] = [left, right].map(valueWithoutSeries);
  if (operator === "or") return one ?? other;
  if (one === undefined || other === undefined) return undefined;
  const { min, max } = combine(operator, exactly(one), exactly(other));
  return min === max ? min : undefined;
}
