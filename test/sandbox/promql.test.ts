import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { publishedPolicies, readYaml, rules } from "../../src/lint";
import { parsePromql } from "../../src/promql";
import { differences } from "../fixtures/promql/differences";
import { randomExpressions } from "../support/promql-expressions";
import { parseAnswer, shapeOf, shapeOfAnswer } from "../support/promql-shape";
import { renderedConfigurations } from "../support/rendered-configurations";
import { inParallel } from "./support/in-parallel";
import { askPrometheus } from "./support/prometheus";

const sandbox = inject("sandbox");
const upstreamFile = resolve(__dirname, "../fixtures/promql/upstream-inputs.json");
const upstream = z.object({ inputs: z.array(z.string()) }).parse(JSON.parse(readFileSync(upstreamFile, "utf8")));
/** Right and wrong, matching the empty text or not, as RE2 sees it: one a line, the first is empty. */
const patterns = readFileSync(resolve(__dirname, "../fixtures/promql/regular-expressions.txt"), "utf8").split("\n");
const differing = new Set(differences.flatMap(({ queries }) => queries));

/** What Prometheus and the linter say of a query where they do not say the same. */
async function disagreement(query: string): Promise<string[]> {
  // What fails or takes too long while it is computed was taken.
  const { status, errorType, error } = await askPrometheus(sandbox, "query", query, { timeout: "500ms" });
  const isTaken = status === "success" || errorType !== "bad_data";
  const parsed = parsePromql(query);
  if (isTaken !== parsed.ok) {
    return parsed.ok
      ? [`${query}\n  refused by Prometheus only: ${error}`]
      : [`${query}\n  refused by the linter only: ${parsed.errors.map(({ message }) => message).join(" ")}`];
  }
  if (!parsed.ok) return [];
  const { data } = await askPrometheus(sandbox, "parse_query", query);
  // Durations that are expressions have no value in the answer.
  if (JSON.stringify(data).includes('"durationExpr"')) return [];
  const [ours, theirs] = [shapeOf(parsed.expression), shapeOfAnswer(parseAnswer.parse(data))];
  return ours === theirs ? [] : [`${query}\n  read by Prometheus as ${theirs}\n  read by the linter as ${ours}`];
}

async function disagreements(queries: readonly string[]): Promise<string[]> {
  return (await inParallel([...new Set(queries)], disagreement)).flat();
}

/** All queries and rules' expressions inside of objects. */
function queriesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === "query" || key === "expr") && typeof inner === "string" ? [inner] : queriesIn(inner),
  );
}

function queriesOf(manifests: string): string[] {
  return readYaml("manifests", manifests).objects.flatMap(({ field }) => queriesIn(field.value));
}

describe("the linter takes the queries that Prometheus takes, reads them alike, and refuses the others", () => {
  it("of Prometheus' own tests", async () => {
    const queries = upstream.inputs.filter((query) => !differing.has(query));
    expect(queries).toHaveLength(343);
    expect(await disagreements(queries)).toEqual([]);
  });

  it("of the rules' examples", async () => {
    const queries = rules.flatMap(({ good, bad }) => [good, bad]).flatMap(queriesOf);
    expect(queries.length).toBeGreaterThan(80);
    expect(await disagreements(queries)).toEqual([]);
  });

  it("of the published policies, as they are and repaired", async () => {
    const queries = publishedPolicies
      .flatMap(({ manifests, repaired = "" }) => [manifests, repaired])
      .flatMap(queriesOf);
    expect(queries.length).toBeGreaterThan(10);
    expect(await disagreements(queries)).toEqual([]);
  });

  it("of what is rendered here", async () => {
    const queries = renderedConfigurations.flatMap(({ rendered }) =>
      rendered.flatMap(({ object }) => queriesIn(object)),
    );
    expect(queries.length).toBeGreaterThan(30);
    expect(await disagreements(queries)).toEqual([]);
  });

  it("with regular expressions", async () => {
    const queries = patterns.flatMap((pattern) => [
      `x{a=~\`${pattern}\`}`,
      `{a=~\`${pattern}\`}`,
      `{a!~\`${pattern}\`}`,
    ]);
    expect(await disagreements(queries)).toEqual([]);
  });

  it.each([1, 20_261_127])("that are random and often broken, of seed %i", async (seed) => {
    expect(await disagreements(randomExpressions(seed, 300))).toEqual([]);
  });
});

it.each([...differing])("%s is taken by Prometheus", async (query) => {
  expect((await askPrometheus(sandbox, "query", query)).status).toBe("success");
});
