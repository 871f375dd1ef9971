import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import {
  formatProblems,
  lintConfigurationName,
  lintSources,
  loadConfigurationFile,
  parseConfiguration,
} from "vllm-serving/config";
import {
  decoded,
  isLinted,
  type LintSource,
  type ReleaseTexts,
  readYaml,
  refuseLargeText,
  UnusableInput,
  type YamlSource,
} from "vllm-serving/lint";
import { environmentFile } from "../environment-file";
import { type FoundConfiguration, isIgnored } from "./configuration";

/** Reads files, and below folders all that end in `.yaml`, `.yml` or `.json`, but for what the configuration leaves out. */
export function readFiles(paths: readonly string[], configuration: FoundConfiguration): YamlSource[] {
  const files = paths.flatMap(filesAt).filter((file) => basename(file) !== lintConfigurationName);
  return files.filter((file) => !isIgnored(file, configuration)).map(readFile);
}

/** Of what was named, where nothing is that rules read. */
export function withoutLinted(paths: readonly string[], sources: readonly LintSource[]): string[] {
  const names = sources.filter(({ objects }) => objects.some(isLinted)).map(({ name }) => name);
  return paths.filter((path) => !names.some((name) => name === path || !relative(path, name).startsWith("..")));
}

function filesAt(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new UnusableInput(path, "There is no such file.");
  if (!stats.isDirectory()) return [path];
  const found = readdirSync(path, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.(ya?ml|json)$/.test(file) && !file.includes("node_modules"),
  );
  return found.sort().map((file) => join(path, file));
}

function readFile(path: string): YamlSource {
  refuseLargeText(path, statSync(path).size);
  return readYaml(path, decoded(path, readFileSync(path)));
}

/** Reads a stream to its end, or until it is too large. */
export async function readStream(name: string, stream: AsyncIterable<Buffer | string>): Promise<YamlSource> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    bytes += buffer.length;
    refuseLargeText(name, bytes);
    chunks.push(buffer);
  }
  return readYaml(name, decoded(name, Buffer.concat(chunks)));
}

/**
 * What an environment renders: no passphrase is needed, because nothing encrypted is read.
 *
 * @param said releases that are others than the environment's
 */
export function renderedEnvironment(environment: string, said: Partial<ReleaseTexts>): LintSource[] {
  const file = environmentFile(environment);
  const parsed = parseConfiguration(loadConfigurationFile(file));
  if (!parsed.ok) throw new UnusableInput(file, `Its configuration is wrong:\n${formatProblems(parsed.problems)}`);
  return lintSources(file, parsed.configuration, said);
}
