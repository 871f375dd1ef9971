import { copyFileSync, linkSync, mkdirSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import type { SandboxFiles } from "./sandbox-directory";

/**
 * Environment of every `pulumi` call against a sandbox: its own home, plugins and state, nothing of the user's, and no network.
 * @param searchPath The PATH that follows the sandbox's own programs.
 */
export function pulumiEnvironment(files: SandboxFiles, passphrase: string, searchPath: string): Record<string, string> {
  return {
    PATH: [files.pulumiPrograms, searchPath].join(delimiter),
    PULUMI_HOME: files.pulumiHome,
    PULUMI_BACKEND_URL: `file://${files.pulumiState}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    KUBECONFIG: files.kubeconfig,
    // Pulumi's parts talk to each other over 127.0.0.1, which a proxy of the user's must not see.
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
  };
}

/** Pulumi's own provider for dynamic resources, which its SDK brings; releases of Pulumi have it beside the command line. */
export function dynamicProviderProgram(): string {
  return join(dirname(require.resolve("@pulumi/pulumi/package.json")), "pulumi-resource-pulumi-nodejs");
}

/**
 * Puts Pulumi's programs into one folder of the sandbox. The command line warns at each run about a language host that is
 * not beside it; it looks where its own file is, so a symbolic link would not do.
 */
export function gatherPrograms(directory: string, programs: string[]): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const program of programs) {
    const target = join(directory, basename(program));
    try {
      linkSync(program, target);
    } catch {
      // Another file system, or one without hard links.
      copyFileSync(program, target);
    }
  }
}
