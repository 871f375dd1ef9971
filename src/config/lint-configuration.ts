import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { closestMatch } from "leven";
import { parse } from "yaml";
import { z } from "zod";
import { type LintSettings, lintedVersions, rules, Severity, UnusableInput } from "../lint";
import type { Problem } from "../policy/policy-input";
import { pathWithin } from "../policy/text";
import { parseVersion } from "../policy/version";
import { choice, list, mapping, number, release, text } from "./fields";
import { formatProblems, schemaProblems } from "./problems";

/** The name of the linter's configuration file, in the folder of what it speaks about or in one above. */
export const lintConfigurationName = ".vllm-serving-lint.yaml";

const seconds = () => number("seconds").positive("a number of seconds above 0").exactOptional();
const rule = mapping({
  severity: choice({ ...Severity, Off: "off" }),
  reason: text("why it is so here"),
});
const schema = mapping({
  failOn: choice(Severity).exactOptional(),
  rules: z.record(z.string(), rule, "a mapping from rules to `severity` and `reason`").exactOptional(),
  versions: mapping({
    vllm: release().exactOptional(),
    keda: release().exactOptional(),
    kubernetes: release().exactOptional(),
    kserve: release().exactOptional(),
  }).exactOptional(),
  scrapeIntervalSeconds: seconds(),
  startupSeconds: seconds(),
  ignore: list(text("a pattern of paths"), "a list of patterns of paths").exactOptional(),
});
type LintConfigurationFile = z.infer<typeof schema>;

/** What a configuration file of the linter says. */
export interface LintConfiguration extends LintSettings {
  /** The least severity that fails. */
  failOn?: Severity;
  /** Files that are not linted, as in a `.gitignore` in the folder of the configuration file. */
  ignore?: readonly string[];
}

/** The configuration file that speaks about what is in a folder: the nearest upwards. */
export function findLintConfiguration(folder: string): string | undefined {
  const path = join(resolve(folder), lintConfigurationName);
  if (existsSync(path)) return path;
  const above = dirname(dirname(path));
  return above === dirname(path) ? undefined : findLintConfiguration(above);
}

/**
 * Reads a configuration file of the linter.
 *
 * @throws UnusableInput that names every problem: path, value, bound and fix
 */
export function loadLintConfiguration(path: string): LintConfiguration {
  const raw = readYaml(path) ?? {};
  const problems = [
    ...schemaProblems(schema, raw, written),
    ...ruleProblems(Object(raw).rules),
    ...versionProblems(Object(raw).versions),
  ];
  if (problems.length > 0) throw new UnusableInput(path, `It cannot be used:\n${formatProblems(problems)}`);
  return configurationOf(schema.parse(raw));
}

function configurationOf({ rules: changes, ...rest }: LintConfigurationFile): LintConfiguration {
  if (changes === undefined) return rest;
  const severities = Object.fromEntries(Object.entries(changes).map(([id, { severity }]) => [id, severity]));
  return { ...rest, severities };
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UnusableInput(path, `It cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function ruleProblems(changes: unknown): Problem[] {
  const known = rules.map(({ id }) => id);
  return keysOf(changes)
    .filter((id) => !known.includes(id))
    .map((id) => {
      const nearest = closestMatch(id, known, { maxDistance: 5 });
      const advice = nearest === undefined ? "docs/rules/README.md lists all." : `Did you mean ${nearest}?`;
      return { path: `rules.${id}`, message: `There is no such rule. ${advice}` };
    });
}

function versionProblems(versions: unknown): Problem[] {
  return Object.entries(lintedVersions).flatMap(([name, newest]) => {
    const value: unknown = Object(versions)[name];
    if (typeof value !== "string" || parseVersion(value) !== undefined) return [];
    return [{ path: `versions.${name}`, message: `${JSON.stringify(value)} is no release: write it as "${newest}".` }];
  });
}

function keysOf(value: unknown): string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

/** A path in the file: `rules.max-replicas-unset.reason`. */
function written(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "the file" : pathWithin(path);
}
