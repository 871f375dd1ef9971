import type { parser } from "@prometheus-io/lezer-promql";

export type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

/** What a sequence of operands and operators is put together with. */
export interface OperatorReader<Part> {
  /** A number, without its sign. */
  operand(node: SyntaxNode): Part;
  /** Whether it is a number with a sign, which the published grammar has bind more than any operator. */
  isSigned(node: SyntaxNode): boolean;
  /** @param sign the node that begins with it */
  signed(sign: SyntaxNode, operand: Part): Part;
  /** @param modifier a range, `offset` or `@`, with what it is said to modify */
  modified(modifier: SyntaxNode, selected: Part): Part;
  binary(operation: SyntaxNode, left: Part, right: Part): Part;
}

interface Item {
  role: "operand" | "sign" | "modifier" | "operation";
  node: SyntaxNode;
}

/** Source: prometheus/prometheus `promql/parser/generated_parser.y`. */
const precedences: Record<string, number> = {
  ...{ Or: 1, And: 2, Unless: 2 },
  ...{ Eql: 3, Neq: 3, Gte: 3, Gtr: 3, Lte: 3, Lss: 3, TrimUpper: 3, TrimLower: 3 },
  ...{ Add: 4, Sub: 4, Mul: 5, Div: 5, Mod: 5, Atan2: 5, Pow: 6 },
};
const power = 6;

/**
 * Puts operands together as Prometheus does. The published grammar has `offset`, `@` and ranges bind less than operators:
 * `a + b offset 5m * c` is `(a + b) offset 5m * c` to it. So only the order of its nodes counts here.
 */
export function readOperators<Part>(node: SyntaxNode, reader: OperatorReader<Part>): Part {
  const items = inOrder(node).flatMap((item) =>
    reader.isSigned(item.node) ? [{ ...item, role: "sign" as const }, item] : [item],
  );
  let at = 0;

  function operand(): Part {
    const item = items[at++];
    if (item === undefined) throw new Error("The published grammar left an operand out.");
    if (item.role === "sign") return reader.signed(item.node, from(power));
    let part = reader.operand(item.node);
    for (let next = items[at]; next?.role === "modifier"; next = items[++at]) part = reader.modified(next.node, part);
    return part;
  }

  function from(least: number): Part {
    let left = operand();
    for (let next = items[at]; next !== undefined; next = items[at]) {
      const precedence = precedences[operatorOf(next.node).name] ?? 0;
      if (precedence < least) break;
      at++;
      left = reader.binary(next.node, left, from(precedence === power ? precedence : precedence + 1));
    }
    return left;
  }

  return from(0);
}

/** The operator of a binary expression. */
export function operatorOf(operation: SyntaxNode): SyntaxNode {
  return operation.firstChild?.nextSibling ?? operation;
}

function inOrder(node: SyntaxNode): Item[] {
  const [inner, right] = node.getChildren("Expr").map(inOrder);
  switch (node.name) {
    case "UnaryExpr":
      return [{ role: "sign", node }, ...(inner ?? [])];
    case "BinaryExpr":
      return [...(inner ?? []), { role: "operation", node }, ...(right ?? [])];
    case "MatrixSelector":
    case "SubqueryExpr":
    case "OffsetExpr":
    case "StepInvariantExpr":
      return [...(inner ?? []), { role: "modifier", node }];
    default:
      return [{ role: "operand", node }];
  }
}
