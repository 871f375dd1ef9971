import { writeFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { lintConfigurationName } from "vllm-serving/config";
import {
  defaultScrapeIntervalSeconds,
  defaultStartupSeconds,
  fixed,
  isAtLeast,
  type LintOptions,
  type LintSource,
  lint,
  lintedVersions,
  lintOptions,
  type ReleaseTexts,
  readYaml,
  rules,
  Severity,
  UnusableInput,
  type YamlSource,
} from "vllm-serving/lint";
import { positiveSeconds } from "../endpoint/endpoint-flags";
import { clusterObjects } from "../lint/cluster";
import { configurationFor, type FoundConfiguration } from "../lint/configuration";
import { type Format, formats, formatted } from "../lint/formats";
import { readFiles, readStream, renderedEnvironment, withoutLinted } from "../lint/sources";

interface LintFlags extends Partial<ReleaseTexts> {
  env?: string;
  context?: string;
  namespace?: string;
  kubeconfig?: string;
  config?: string;
  format: Format;
  json?: boolean;
  fix?: boolean;
  failOn?: Severity;
  rule: LintOptions["severities"];
  scrapeInterval?: number;
  startup?: number;
}

const help = `
Objects that say something about each other, such as a ScaledObject and the HPA on the same workload, are looked at together: give them in one call.
A comment accepts a finding, on its line or alone above it, with a reason:
  # vllm-serving: ignore max-replicas-unset -- the quota of the namespace holds it
What holds for all of a project stands in ${lintConfigurationName}; options go before it.

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 the input cannot be read.

Examples:
  $ vllm-serving lint scaled-object.yaml
  $ kubectl get scaledobjects,hpa,inferenceservices -A -o yaml | vllm-serving lint -
  $ vllm-serving lint --env openshift --fail-on warning
  $ vllm-serving lint --context production --namespace models
  $ vllm-serving lint manifests --format sarif > lint.sarif`;

/** `vllm-serving lint`: what is wrong with scaling policies and what they rely on. */
export function configureLintCommand(command: Command): void {
  const release = (name: keyof typeof lintedVersions, what: string) =>
    new Option(`--${name} <release>`, `${what}: ${lintedVersions[name]} unless it is said`);
  command
    .argument("[files...]", "YAML or JSON files, folders, or - for the standard input")
    .option("--env <name>", "instead of files: what the environment Pulumi.<name>.yaml renders")
    .option("--context <name>", "instead of files: what is on the cluster of this context of the kubeconfig")
    .option("--namespace <name>", "with --context: only what is in this namespace")
    .option(
      "--kubeconfig <file>",
      "with --context: the kubeconfig; KUBECONFIG's or the home directory's unless it is said",
    )
    .option("--config <file>", `the linter's configuration instead of the nearest ${lintConfigurationName}`)
    .addOption(new Option("--format <format>", "how findings are written").choices(formats).default("pretty"))
    .option("--json", "the same as --format json")
    .option("--fix", "change the files where that cannot make anything worse")
    .addOption(
      new Option("--fail-on <severity>", "least severity that fails: error unless it is said").choices(
        Object.values(Severity),
      ),
    )
    .addOption(
      new Option("--rule <rule=severity>", "another severity for a rule, or off; can be repeated")
        .default({}, "each rule's own")
        .argParser(severityOfRule),
    )
    .addOption(release("vllm", "release of vLLM that serves"))
    .addOption(release("keda", "release of KEDA, or that inside the Custom Metrics Autoscaler"))
    .addOption(release("kubernetes", "release of Kubernetes"))
    .addOption(release("kserve", "release of KServe"))
    .addOption(
      new Option(
        "--scrape-interval <seconds>",
        `between two scrapes, where no monitor among the objects says so: ${defaultScrapeIntervalSeconds} unless it is said`,
      ).argParser(positiveSeconds),
    )
    .addOption(
      new Option(
        "--startup <seconds>",
        `until a new replica answers, where no object says so: ${defaultStartupSeconds} unless it is said`,
      ).argParser(positiveSeconds),
    )
    .addHelpText("after", help)
    .action(async (files: string[], flags: LintFlags) => {
      try {
        await lintFiles(files, flags);
      } catch (error) {
        if (!(error instanceof UnusableInput)) throw error;
        console.error(error.message);
        process.exitCode = 2;
      }
    });
}

async function lintFiles(files: readonly string[], flags: LintFlags): Promise<void> {
  const configuration = configurationFor(files, flags.config);
  const options = optionsOf(flags, configuration);
  const sources = await sourcesOf(files, flags, configuration);
  const linted =
    flags.fix === true ? sources.map((source) => ("text" in source ? fixFile(source, options) : source)) : sources;
  const findings = lint(linted, options);
  for (const path of withoutLinted(files.includes("-") ? ["<stdin>"] : files, linted)) {
    console.error(`${path}: There is no object in it that is linted. An object has apiVersion and kind.`);
  }
  const shown = new Map(linted.flatMap((source) => ("text" in source ? [[source.name, source.text] as const] : [])));
  const text = formatted(flags.json === true ? "json" : flags.format, findings, shown);
  if (text !== "") console.log(text);
  const failOn = flags.failOn ?? configuration.failOn ?? Severity.Error;
  if (findings.some(({ severity }) => isAtLeast(severity, failOn))) process.exitCode = 1;
}

/** What the options say goes before the configuration file. */
function optionsOf(flags: LintFlags, configuration: FoundConfiguration): LintOptions {
  const { scrapeInterval, startup } = flags;
  return lintOptions({
    ...configuration,
    versions: releasesSaid(flags, configuration),
    ...(scrapeInterval !== undefined && { scrapeIntervalSeconds: scrapeInterval }),
    ...(startup !== undefined && { startupSeconds: startup }),
    severities: { ...configuration.severities, ...flags.rule },
  });
}

function releasesSaid(
  { vllm, keda, kubernetes, kserve }: LintFlags,
  { versions }: FoundConfiguration,
): Partial<ReleaseTexts> {
  const said = Object.entries({ vllm, keda, kubernetes, kserve }).filter(([, version]) => version !== undefined);
  return { ...versions, ...Object.fromEntries(said) };
}

async function sourcesOf(
  files: readonly string[],
  flags: LintFlags,
  configuration: FoundConfiguration,
): Promise<LintSource[]> {
  const { env, context, namespace, kubeconfig, fix } = flags;
  const given = [files.length > 0, env !== undefined, context !== undefined].filter(Boolean);
  if (given.length > 1) throw new Error("Give files, --env or --context, and not two of them.");
  if (context === undefined && (namespace ?? kubeconfig) !== undefined)
    throw new Error("--namespace and --kubeconfig say what is read with --context: give it too.");
  if (context !== undefined) {
    if (fix === true) throw new Error("--fix changes files. What is on a cluster is changed where it comes from.");
    const only = { ...(namespace !== undefined && { namespace }), ...(kubeconfig !== undefined && { kubeconfig }) };
    return [await clusterObjects({ context, ...only })];
  }
  if (env !== undefined) {
    if (fix === true)
      throw new Error("--fix changes files. What an environment renders is changed in its configuration.");
    return renderedEnvironment(env, releasesSaid(flags, configuration));
  }
  if (files.length === 0)
    throw new Error(
      "Give files or folders, - for the standard input, an environment with --env, or a cluster with --context.",
    );
  if (!files.includes("-")) return readFiles(files, configuration);
  if (files.length > 1) throw new Error("Give - alone: the standard input is one text.");
  if (fix === true) throw new Error("--fix changes files, and the standard input is none.");
  return [await readStream("<stdin>", process.stdin)];
}

/** @returns what is in the file then; what two changes at one place left is for the next run */
function fixFile(source: YamlSource, options: LintOptions): YamlSource {
  const { text, made } = fixed(source, options);
  if (made === 0) return source;
  const changed = readable(source.name, text);
  if (changed instanceof UnusableInput) {
    console.error(`${source.name}: nothing is changed, because the changes would break it. ${changed.reason}`);
    return source;
  }
  writeFileSync(source.name, text);
  console.error(`${source.name}: ${made} ${made === 1 ? "change" : "changes"} made.`);
  return changed;
}

function readable(name: string, text: string): YamlSource | UnusableInput {
  try {
    return readYaml(name, text);
  } catch (error) {
    if (error instanceof UnusableInput) return error;
    throw error;
  }
}

function severityOfRule(text: string, before: LintOptions["severities"]): LintOptions["severities"] {
  const [id = "", severity = ""] = text.split("=");
  if (!rules.some((rule) => rule.id === id)) throw new InvalidArgumentError(`There is no rule ${id}.`);
  const found = [...Object.values(Severity), "off" as const].find((known) => known === severity);
  if (found === undefined) throw new InvalidArgumentError(`${severity} is none of error, warning, info and off.`);
  return { ...before, [id]: found };
}
