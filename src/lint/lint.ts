import { type Finding, type Report, Severity } from "./finding";
import { grouped } from "./grouped";
import { isNamesake } from "./kinds";
import { ObjectSet } from "./object-set";
import type { LintContext, LintVersions, Rule } from "./rule";
import { rules } from "./rules";
import { servesModels } from "./serves-models";
import type { ClusterSource } from "./source/cluster-source";
import { applyTextEdits, type TextEdit } from "./source/edit";
import { UnknownValueError } from "./source/field";
import type { LintedObject } from "./source/linted-object";
import type { YamlSource } from "./source/yaml-source";
import { type Suppression, suppressionsIn } from "./suppressions";

/** What is asked of the linter. */
export interface LintOptions {
  versions: LintVersions;
  /** Seconds. */
  scrapeIntervalSeconds: number;
  /** Seconds. */
  startupSeconds: number;
  /** Nobody has said how long a start takes: errors that rest on it are warnings. @default false */
  isStartupAssumed?: boolean;
  /** Severity of a rule in the place of its own, or `off`. */
  severities: Readonly<Record<string, Severity | "off">>;
}

/** Something to lint: what was read from a text, or objects that never were one. */
export type LintSource = YamlSource | ClusterSource | ObjectSource;

interface ObjectSource {
  name: string;
  objects: readonly LintedObject[];
  /** Releases that these objects meet. @default those of all */
  versions?: LintVersions;
}

/** Asks all rules about all objects, which may say something about each other. Findings are in the order of the text. */
export function lint(sources: readonly LintSource[], options: LintOptions): Finding[] {
  return findings(sources, options).map(({ finding }) => finding);
}

interface Found {
  finding: Finding;
  report: Report;
}

function findings(given: readonly LintSource[], options: LintOptions): Found[] {
  const sources = given.map((source) => ({
    ...source,
    objects: source.objects.filter((object) => !isNamesake(object)),
  }));
  const objects = new ObjectSet(
    sources.flatMap((source) => ("related" in source ? [...source.objects, ...source.related] : source.objects)),
    sources.flatMap((source) => ("unlisted" in source ? source.unlisted : [])),
  );
  const { versions, scrapeIntervalSeconds, startupSeconds, isStartupAssumed = false } = options;
  const context: LintContext = { objects, versions, scrapeIntervalSeconds, startupSeconds, isStartupAssumed };
  const enabled = rulesByKind(options.severities);
  return sources.flatMap((source) => {
    const met = "versions" in source && source.versions ? { ...context, versions: source.versions } : context;
    const found = source.objects.flatMap((object) =>
      (enabled.get(object.kind) ?? []).flatMap((rule) => checked(object, rule, met)),
    );
    const kept = "text" in source ? withoutSuppressed(source, found) : found;
    return kept.sort(
      (a, b) => (a.finding.line ?? 0) - (b.finding.line ?? 0) || (a.finding.column ?? 0) - (b.finding.column ?? 0),
    );
  });
}

interface EnabledRule {
  rule: Rule;
  severity: Severity;
  /** What it is where a finding rests on a figure that is assumed. */
  severityIfAssumed: Severity;
}

/** What a rule says about an object, as far as it can be known. */
function checked(
  object: LintedObject,
  { rule, severity, severityIfAssumed }: EnabledRule,
  context: LintContext,
): Found[] {
  const found: Found[] = [];
  try {
    if (rule.modelsOnly && !servesModels(object, context)) return [];
    for (const report of rule.check(object, context))
      found.push({ report, finding: findingOf(rule.id, report.isAssumed ? severityIfAssumed : severity, report) });
  } catch (error) {
    if (!(error instanceof UnknownValueError)) throw error;
  }
  return found;
}

function rulesByKind(severities: LintOptions["severities"]): Map<string, EnabledRule[]> {
  const byKind = new Map<string, EnabledRule[]>();
  for (const rule of rules) {
    const chosen = severities[rule.id];
    if (chosen === "off") continue;
    const usual = rule.severity === Severity.Error ? Severity.Warning : rule.severity;
    const enabled = { rule, severity: chosen ?? rule.severity, severityIfAssumed: chosen ?? usual };
    for (const kind of rule.kinds) byKind.set(kind, [...(byKind.get(kind) ?? []), enabled]);
  }
  return byKind;
}

function findingOf(rule: string, severity: Severity, { at, message, fix }: Report): Finding {
  const { object } = at;
  const place = object.positionOf(at.nearest.path);
  return {
    rule,
    severity,
    file: object.origin.name,
    path: at.pathText === "" ? object.title : `${object.title}: ${at.pathText}`,
    ...place,
    message,
    fix,
  };
}

/** Without what a comment accepts, and with what is wrong with the comments themselves. */
function withoutSuppressed(source: YamlSource, found: readonly Found[]): Found[] {
  const suppressions = suppressionsIn(source.text);
  if (suppressions.length === 0) return [...found];
  const used = new Set<Suppression>();
  const placed = suppressions.flatMap((suppression) =>
    (suppression.lines ?? [undefined]).map((line) => ({ line, suppression })),
  );
  // Those about the whole file are at `undefined`.
  const byLine = grouped(placed, ({ line }) => line);
  const kept = found.filter(({ finding }) => {
    const speaking = [...(byLine.get(undefined) ?? []), ...(byLine.get(finding.line ?? 0) ?? [])];
    const by = speaking.find(({ suppression }) => suppression.rules.includes(finding.rule))?.suppression;
    if (by !== undefined) used.add(by);
    return by === undefined;
  });
  return [
    ...kept,
    ...suppressions.flatMap((suppression) => aboutSuppression(source, suppression, used.has(suppression))),
  ];
}

const suppressionRule = "suppression";

function aboutSuppression(
  { name, objects }: YamlSource,
  { line, rules: ids, reason }: Suppression,
  used: boolean,
): Found[] {
  const [first] = objects;
  if (first === undefined) return [];
  const about = (message: string, fix: string): Found => ({
    report: { at: first.field, message, fix },
    finding: { rule: suppressionRule, severity: Severity.Warning, file: name, path: "", line, column: 1, message, fix },
  });
  const unknown = ids.filter((id) => !rules.some((rule) => rule.id === id));
  if (unknown.length > 0)
    return [about(`There is no rule ${unknown.join(", ")}.`, "Correct the name, or remove the comment.")];
  if (reason === "")
    return [
      about(
        `The comment accepts ${ids.join(", ")} and does not say why.`,
        "Add the reason after `--`: the next reader cannot ask you.",
      ),
    ];
  return used
    ? []
    : [about(`The comment accepts ${ids.join(", ")}, which finds nothing there.`, "Remove the comment.")];
}

/**
 * A text with what a machine may mend, and how many changes that took. Of two findings that change one field the first is mended; the
 * other is for the next run.
 */
export function fixed(source: YamlSource, options: LintOptions): { text: string; made: number } {
  const taken = new Map<LintedObject, Set<string>>();
  const edits = findings([source], options).flatMap(({ report }): TextEdit[] => {
    const fields = (report.edits ?? []).map(({ path }) => report.at.object.get(...path).pathText);
    const ofObject = taken.get(report.at.object) ?? new Set();
    if (fields.some((field) => ofObject.has(field))) return [];
    taken.set(report.at.object, new Set([...ofObject, ...fields]));
    const changes = (report.edits ?? []).map((edit) => report.at.object.textEditOf(edit));
    // All changes of a finding or none.
    return changes.some((change) => change === undefined) ? [] : changes.filter((change) => change !== undefined);
  });
  return applyTextEdits(source.text, edits);
}
