/** Types of PromQL values. */
export type ValueType = "scalar" | "vector" | "matrix" | "string";

export interface FunctionSignature {
  arguments: readonly ValueType[];
  /** How many of the last argument may be left out. */
  optional: number;
  /** The last argument may be repeated. */
  repeated: boolean;
  returns: ValueType;
}

type Shape = Partial<Omit<FunctionSignature, "arguments">>;

const table = new Map<string, FunctionSignature>();

function define(
  names: string,
  args: readonly ValueType[],
  { optional = 0, repeated = false, returns = "vector" }: Shape = {},
) {
  for (const name of names.split(" ")) table.set(name, { arguments: args, optional, repeated, returns });
}

// Source: prometheus/prometheus `promql/parser/functions.go`, those that need no feature flag.
define("abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh", [
  "vector",
]);
define("sort sort_desc sqrt tan tanh timestamp", ["vector"]);
define("histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum", ["vector"]);
define("absent_over_time avg_over_time count_over_time first_over_time last_over_time", ["matrix"]);
define("max_over_time min_over_time", ["matrix"]);
define("present_over_time stddev_over_time stdvar_over_time sum_over_time", ["matrix"]);
define("changes delta deriv idelta increase irate rate resets", ["matrix"]);
define("clamp", ["vector", "scalar", "scalar"]);
define("clamp_max clamp_min", ["vector", "scalar"]);
define("day_of_month day_of_week day_of_year days_in_month hour minute month year", ["vector"], { optional: 1 });
define("histogram_fraction", ["scalar", "scalar", "vector"]);
define("histogram_quantile", ["scalar", "vector"]);
define("label_join", ["vector", "string", "string", "string"], { optional: 1, repeated: true });
define("label_replace", ["vector", "string", "string", "string", "string"]);
define("pi time", [], { returns: "scalar" });
define("predict_linear", ["matrix", "scalar"]);
define("quantile_over_time", ["scalar", "matrix"]);
define("round", ["vector", "scalar"], { optional: 1 });
define("scalar", ["vector"], { returns: "scalar" });
define("vector", ["scalar"]);

/** What a function takes and gives; `undefined` for one that Prometheus does not have, or only behind a feature flag. */
export function signatureOf(name: string): FunctionSignature | undefined {
  return table.get(name);
}

/** Aggregations and the type of their parameter. Source: prometheus/prometheus `promql/parser/lex.go`. */
export const aggregations: ReadonlyMap<string, ValueType | undefined> = new Map<string, ValueType | undefined>([
  ...["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar"].map((name) => [name, undefined] as const),
  ["topk", "scalar"],
  ["bottomk", "scalar"],
  ["quantile", "scalar"],
  ["count_values", "string"],
]);
