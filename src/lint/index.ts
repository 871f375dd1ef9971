export { type Finding, Severity } from "./finding";
export { fixed, type LintOptions, type LintSource, lint } from "./lint";
export type { Rule } from "./rule";
export { rules } from "./rules";
export { LintedObject } from "./source/linted-object";
export { readYaml, refuseLargeText, UnusableInput, type YamlSource } from "./source/yaml-source";
export { lintedVersions, parseLintVersions } from "./versions";
