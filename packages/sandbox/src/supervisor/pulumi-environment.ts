import { copyFileSync, linkSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";
import { shellQuoted } from "../shell-quoted";
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

/** The compiled program; the same from `src` and `dist`. */
const dynamicProviderProgram = resolve(__dirname, "..", "..", "dist", "supervisor", "dynamic-provider.js");

/** The SDK's own script has a shell between Pulumi and the provider, which would not see that Pulumi is gone. */
const dynamicProvider = `#!/bin/sh\nexec ${shellQuoted(process.execPath)} ${shellQuoted(dynamicProviderProgram)} "$@"\n`;

/**
 * Puts Pulumi's programs into one folder of the sandbox, with its provider for dynamic resources, which the SDK brings. The command line warns at each run about a language host that is
 * not beside it; it looks where its own file is, so a symbolic link would not do.
 */
export function gatherPrograms(directory: string, programs: string[]): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, "pulumi-resource-pulumi-nodejs"), dynamicProvider, { mode: 0o755 });
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
