import { describe, expect, it } from "vitest";
import { decoded, fixed, lint, lintedKinds, readYaml, rules, UnusableInput } from "../../../src/lint";
import { suppressionsIn } from "../../../src/lint/suppressions";
import { options } from "./options";

function reason(text: string): string {
  try {
    readYaml("given.yaml", text);
    return "";
  } catch (error) {
    if (!(error instanceof UnusableInput)) throw error;
    return error.message;
  }
}

describe("a text that cannot be used has one clear error", () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f"]
    .map((key, i) => `${key}: &${key} [${Array(8).fill(`*${"abcde"[i]}`).join()}]`)
    .join("\n")}\napiVersion: v1\nkind: ConfigMap\n`;
  it.each([
    ["an open bracket", "a: [", /^given\.yaml:1:5: It is not YAML: /],
    ["a key that is there twice", "a: 1\na: 2", /^given\.yaml:2:1: It is not YAML: Map keys must be unique\.$/],
    [
      "a template",
      "a: {{ .Values.a }}\nb: {{ end",
      /It looks like a template: lint what `helm template` makes of it\.$/,
    ],
    ["many brackets", "[".repeat(1000), /^given\.yaml:1:1: More than 200 brackets are open at once\.$/],
    ["many dashes", `${"- ".repeat(5000)}a`, /^given\.yaml: It is nested more than 200 levels deep\.$/],
    [
      "deep blocks",
      Array.from({ length: 1000 }, (_, i) => `${"  ".repeat(i)}a:`).join("\n"),
      /nested more than 200 levels deep/,
    ],
    ["aliases that grow", bomb, /^given\.yaml: Its aliases cannot be resolved: Excessive alias count/],
    [
      "a control character",
      "a: 1\nb: x\0y",
      "given.yaml:2:5: It is no YAML: the control character U+0000 is in no text.",
    ],
    [
      "a key that is there twice in a flow map",
      "a: [{b: 1, c: {b: 1, b: 2}}]",
      /^given\.yaml:1:22: .*keys must be unique\.$/,
    ],
    ["many items", `[${"{},".repeat(600_000)}{}]`, /more keys, items and documents than are read\. Split the file\.$/],
    ["many documents", "---\n".repeat(50_001), /more keys, items and documents than are read\. Split the file\.$/],
    [
      "too much of it",
      `# ${"x".repeat(33 * 1024 * 1024)}`,
      /^given\.yaml: 33 MB is more than the 32 MB that are read\. Split the file\.$/,
    ],
  ])("%s", (_, text, message) => {
    expect(reason(text)).toMatch(message);
  });
});

it.each([
  ["It is UTF-16. Save it as UTF-8.", [0xff, 0xfe, 0x61, 0]],
  ["It is UTF-16. Save it as UTF-8.", [0xfe, 0xff, 0, 0x61]],
  ["It is no text in UTF-8.", [0x61, 0xc3, 0x28]],
])("%s %j", (message, bytes) => {
  expect(() => decoded("given.yaml", Uint8Array.from(bytes))).toThrow(new UnusableInput("given.yaml", message));
});

it("a text keeps the mark that it begins with", () => {
  expect(decoded("given.yaml", Uint8Array.from([0xef, 0xbb, 0xbf, 0x61]))).toBe("\ufeffa");
});

describe("what is passed over", () => {
  it("objects of other groups, with all that they would say about others", () => {
    const text = (rule?.bad ?? "").replace("keda.sh/v1alpha1", "example.com/v1");
    expect(lint([readYaml("given.yaml", text)], options())).toEqual([]);
    const monitor = (rules.find(({ id }) => id === "scraped-twice")?.bad ?? "").split("---\n");
    const both = (group: string) => [monitor[0], monitor[1]?.replace("monitoring.coreos.com", group)].join("---\n");
    const found = (group: string) => lint([readYaml("given.yaml", both(group))], options()).map(({ rule: id }) => id);
    expect(found("monitoring.coreos.com")).toEqual(["scraped-twice", "scraped-twice"]);
    expect(found("azmonitoring.coreos.com")).toEqual([]);
  });

  it("no kind that a rule is about", () => {
    const known = lintedKinds.map(({ kind }) => kind);
    expect(rules.flatMap(({ kinds }) => kinds).filter((kind) => !known.includes(kind))).toEqual([]);
  });

  it.each(["", "just text", "- 1\n- 2", "a: 1", "apiVersion: 1\nkind: 2", "---\n---\n", "# only a comment"])(
    "%j",
    (text) => {
      expect(readYaml("given.yaml", text).objects).toEqual([]);
    },
  );

  it("values of any type where others are expected", () => {
    for (const value of ["1", "[]", "{}", "null", "true", "text", "[[1]]", "{ a: { b: 1 } }"]) {
      for (const kind of new Set(rules.flatMap(({ kinds }) => kinds))) {
        const { group = "" } = lintedKinds.find((known) => known.kind === kind) ?? {};
        const apiVersion = group === "" ? "v1" : `${group}/v1`;
        const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: ${value}\nspec: ${value}\nrules: ${value}\ndata: ${value}\n`;
        expect(() => lint([readYaml("given.yaml", text)], options())).not.toThrow();
        const inside = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${value}\nspec:\n  triggers: ${value}\n  predictor: ${value}\n  template: ${value}\n  advanced: ${value}\n`;
        expect(() => lint([readYaml("given.yaml", inside)], options())).not.toThrow();
      }
    }
  });
});

const rule = rules.find(({ id }) => id === "polling-interval-without-effect");
const bad = rule?.bad ?? "";

it("items of a list are objects with places of their own", () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n  -\n${bad.replace(/^(?=.)/gm, "    ")}`;
  const [finding] = lint([readYaml("list.yaml", list)], options());
  expect(finding).toMatchObject({ rule: rule?.id, path: "ScaledObject models/llama: spec.pollingInterval" });
  expect(list.split("\n")[(finding?.line ?? 0) - 1]).toBe("      pollingInterval: 5");
});

it("fixes keep comments, order and line ends", () => {
  const text = bad
    .replace("  pollingInterval: 5\n", "  # as asked for\n  pollingInterval: 5 # quick\n")
    .replaceAll("\n", "\r\n");
  const after = fixed(readYaml("given.yaml", text), options());
  expect(after).toEqual({ made: 1, text: text.replace("  pollingInterval: 5 # quick\r\n", "") });
});

it("a comment that goes on below goes with its line, and the next one stays", () => {
  const text = bad.replace(
    "  pollingInterval: 5\n",
    "  pollingInterval: 5 # quick,\n                     # as asked for\n  # what follows\n",
  );
  expect(fixed(readYaml("given.yaml", text), options())).toEqual({
    made: 1,
    text: bad.replace("  pollingInterval: 5\n", "  # what follows\n"),
  });
});

describe("a fix of a value in lines of its own", () => {
  const renamed = rules.find(({ id }) => id === "metric-not-in-release")?.bad ?? "";
  const [, indent = "", query = ""] = /^( +)query: (.*)$/m.exec(renamed) ?? [];
  const line = `${indent}query: ${query}\n`;
  const fixedText = (block: string) => {
    const { made, text } = fixed(
      readYaml(
        "given.yaml",
        renamed.replace(line, () => block),
      ),
      options(),
    );
    expect(made).toBe(1);
    return text;
  };
  const after = query.replace("gpu_cache_usage_perc", "kv_cache_usage_perc");

  it.each([
    [`query: >-\n${indent}  ${query}\n`, `query: ${JSON.stringify(after)}\n`],
    [`query: |- # measured\n${indent}  ${query}\n\n`, `query: ${JSON.stringify(after)} # measured\n\n`],
    [`query: |\n${indent}  ${query}\n`, `query: |\n${indent}  ${after}\n`],
    [
      `query: | # measured\n${indent}  ${query}\n${indent}  + 0\n`,
      `query: | # measured\n${indent}  ${after}\n${indent}  + 0\n`,
    ],
    [`query: |\r\n${indent}  ${query}\r\n`, `query: |\r\n${indent}  ${after}\r\n`],
  ])("%j", (before, expected) => {
    expect(fixedText(`${indent}${before}`)).toBe(renamed.replace(line, () => `${indent}${expected}`));
  });

  it("not where an anchor names it, because others use it", () => {
    const text = renamed.replace(`query: ${query}`, () => `query: &query ${query}`);
    expect(fixed(readYaml("given.yaml", text), options()).made).toBe(0);
  });

  it("keeps the field behind it", () => {
    const type = rules.find(({ id }) => id === "intensive-average-value")?.bad ?? "";
    const withType = (value: string) => type.replace("name: itl\n", `name: itl\n      metricType: ${value}\n`);
    expect(fixed(readYaml("given.yaml", withType("|-\n        AverageValue")), options()).text).toBe(withType("Value"));
  });
});

it("a new field has the line ends of its file", () => {
  const unset = (rules.find(({ id }) => id === "min-replicas-unset")?.bad ?? "").replaceAll("\n", "\r\n");
  const { made, text } = fixed(readYaml("given.yaml", unset), options());
  expect(made).toBe(1);
  expect(text).toMatch(/\r\n {2}minReplicaCount: 1\r\n/);
  expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
});

it("nothing is fixed in a map in one line", () => {
  const text = bad
    .replace("      metricType: AverageValue\n      metadata:", "      metadata:")
    .replace(/\n\s*pollingInterval: 5/, "");
  const flow = text
    .replace(
      "    - type: prometheus\n      name: in-flight\n",
      "    - {type: prometheus, name: in-flight, metadata: {a: b}}\n",
    )
    .replace(/\n {6}metadata:[\s\S]*$/, "\n");
  expect(fixed(readYaml("given.yaml", flow), options()).text).toBe(flow);
});

describe("a comment that accepts a finding", () => {
  const line = "  pollingInterval: 5";
  const found = (text: string) =>
    lint([readYaml("given.yaml", text)], options()).map(({ rule: id, message }) => ({ id, message }));

  it.each([
    ["on its line", bad.replace(line, `${line} # vllm-serving: ignore ${rule?.id} -- measured`)],
    ["above it", bad.replace(line, `  # vllm-serving: ignore ${rule?.id} -- measured\n  # and more\n${line}`)],
    ["for the file", `# vllm-serving: ignore-file ${rule?.id} -- measured\n${bad}`],
  ])("%s", (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it("needs a reason, a rule that exists, and something to accept", () => {
    const comment = (text: string) => bad.replace(line, `${line} # vllm-serving: ignore ${text}`);
    expect(found(comment(`${rule?.id}`)).map(({ message }) => message)).toEqual([
      "The comment accepts polling-interval-without-effect and does not say why.",
    ]);
    expect(
      found(comment("no-rule -- why"))
        .map(({ id }) => id)
        .sort(),
    ).toEqual([rule?.id, "suppression"].sort());
    expect(found(comment("no-fallback -- why")).map(({ message }) => message)).toContain(
      "The comment accepts no-fallback, which finds nothing there.",
    );
  });

  it("may name several rules", () => {
    expect(suppressionsIn("a: 1 # vllm-serving: ignore one, two -- because")).toEqual([
      { line: 1, lines: [1], rules: ["one", "two"], reason: "because" },
    ]);
  });
});
