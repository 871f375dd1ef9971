import type { PolicyResource, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { runtime } from "@pulumi/pulumi";
import { type Finding, isAtLeast, LintedObject, lint, lintedKinds } from "vllm-serving/lint";
import { kubernetesKind, kubernetesObject, withoutDefaultNamespace } from "./plain-object";
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
  /** Absent until the stack has been looked at. */
  private byRule: ReadonlyMap<string, ResourceFinding[]> | undefined;

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
    return this.byRule?.get(rule) ?? [];
  }

  /** Whether a rule has something to say, as far as is known. */
  mayFind(rule: string): boolean {
    return this.byRule?.has(rule) ?? true;
  }

  private objectOf({ urn, type, props, propertyDependencies }: PolicyResource): object {
    const object = this.inputs.get(urn) ?? kubernetesObject(type, props);
    const isComputed = runtime.isDryRun() && (propertyDependencies.metadata ?? []).length > 0;
    return isComputed ? withoutDefaultNamespace(object) : object;
  }
}

function isLinted(type: string): boolean {
  return kinds.has(kubernetesKind(type) ?? "");
}
