import { writeFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type Finding,
  fixed,
  type LintOptions,
  type LintSource,
  lint,
  lintedVersions,
  parseLintVersions,
  readYaml,
  rules,
  Severity,
  UnusableInput,
  type YamlSource,
} from "vllm-serving/lint";
import { positiveSeconds } from "../endpoint/endpoint-flags";
import { type Format, formats, formatted } from "../lint/formats";
import { readFiles, readStream, renderedEnvironment } from "../lint/sources";

interface LintFlags {
  env?: string;
  format: Format;
  json?: boolean;
  fix?: boolean;
  failOn: Severity;
  rule: LintOptions["severities"];
  vllm: string;
  keda: string;
  kubernetes: string;
  kserve: string;
  scrapeInterval: number;
  startup: number;
}

/** Prometheus on OpenShift scrapes workloads as often. */
const defaultScrapeSeconds = 30;
/** Weights of 16 GB from a fast network volume, and the compilation. */
const defaultStartupSeconds = 120;

const help = `
Objects that say something about each other, such as a ScaledObject and the HPA on the same workload, are looked at together: give them in one call.
A comment accepts a finding, on its line or alone above it, with a reason:
  # vllm-serving: ignore max-replicas-unset -- the quota of the namespace holds it

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 the input cannot be read.

Examples:
  $ vllm-serving lint scaled-object.yaml
  $ kubectl get scaledobjects,hpa,inferenceservices -A -o yaml | vllm-serving lint -
  $ vllm-serving lint --env openshift --fail-on warning
  $ vllm-serving lint manifests --format sarif > lint.sarif`;

/** `vllm-serving lint`: what is wrong with scaling policies and what they rely on. */
export function addLintCommand(program: Command): void {
  const release = (name: keyof typeof lintedVersions, what: string) =>
    new Option(`--${name} <release>`, what).default(lintedVersions[name]);
  program
    .command("lint")
    .description("find what cannot work in scaling policies, InferenceServices and what they rely on")
    .argument("[files...]", "YAML or JSON files, folders, or - for the standard input")
    .option("--env <name>", "instead of files: what the environment Pulumi.<name>.yaml renders")
    .addOption(new Option("--format <format>", "how findings are written").choices(formats).default("pretty"))
    .option("--json", "the same as --format json")
    .option("--fix", "change the files where that cannot make anything worse")
    .addOption(
      new Option("--fail-on <severity>", "least severity that fails")
        .choices(Object.values(Severity))
        .default(Severity.Error),
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
      new Option("--scrape-interval <seconds>", "between two scrapes, where no monitor among the objects says so")
        .default(defaultScrapeSeconds)
        .argParser(positiveSeconds),
    )
    .addOption(
      new Option("--startup <seconds>", "until a new replica answers, where no object says so")
        .default(defaultStartupSeconds)
        .argParser(positiveSeconds),
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
  const options: LintOptions = {
    versions: parseLintVersions(flags),
    scrapeIntervalSeconds: flags.scrapeInterval,
    startupSeconds: flags.startup,
    severities: flags.rule,
  };
  const sources = await sourcesOf(files, flags);
  const linted =
    flags.fix === true ? sources.map((source) => ("text" in source ? fixFile(source, options) : source)) : sources;
  const findings = lint(linted, options);
  const shown = new Map(linted.flatMap((source) => ("text" in source ? [[source.name, source.text] as const] : [])));
  const text = formatted(flags.json === true ? "json" : flags.format, findings, shown);
  if (text !== "") console.log(text);
  if (findings.some((finding) => isAtLeast(finding, flags.failOn))) process.exitCode = 1;
}

async function sourcesOf(files: readonly string[], { env, fix }: LintFlags): Promise<LintSource[]> {
  if (env !== undefined && files.length > 0) throw new Error("Give files or --env, not both.");
  if (env !== undefined) {
    if (fix === true)
      throw new Error("--fix changes files. What an environment renders is changed in its configuration.");
    return [renderedEnvironment(env)];
  }
  if (files.length === 0)
    throw new Error("Give files or folders, - for the standard input, or an environment with --env.");
  if (!files.includes("-")) return readFiles(files);
  if (files.length > 1) throw new Error("Give - alone: the standard input is one text.");
  if (fix === true) throw new Error("--fix changes files, and the standard input is none.");
  return [await readStream("<stdin>", process.stdin)];
}

/** @returns what is in the file then; what two changes at one place left is for the next run */
function fixFile(source: YamlSource, options: LintOptions): YamlSource {
  const { text, made } = fixed(source, options);
  if (made === 0) return source;
  writeFileSync(source.name, text);
  console.error(`${source.name}: ${made} ${made === 1 ? "change" : "changes"} made.`);
  return readYaml(source.name, text);
}

const order: readonly Severity[] = [Severity.Info, Severity.Warning, Severity.Error];

function isAtLeast({ severity }: Finding, bound: Severity): boolean {
  return order.indexOf(severity) >= order.indexOf(bound);
}

function severityOfRule(text: string, before: LintOptions["severities"]): LintOptions["severities"] {
  const [id = "", severity = ""] = text.split("=");
  if (!rules.some((rule) => rule.id === id)) throw new InvalidArgumentError(`There is no rule ${id}.`);
  const found = [...Object.values(Severity), "off" as const].find((known) => known === severity);
  if (found === undefined) throw new InvalidArgumentError(`${severity} is none of error, warning, info and off.`);
  return { ...before, [id]: found };
}
