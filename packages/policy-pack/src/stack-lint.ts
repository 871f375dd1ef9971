import type { PolicyResource, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { type Finding, isAtLeast, LintedObject, lint, lintedKinds } from "vllm-serving/lint";
import { kubernetesKind, kubernetesObject } from "./plain-object";
import type { PackSettings } from "./settings";

/** A finding at a resource. */
export interface ResourceFinding {
  urn: string;
  /** Absent where a value in it may be a secret. */
  finding?: Finding;
}

const kinds: ReadonlySet<string> = new Set(lintedKinds.map(({ kind }) => kind));

/** All objects of a stack and what is wrong with them. */
export class StackLint {
  /** What the program asks for, by URN, without its secrets. */
  private readonly inputs = new Map<string, object>();
  private byRule: ReadonlyMap<string, ResourceFinding[]> = new Map();

  record({ urn, type, props }: ResourceValidationArgs): void {
    if (isLinted(type)) this.inputs.set(urn, kubernetesObject(type, props));
  }

  run({ resources }: StackValidationArgs, { options, minimumSeverity }: PackSettings): void {
    const linted = resources.filter(({ type }) => isLinted(type));
    // What was read from a cluster, and what a targeted update leaves alone, comes without word of what is secret in it.
    const secretsAreKnown = linted.every(({ urn }) => this.inputs.has(urn));
    const objects = linted.map((resource) => new LintedObject({ name: resource.urn }, this.objectOf(resource)));
    const byRule = new Map<string, ResourceFinding[]>();
    for (const finding of lint([{ name: "stack", objects }], options)) {
      if (!isAtLeast(finding.severity, minimumSeverity)) continue;
      const found = { urn: finding.file, ...(secretsAreKnown && { finding }) };
      byRule.set(finding.rule, [...(byRule.get(finding.rule) ?? []), found]);
    }
    this.byRule = byRule;
  }

  findingsOf(rule: string): readonly ResourceFinding[] {
    return this.byRule.get(rule) ?? [];
  }

  private objectOf({ urn, type, props }: PolicyResource): object {
    return this.inputs.get(urn) ?? kubernetesObject(type, props);
  }
}

function isLinted(type: string): boolean {
  return kinds.has(kubernetesKind(type) ?? "");
}
