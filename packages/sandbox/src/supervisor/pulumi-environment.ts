import { delimiter, dirname } from "node:path";
import type { SandboxFiles } from "./sandbox-directory";

/**
 * Environment of every `pulumi` call against a sandbox: its own home, plugins and state, nothing of the user's, and no network.
 * @param searchPath The PATH that follows the sandbox's own programs.
 */
export function pulumiEnvironment(
  files: SandboxFiles,
  programs: { pulumi: string; languageHost: string },
  passphrase: string,
  searchPath: string,
): Record<string, string> {
  return {
    PATH: [dirname(programs.pulumi), dirname(programs.languageHost), searchPath].join(delimiter),
    PULUMI_HOME: files.pulumiHome,
    PULUMI_BACKEND_URL: `file://${files.pulumiState}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    KUBECONFIG: files.kubeconfig,
  };
}
