import type { EnforcementLevel, Policies, Policy } from "@pulumi/policy";
import { findLintConfiguration, type LintConfiguration, loadLintConfiguration } from "vllm-serving/config";
import { isAtLeast, type Rule, rules, Severity } from "vllm-serving/lint";
import { packSettings, settingsSchema } from "./settings";
import { type ResourceFinding, StackLint } from "./stack-lint";

/**
 * A policy for each rule of the linter, by the id of the rule, and `settings`, which stands first and looks at the stack for all
 * of them. A rule is mandatory where its severity fails the linter, otherwise advisory.
 *
 * @param configuration what the linter's configuration file says: by default the nearest upwards from the pack's folder
 */
export function lintPolicies(configuration: LintConfiguration = nearestConfiguration()): Policies {
  const stack = new StackLint();
  // A rule that is off can be switched on again in the configuration of the pack.
  const severities = Object.fromEntries(
    Object.entries(configuration.severities ?? {}).filter(([, severity]) => severity !== "off"),
  );
  return [
    {
      name: "settings",
      description: "Looks at the objects of the stack for all other policies. Disabled, none of them finds anything.",
      // Only at this level a policy is told what is secret.
      enforcementLevel: "remediate",
      configSchema: settingsSchema,
      remediateResource: (args) => stack.record(args),
      validateStack: (args) => stack.run(args, packSettings(args.getConfig(), { ...configuration, severities })),
    },
    ...rules.map((rule) => rulePolicy(rule, configuration, stack)),
  ];
}

function nearestConfiguration(): LintConfiguration {
  const path = findLintConfiguration(process.cwd());
  return path === undefined ? {} : loadLintConfiguration(path);
}

const importance: Record<Severity, NonNullable<Policy["severity"]>> = { error: "high", warning: "medium", info: "low" };

function rulePolicy(rule: Rule, { severities, failOn = Severity.Error }: LintConfiguration, stack: StackLint) {
  const severity = severities?.[rule.id] ?? rule.severity;
  const report = (_args: unknown, reportViolation: (message: string, urn: string) => void): void => {
    for (const found of stack.findingsOf(rule.id)) reportViolation(message(rule, found), found.urn);
  };
  return {
    name: rule.id,
    description: `${rule.title}.`,
    enforcementLevel: levelOf(severity, failOn),
    severity: importance[severity === "off" ? rule.severity : severity],
    remediationSteps: rule.fix,
    configSchema: {
      properties: { reason: { description: "Why the policy has another level here.", type: "string" as const } },
    },
    // Pulumi builds all resources of the stack anew for each policy that has this, when its turn comes: none for nothing to say.
    get validateStack() {
      return stack.mayFind(rule.id) ? report : undefined;
    },
  };
}

function levelOf(severity: Severity | "off", failOn: Severity): EnforcementLevel {
  if (severity === "off") return "disabled";
  return isAtLeast(severity, failOn) ? "mandatory" : "advisory";
}

function message(rule: Rule, { finding }: ResourceFinding): string {
  return finding === undefined
    ? `Values are not shown: some of this stack may be secret, and nothing says which. Fix: ${rule.fix}`
    : `${finding.path}: ${finding.message} Fix: ${finding.fix}`;
}
