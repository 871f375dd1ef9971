import { parser } from "@prometheus-io/lezer-promql";
import { Reader, Unreadable } from "./reader";
import type { Expression } from "./syntax-tree";
import { typeErrors } from "./type-check";

type Tree = ReturnType<typeof parser.parse>;

/** Why a query is not PromQL, and where in it. */
export interface PromqlError {
  from: number;
  to: number;
  message: string;
}

/** Without errors where the query is too long to be read here, and Prometheus may take it. */
export type PromqlResult = { ok: true; expression: Expression } | { ok: false; errors: PromqlError[] };

/** The parser gives up behind some more operators in a row, once they are longer than this together, and calls it an error. */
const mostOperators = 100;
const longCharacters = 2000;

/**
 * Reads a query with the grammar that Prometheus publishes, then checks what the grammar leaves open, as Prometheus does
 * before it evaluates anything: types, numbers of arguments, functions that only exist behind a feature flag. What it takes
 * is compared with a running Prometheus by a test; docs/lint.md says where they differ.
 */
export function parsePromql(query: string): PromqlResult {
  const text = withoutComments(query);
  const tree = parser.parse(text);
  const syntax = syntaxErrors(tree, text);
  const root = tree.topNode.getChild("Expr");
  if (syntax.length > 0) return { ok: false, errors: isTooLong(tree) ? [] : syntax };
  if (root === null) return { ok: false, errors: [{ from: 0, to: query.length, message: "The query is empty." }] };
  try {
    const expression = new Reader(text).expression(root);
    const errors = typeErrors(expression);
    return errors.length > 0 ? { ok: false, errors } : { ok: true, expression };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, errors: [error.problem] };
  }
}

/** Spaces in the place of comments, so that they are in nobody's way and all places stay. */
function withoutComments(query: string): string {
  return query.includes("#") ? blanked(query, "LineComment") : query;
}

function blanked(query: string, nodeName: string): string {
  let text = query;
  parser.parse(query).iterate({
    enter: ({ name, from, to }) => {
      if (name === nodeName) text = text.slice(0, from) + " ".repeat(to - from) + text.slice(to);
    },
  });
  return text;
}

function isTooLong(tree: Tree): boolean {
  let operators = 0;
  tree.iterate({
    enter: ({ name, from, to }) => {
      if (name === "BinaryExpr" && to - from >= longCharacters) operators++;
    },
  });
  return operators > mostOperators;
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
  // The grammar takes any space of Unicode. Few queries hold one, and only they are read a second time, without what is in quotes.
  const unusual = /[^\t\n\r -~]/;
  const strange = errors.length > 0 || !unusual.test(query) ? -1 : blanked(query, "StringLiteral").search(unusual);
  if (strange >= 0) errors.push({ from: strange, to: strange + 1, message: "A space that Prometheus does not know." });
  return errors;
}
