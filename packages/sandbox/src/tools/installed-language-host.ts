import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { pulumiVersion } from "./families";

const program = "pulumi-language-nodejs";
const answerMs = 10_000;

/**
 * Pulumi's own Node.js language host, where it is on the PATH and not older than the Pulumi that the sandbox builds. The
 * sandbox's own host, which follows a shell's PATH too after `sandbox env`, has a suffix in its version and is not taken.
 */
export async function installedLanguageHost(
  searchPath = process.env.PATH ?? "",
): Promise<{ path: string; version: string } | undefined> {
  const path = searchPath
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, program))
    .find(isExecutable);
  if (path === undefined) return undefined;
  const { stdout, failed } = await execa(path, ["-version"], { reject: false, stdin: "ignore", timeout: answerMs });
  const version = stdout.trim().replace(/^v/, "");
  return !failed && fits(version) ? { path: realpathSync(path), version } : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The protocol only grows within a major version. */
function fits(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  const [ourMajor, ourMinor] = pulumiVersion.split(".");
  return major === ourMajor && Number(minor) >= Number(ourMinor);
}
