import { type Finding, rules, type Severity } from "vllm-serving/lint";
import { terminalColours } from "../colours";
import { sarifLog } from "./sarif";

/** The texts that findings are in, by file, for code frames. */
export type Texts = ReadonlyMap<string, string>;

export const formats = ["pretty", "json", "sarif", "github"] as const;
export type Format = (typeof formats)[number];

export function formatted(format: Format, findings: readonly Finding[], texts: Texts): string {
  switch (format) {
    case "pretty":
      return pretty(findings, texts);
    case "json":
      return JSON.stringify({ findings: findings.map(published) }, null, 2);
    case "sarif":
      return JSON.stringify(sarifLog(findings, rules), null, 2);
    case "github":
      return findings.map(annotation).join("\n");
  }
}

/** A finding with its keys in a fixed order. */
function published({ rule, severity, file, path, line, column, message, fix }: Finding): Finding {
  return {
    rule,
    severity,
    file,
    path,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    message,
    fix,
  };
}

const colors: Record<Severity, (text: string) => string> = {
  error: terminalColours.red,
  warning: terminalColours.yellow,
  info: terminalColours.cyan,
};

function pretty(findings: readonly Finding[], texts: Texts): string {
  if (findings.length === 0) return "Nothing to complain about.";
  const lines: Lines = new Map([...texts].map(([file, text]) => [file, text.split("\n")]));
  return [...findings.map((finding) => block(finding, lines)), summary(findings)].join("\n\n");
}

/** Files by their lines. */
type Lines = ReadonlyMap<string, readonly string[]>;

function block(finding: Finding, lines: Lines): string {
  const { severity, rule, file, line, column, path, message, fix } = finding;
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return [
    `${colors[severity](severity)} ${terminalColours.bold(rule)}  ${place}`,
    ...(path === "" ? [] : [terminalColours.dim(`  ${path}`)]),
    ...codeFrame(lines.get(file), line, column),
    `  ${message}`,
    `  ${terminalColours.green("fix:")} ${fix}`,
  ].join("\n");
}

/** The widest line shown; a query can be longer than a screen. */
const widestLine = 120;

/** The line before, the line itself, and where on it. */
function codeFrame(
  lines: readonly string[] | undefined,
  line: number | undefined,
  column: number | undefined,
): string[] {
  if (lines === undefined || line === undefined) return [];
  const width = `${line}`.length;
  const shown = (number: number) => {
    const code = (lines[number - 1] ?? "").replaceAll("\t", " ").trimEnd();
    return (
      terminalColours.dim(`  ${`${number}`.padStart(width)} | `) +
      (code.length > widestLine ? `${code.slice(0, widestLine)}…` : code)
    );
  };
  const marker = `  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, (column ?? 1) - 1))}^`;
  return [...(line > 1 ? [shown(line - 1)] : []), shown(line), terminalColours.dim(marker)];
}

function summary(findings: readonly Finding[]): string {
  const counts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const noun = severity === "info" ? "note" : severity;
    return count === 0 ? [] : [colors[severity](`${count} ${noun}${count === 1 ? "" : "s"}`)];
  });
  return counts.join(", ");
}

const levels: Record<Severity, string> = { error: "error", warning: "warning", info: "notice" };

/** A workflow command of GitHub Actions, which shows the finding on the line of the change. */
function annotation({ severity, rule, file, line, column, message, fix }: Finding): string {
  const properties = [
    `file=${property(file)}`,
    ...(line === undefined ? [] : [`line=${line}`]),
    ...(column === undefined ? [] : [`col=${column}`]),
    `title=${property(rule)}`,
  ];
  return `::${levels[severity]} ${properties.join(",")}::${data(`${message} Fix: ${fix}`)}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
