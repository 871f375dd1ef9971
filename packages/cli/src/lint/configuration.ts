import { statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import ignore from "ignore";
import { findLintConfiguration, type LintConfiguration, loadLintConfiguration } from "vllm-serving/config";
import { UnusableInput } from "vllm-serving/lint";

/** The configuration in force, and where it stands; paths in it are below that folder. */
export interface FoundConfiguration extends LintConfiguration {
  path?: string;
}

/**
 * The configuration file that was named, or the nearest upwards from what is linted, or from here.
 *
 * @throws UnusableInput where what is linted together has several
 */
export function configurationFor(files: readonly string[], named: string | undefined): FoundConfiguration {
  const [path, other] = named === undefined ? nearest(files) : [resolve(named)];
  if (other !== undefined)
    throw new UnusableInput(`${path}`, `${other} speaks about files of this call too. Name one of them with --config.`);
  return path === undefined ? {} : { ...loadLintConfiguration(path), path };
}

function nearest(files: readonly string[]): string[] {
  const folders = files.length === 0 || files.includes("-") ? ["."] : files.map(folderOf);
  return [...new Set(folders.flatMap((folder) => findLintConfiguration(folder) ?? []))];
}

function folderOf(file: string): string {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true ? file : dirname(file);
}

/** Whether a configuration leaves a file out. */
export function isIgnored(file: string, { path, ignore: patterns = [] }: FoundConfiguration): boolean {
  if (path === undefined) return false;
  const below = relative(dirname(path), resolve(file));
  // Patterns say nothing about what is elsewhere.
  return (
    ignore.isPathValid(below) &&
    ignore()
      .add([...patterns])
      .ignores(below)
  );
}
