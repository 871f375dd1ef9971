import fc from "fast-check";

const space = fc.constantFrom("", " ", "\n");
const metric = fc.constantFrom(
  "vllm:num_requests_running",
  "x",
  "up",
  "job:rate5m",
  "sum",
  "by",
  "start",
  "step",
  "fill",
);
const label = fc.constantFrom("pod", "le", "__name__", "by", "on", "bool", "a_b1", '"utf.8"', "'pod'", "`le`");
const number = fc.constantFrom(
  ...[
    "0",
    "1",
    "2.5",
    ".5",
    "1e3",
    "1E-3",
    "0x1F",
    "1_000",
    "007",
    "5m",
    "1h30m",
    "90s",
    "250ms",
    "1y2w3d",
    "Inf",
    "nan",
    "1e400",
    "9.5e10",
  ],
);
const duration = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("1m", "5m", "30s", "1h30m", "90", "1.5", "250ms", "1y2w3d4h5m6s7ms", "0s", "1s1m"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        "2m+30s",
        "(1m)",
        "1m*2",
        "-5m",
        "+5m",
        "5m-10m",
        "step()",
        "max_of(step(),1m)",
        "min_of(1m, 2m)",
        "-(5m-10m)",
        "2^3",
        "range()+1s",
        "1m/0",
        "5%3",
      ],
    ),
  },
);
const text = fc.constantFrom(
  '"a"',
  "'b.c'",
  "`d\\e`",
  '""',
  '".*"',
  '".+"',
  '"a|"',
  '"\\n"',
  '"\\u00e9\\x41\\101"',
  '"$1"',
  '"("',
  '"\\q"',
  "'it\\'s'",
  '"ü"',
);
const comparison = fc.constantFrom("==", "!=", ">", "<", ">=", "<=");
const arithmetic = fc.constantFrom(
  "+",
  "-",
  "*",
  "/",
  "%",
  "^",
  "atan2",
  "and",
  "or",
  "unless",
  "AND",
  "Or",
  "</",
  ">/",
);
const plainAggregation = fc.constantFrom("sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "SUM");
const parameterAggregation = fc.constantFrom("topk", "bottomk", "quantile", "count_values", "limitk", "limit_ratio");
const functionOfVector = fc.constantFrom(
  "abs",
  "absent",
  "ceil",
  "scalar",
  "timestamp",
  "sort",
  "hour",
  "histogram_avg",
  "sort_by_label",
  "vector",
  "Abs",
  "info",
);
const functionOfMatrix = fc.constantFrom(
  "rate",
  "increase",
  "irate",
  "deriv",
  "avg_over_time",
  "absent_over_time",
  "last_over_time",
  "mad_over_time",
  "first_over_time",
);

const matcher = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(label, fc.constantFrom("=", "!=", "=~", "!~"), text).map((parts) => parts.join("")),
  },
  { weight: 1, arbitrary: fc.constantFrom('"x"', "'x y'", '""') },
);
const labels = fc
  .tuple(fc.array(label, { maxLength: 3 }), fc.constantFrom("", "", ","))
  .map(([names, end]) => `(${names.join(", ")}${names.length > 0 ? end : ""})`);
const selector = fc
  .tuple(
    fc.option(metric, { nil: "" }),
    fc.option(fc.array(matcher, { maxLength: 3 }), { nil: undefined }),
    fc.constantFrom("", "", ","),
  )
  .map(([name, matchers, end]) =>
    matchers === undefined && name !== ""
      ? name
      : `${name}{${(matchers ?? []).join(",")}${matchers?.length ? end : ""}}`,
  );
const modifier = fc.oneof(
  duration.map((time) => ` offset ${time}`),
  fc.constantFrom(" offset -5m", " @ 1600000000", " @ start()", " @ end()", " @ -1.5", " @ 1h", " @ Inf", " OFFSET 1m"),
);
const modified = (inner: fc.Arbitrary<string>) =>
  fc
    .tuple(
      inner,
      fc.oneof(
        { weight: 4, arbitrary: fc.constant("") },
        { weight: 2, arbitrary: modifier },
        { weight: 1, arbitrary: fc.tuple(modifier, modifier).map((both) => both.join("")) },
      ),
    )
    .map((parts) => parts.join(""));
const aggregationModifier = fc.tuple(fc.constantFrom("by", "without", "BY"), labels).map((parts) => parts.join(" "));
const matching = fc
  .tuple(
    fc.constantFrom("", "", "bool "),
    fc.option(
      fc.tuple(
        fc.constantFrom("on", "ignoring"),
        labels,
        fc.constantFrom("", "", "group_left", "group_right"),
        fc.oneof(fc.constant(""), labels),
      ),
      {
        nil: undefined,
      },
    ),
  )
  .map(([bool, clause]) => {
    if (clause === undefined) return bool;
    const [kind, names, side, include] = clause;
    return `${bool}${kind}${names}${side === "" ? "" : ` ${side}${include}`} `;
  });

interface Parts extends Record<string, string> {
  vector: string;
  matrix: string;
  scalar: string;
  any: string;
}

const { any } = fc.letrec<Parts>((tie) => ({
  scalar: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    number,
    tie("vector").map((inner) => `scalar(${inner})`),
    fc.constantFrom("time()", "pi()", "-1", "+2"),
    fc.tuple(tie("scalar"), arithmetic, tie("scalar")).map((parts) => parts.join(" ")),
  ),
  matrix: fc.oneof(
    { depthSize: "small" },
    modified(fc.tuple(selector, duration).map(([series, time]) => `${series}[${time}]`)),
    modified(
      fc
        .tuple(tie("vector"), duration, fc.oneof(fc.constant(""), duration))
        .map(([inner, time, step]) => `(${inner})[${time}:${step}]`),
    ),
  ),
  vector: fc.oneof(
    { depthSize: "small" },
    modified(selector),
    fc.tuple(plainAggregation, tie("vector")).map(([name, inner]) => `${name}(${inner})`),
    fc
      .tuple(plainAggregation, aggregationModifier, tie("vector"))
      .map(([name, by, inner]) => `${name} ${by} (${inner})`),
    fc
      .tuple(plainAggregation, tie("vector"), aggregationModifier)
      .map(([name, inner, by]) => `${name}(${inner}) ${by}`),
    fc
      .tuple(parameterAggregation, fc.oneof(tie("scalar"), text), tie("vector"))
      .map(([name, by, inner]) => `${name}(${by}, ${inner})`),
    fc.tuple(functionOfVector, tie("vector")).map(([name, inner]) => `${name}(${inner})`),
    fc.tuple(functionOfMatrix, tie("matrix")).map(([name, inner]) => `${name}(${inner})`),
    fc.tuple(tie("scalar"), tie("vector")).map(([q, inner]) => `histogram_quantile(${q}, ${inner})`),
    fc.tuple(tie("vector"), text, text, text, text).map((args) => `label_replace(${args.join(", ")})`),
    fc
      .tuple(tie("any"), fc.oneof(arithmetic, comparison), matching, tie("any"))
      .map(([left, operator, how, right]) => `${left} ${operator} ${how}${right}`),
    tie("vector").map((inner) => `-${inner}`),
    fc.tuple(space, tie("vector"), space).map(([before, inner, after]) => `(${before}${inner}${after})`),
  ),
  any: fc.oneof(
    { weight: 5, arbitrary: tie("vector") },
    { weight: 1, arbitrary: tie("scalar") },
    { weight: 1, arbitrary: tie("matrix") },
  ),
}));

const foreign = fc.oneof(
  fc.constantFrom(
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "=",
    "==",
    "=~",
    "!",
    "@",
    "offset",
    "by",
    "on",
    "bool",
    "group_left",
    "sum",
    "rate",
    "x",
    "and",
    "-",
    "+",
    "^",
  ),
  fc.constantFrom(
    "1",
    "5m",
    "1e",
    "0x",
    "_",
    "5mm",
    '"',
    "'",
    "`",
    "\\",
    "#",
    ";",
    "ü",
    "\t",
    "$",
    "1_",
    "..",
    "~",
    "<",
    "</",
    "NaN",
    "start",
    "end",
    "step",
    "fill(0)",
    "anchored",
  ),
);
const token = /[A-Za-z_:][\w:]*|\d[\w.]*|"[^"]*"|'[^']*'|`[^`]*`|[=!<>]=|[=!]~|\s+|./gs;

/** One token of an expression is deleted, doubled, exchanged with its neighbour or replaced, or another put beside it. */
const broken = fc
  .tuple(any, fc.nat(), fc.constantFrom("delete", "double", "swap", "replace", "insert", "cut"), foreign)
  .map(([expression, place, change, other]) => {
    const tokens = expression.match(token) ?? [];
    const at = place % Math.max(1, tokens.length);
    const [before, one = "", next = "", after] = [
      tokens.slice(0, at),
      tokens[at],
      tokens[at + 1],
      tokens.slice(at + 2),
    ];
    const middle = {
      delete: [next],
      double: [one, one, next],
      swap: [next, one],
      replace: [other, next],
      insert: [one, other, next],
      cut: [],
    }[change];
    return [...before, ...(middle ?? []), ...(change === "cut" ? [] : after)].join("");
  });

export function randomExpressions(seed: number, count: number): string[] {
  return fc.sample(fc.oneof(any, broken), { seed, numRuns: count });
}
