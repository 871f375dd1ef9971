import type { LintOptions } from "../../../src/lint";
import type { LintVersions } from "../../../src/lint/rule";
import { parseVersion } from "../../../src/policy/version";
import { versions } from "../../../src/versions";

function version(text: string) {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

/** The newest of everything, as the command line has it. */
const newest: LintVersions = {
  vllm: version(versions.vllm),
  keda: version(versions.keda),
  kubernetes: version(versions.kubernetes),
  kserve: version(versions.kserve),
};

export function options(changes: Partial<LintVersions> = {}, severities: LintOptions["severities"] = {}): LintOptions {
  return { versions: { ...newest, ...changes }, scrapeIntervalSeconds: 30, startupSeconds: 120, severities };
}
