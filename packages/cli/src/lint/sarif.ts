import type { Finding, Rule, Severity } from "vllm-serving/lint";

const levels: Record<Severity, string> = { error: "error", warning: "warning", info: "note" };

/** A log of SARIF 2.1.0, which code scanners read. Rules without a finding are left out. */
export function sarifLog(findings: readonly Finding[], rules: readonly Rule[]) {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "vllm-serving lint",
            rules: ids.map((id) =>
              descriptor(
                id,
                rules.find((rule) => rule.id === id),
              ),
            ),
          },
        },
        results: findings.map((finding) => ({
          ruleId: finding.rule,
          ruleIndex: ids.indexOf(finding.rule),
          level: levels[finding.severity],
          message: { text: `${finding.message} Fix: ${finding.fix}` },
          locations: [location(finding)],
        })),
      },
    ],
  };
}

function descriptor(id: string, rule: Rule | undefined) {
  if (rule === undefined) return { id };
  return {
    id,
    shortDescription: { text: rule.title },
    fullDescription: { text: `${rule.happens} ${rule.why}` },
    help: { text: rule.fix },
    defaultConfiguration: { level: levels[rule.severity] },
  };
}

function location({ file, line, column, path }: Finding) {
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(file.replaceAll("\\", "/")) },
      ...(line === undefined ? {} : { region: { startLine: line, startColumn: column ?? 1 } }),
    },
    logicalLocations: [{ fullyQualifiedName: path }],
  };
}
