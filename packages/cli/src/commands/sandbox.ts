import { type Command, InvalidArgumentError, Option } from "commander";
import { formatProblems, loadConfigurationFile, parseConfiguration, stackFileText } from "vllm-serving/config";
import { abortOnSignals } from "../abort";
import { drawProgress } from "../progress";
import { loadSandbox } from "../sandbox-package";
import { addMeasureCommand } from "./sandbox-measure";
import { pruneText, shellQuote, statusText, upText } from "./sandbox-text";

const nameOption = (): Option =>
  new Option("--name <name>", "name of the sandbox; several run side by side").default("default");
const jsonOption = (): Option => new Option("--json", "print JSON instead of text");

/** `vllm-serving sandbox up | down | status | env | configuration | tools | measure`. */
export function configureSandboxCommand(sandbox: Command): void {
  sandbox
    .command("up")
    .description("start a sandbox; building its tools first takes about 25 minutes, once")
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (options: { name: string; json?: boolean }) => {
      const { up, status } = await loadSandbox();
      const progress = drawProgress();
      const begin = performance.now();
      const state = await abortOnSignals((signal) => up({ name: options.name, onProgress: progress, signal })).finally(
        progress.stop,
      );
      if (options.json === true) return print(state);
      const seconds = (performance.now() - begin) / 1000;
      console.log(upText(state, seconds, await status(options.name)));
    });

  sandbox
    .command("down")
    .description("stop a sandbox and remove everything of it")
    .addOption(nameOption())
    .option("--keep-logs", "leave the folder with the logs")
    .action(async (options: { name: string; keepLogs?: boolean }) => {
      const { down } = await loadSandbox();
      const found = await down(options.name, { keepLogs: options.keepLogs === true });
      console.log(found ? `Sandbox ${options.name} is down.` : `There was no sandbox ${options.name}.`);
    });

  sandbox
    .command("status")
    .description("what runs, how much memory it takes, where its logs are; exit code 1 unless all of it runs")
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (options: { name: string; json?: boolean }) => {
      const { status } = await loadSandbox();
      const found = await status(options.name);
      if (found === undefined) {
        process.exitCode = 1;
        return options.json === true ? print(null) : console.error(`There is no sandbox ${options.name}.`);
      }
      if (!found.healthy) process.exitCode = 1;
      if (options.json === true) print(found);
      else console.log(statusText(found));
    });

  sandbox
    .command("env")
    .description("print the environment of pulumi and kubectl for a sandbox, as shell exports")
    .addOption(nameOption())
    .action(async (options: { name: string }) => {
      const { status } = await loadSandbox();
      const found = await status(options.name);
      if (found === undefined)
        throw new Error(`There is no sandbox ${options.name}: vllm-serving sandbox up --name ${options.name}`);
      if (found.phase === "starting") throw new Error(`Sandbox ${options.name} is still starting: wait for it.`);
      console.log(shellExports(found.state.pulumiEnvironment, found.state.programsDirectory));
    });

  sandbox
    .command("configuration")
    .description(
      "print a stack's configuration as it can run in a sandbox: same models and bounds, the sandbox's cluster and delays, nothing exposed",
    )
    .argument("<file>", "stack configuration, e.g. Pulumi.kubernetes.yaml")
    .addHelpText("after", "\nExample:\n  $ vllm-serving sandbox configuration Pulumi.kubernetes.yaml > Pulumi.try.yaml")
    .action(async (file: string) => {
      const { expectedObjects, sandboxConfiguration } = await loadSandbox();
      const parsed = parseConfiguration(loadConfigurationFile(file));
      if (!parsed.ok) throw new Error(`${file} cannot be used:\n${formatProblems(parsed.problems)}`);
      const configuration = sandboxConfiguration(parsed.configuration);
      const expected = expectedObjects(configuration);
      if (expected.length > 0) console.log(`# To be made first: ${expected.join(", ")}.`);
      console.log(stackFileText(configuration).trimEnd());
    });

  sandbox
    .command("tools")
    .description("build what is missing or damaged of the sandbox's tools, without starting anything")
    .option("--prune", "instead, remove tools of other versions that no sandbox uses")
    .addOption(
      new Option("--unused-days <days>", "with --prune: keep what was used within so many days")
        .default(14)
        .argParser(wholeDays),
    )
    .addOption(jsonOption())
    .action(async (options: { prune?: boolean; unusedDays: number; json?: boolean }) => {
      const { ensureTools, pruneTools } = await loadSandbox();
      if (options.prune === true) {
        const pruned = await pruneTools({ unusedDays: options.unusedDays });
        return options.json === true ? print(pruned) : console.log(pruneText(pruned));
      }
      const progress = drawProgress();
      const tools = await abortOnSignals((signal) =>
        ensureTools({ onProgress: progress, signal, checkContents: true }),
      ).finally(progress.stop);
      if (options.json === true) print(tools);
    });

  addMeasureCommand(sandbox);
}

function wholeDays(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a whole number of days.");
}

/** `export` lines for a POSIX shell. The shell's own PATH stays, behind the sandbox's programs. */
export function shellExports(environment: Record<string, string>, programsDirectory: string): string {
  return Object.entries(environment)
    .map(([name, value]) =>
      name === "PATH" ? `export PATH=${shellQuote(programsDirectory)}:"$PATH"` : `export ${name}=${shellQuote(value)}`,
    )
    .join("\n");
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}
