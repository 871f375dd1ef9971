import { z } from "zod";
import type { Expression, Subquery, VectorSelector } from "../../src/promql";

/** An expression as one text that shows what belongs together; brackets that say nothing else are not in it. */
export function shapeOf(expression: Expression): string {
  switch (expression.type) {
    case "number":
      return `${expression.value}`;
    case "string":
      return JSON.stringify(expression.value);
    case "vectorSelector":
      return selectorShape(expression) + modifierShape(expression);
    case "matrixSelector":
      return `${selectorShape(expression.selector)}[${inMilliseconds(expression.rangeSeconds)}]${modifierShape(expression.selector)}`;
    case "subquery": {
      const { expression: inner, rangeSeconds, stepSeconds = 0 } = expression;
      return `(${shapeOf(inner)})[${inMilliseconds(rangeSeconds)}:${inMilliseconds(stepSeconds)}]${modifierShape(expression)}`;
    }
    case "unary":
      return `(${expression.operator} ${shapeOf(expression.expression)})`;
    case "call":
      return `${expression.function}(${expression.arguments.map(shapeOf).join(", ")})`;
    case "aggregation": {
      const { operator, grouping, parameter, expression: inner } = expression;
      const labels = `${grouping?.kind === "without" ? "without" : "by"} (${(grouping?.labels ?? []).join()})`;
      return `${operator} ${labels} (${[...(parameter ? [parameter] : []), inner].map(shapeOf).join(", ")})`;
    }
    case "binary": {
      const { left, right, operator, bool, matching } = expression;
      const how = matching
        ? [matching.kind, ...matching.labels, matching.group?.side, ...(matching.group?.include ?? [])]
        : [];
      const labels = (matching?.labels.length ?? 0) > 0 ? how.filter((part) => part !== undefined).join() : "";
      return `(${shapeOf(left)} ${operator}${bool ? " bool" : ""}<${labels}> ${shapeOf(right)})`;
    }
  }
}

function selectorShape({ metric, matchers }: VectorSelector): string {
  const named = metric === undefined ? [] : [{ label: "__name__", operator: "=", value: metric }];
  return matchersShape([...named, ...matchers]);
}

function matchersShape(matchers: readonly { label: string; operator: string; value: string }[]): string {
  const texts = matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`);
  return `{${texts.sort().join()}}`;
}

function modifierShape({ at, offsetSeconds }: VectorSelector | Subquery): string {
  return modifiers(typeof at === "number" ? `${inMilliseconds(at)}` : (at ?? ""), offsetSeconds);
}

function modifiers(at: string, offsetSeconds: number): string {
  return `${at === "" ? "" : ` @ ${at}`}${offsetSeconds === 0 ? "" : ` offset ${inMilliseconds(offsetSeconds)}`}`;
}

function inMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

interface Answer {
  type: string;
  val?: string | undefined;
  op?: string | undefined;
  bool?: boolean | undefined;
  without?: boolean | undefined;
  grouping?: string[] | undefined;
  func?: { name: string } | undefined;
  matchers?: { name: string; type: string; value: string }[] | undefined;
  matching?: { card: string; labels: string[]; on: boolean; include: string[] } | null | undefined;
  /** Milliseconds, like all times. */
  range?: number | undefined;
  step?: number | undefined;
  offset?: number | undefined;
  timestamp?: number | null | undefined;
  startOrEnd?: string | null | undefined;
  expr?: Answer | undefined;
  lhs?: Answer | undefined;
  rhs?: Answer | undefined;
  param?: Answer | null | undefined;
  args?: Answer[] | undefined;
}

/** An answer of Prometheus' `parse_query`. Source: prometheus/prometheus `web/api/v1/translate_ast.go`. */
export const parseAnswer: z.ZodType<Answer> = z.lazy(() =>
  z.object({
    type: z.string(),
    val: z.string().optional(),
    op: z.string().optional(),
    bool: z.boolean().optional(),
    without: z.boolean().optional(),
    grouping: z.array(z.string()).optional(),
    func: z.object({ name: z.string() }).optional(),
    matchers: z.array(z.object({ name: z.string(), type: z.string(), value: z.string() })).optional(),
    matching: z
      .object({ card: z.string(), labels: z.array(z.string()), on: z.boolean(), include: z.array(z.string()) })
      .nullish(),
    range: z.number().optional(),
    step: z.number().optional(),
    offset: z.number().optional(),
    timestamp: z.number().nullish(),
    startOrEnd: z.string().nullish(),
    expr: parseAnswer.optional(),
    lhs: parseAnswer.optional(),
    rhs: parseAnswer.optional(),
    param: parseAnswer.nullish(),
    args: z.array(parseAnswer).optional(),
  }),
);

/** The same text of what Prometheus read. */
export function shapeOfAnswer(answer: Answer | undefined): string {
  const { type, val, op = "", expr, range = 0 } = answer ?? { type: "nothing" };
  switch (type) {
    case "numberLiteral":
      return `${Number(val?.replace(/Inf$/, "Infinity"))}`;
    case "stringLiteral":
      return JSON.stringify(val);
    case "vectorSelector":
      return answeredSelector(answer) + answeredModifiers(answer);
    case "matrixSelector":
      return `${answeredSelector(answer)}[${range}]${answeredModifiers(answer)}`;
    case "subquery":
      return `(${shapeOfAnswer(expr)})[${range}:${answer?.step ?? 0}]${answeredModifiers(answer)}`;
    case "parenExpr":
      return shapeOfAnswer(expr);
    case "unaryExpr":
      return `(${op} ${shapeOfAnswer(expr)})`;
    case "call":
      return `${answer?.func?.name}(${(answer?.args ?? []).map(shapeOfAnswer).join(", ")})`;
    case "aggregation": {
      const labels = `${answer?.without ? "without" : "by"} (${(answer?.grouping ?? []).join()})`;
      return `${op} ${labels} (${[...(answer?.param ? [answer.param] : []), expr].map(shapeOfAnswer).join(", ")})`;
    }
    case "binaryExpr": {
      const { labels = [], on, card, include = [] } = answer?.matching ?? {};
      const side = card === "many-to-one" ? ["left"] : card === "one-to-many" ? ["right"] : [];
      const how = labels.length > 0 ? [on ? "on" : "ignoring", ...labels, ...side, ...include].join() : "";
      const [left, right] = [answer?.lhs, answer?.rhs].map(shapeOfAnswer);
      return `(${left} ${op}${answer?.bool ? " bool" : ""}<${how}> ${right})`;
    }
    default:
      return type;
  }
}

function answeredSelector(answer: Answer | undefined): string {
  return matchersShape(
    (answer?.matchers ?? []).map(({ name, type, value }) => ({ label: name, operator: type, value })),
  );
}

function answeredModifiers(answer: Answer | undefined): string {
  const { startOrEnd, timestamp, offset = 0 } = answer ?? {};
  const at = startOrEnd ?? (typeof timestamp === "number" ? `${timestamp}` : "");
  return modifiers(at, offset / 1000);
}
