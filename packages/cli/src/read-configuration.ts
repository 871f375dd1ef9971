import { type Configuration, formatProblems, loadConfigurationFile, parseConfiguration } from "vllm-serving/config";
import { environmentFile } from "./environment-file";

/** The configuration's file that a command is given, or that of an environment. */
export function sourceOf(file: string | undefined, environment: string | undefined): string {
  if (file !== undefined && environment !== undefined) throw new Error("Give a file or --env, not both.");
  if (environment !== undefined) return environmentFile(environment);
  if (file === undefined) throw new Error("Give the configuration's file, or its environment with --env.");
  return file;
}

/** What is in the file; `undefined` where that is wrong, which is then printed and makes the exit code 1. Nothing encrypted is read. */
export function readConfiguration(source: string, asJson: boolean): Configuration | undefined {
  const parsed = parseConfiguration(loadConfigurationFile(source));
  if (parsed.ok) return parsed.configuration;
  const { problems } = parsed;
  process.exitCode = 1;
  if (asJson) printJson({ problems });
  else {
    const count = `${problems.length} ${problems.length === 1 ? "problem" : "problems"}`;
    console.error(`${source} has ${count}:\n${formatProblems(problems)}`);
  }
  return undefined;
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
