import { parser } from "@prometheus-io/lezer-promql";

/** Where a query is not PromQL, by the grammar that Prometheus publishes. */
export function promqlErrors(query: string): string[] {
  const errors: string[] = [];
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) errors.push(`at ${node.from}: ${query.slice(node.from, node.from + 20)}`);
    },
  });
  return errors;
}
