import type { Command } from "commander";
import { type ExplainedModel, explainConfiguration } from "vllm-serving/config";
import { terminalColours } from "../colours";
import { printJson, readConfiguration, sourceOf } from "../read-configuration";

interface ExplainFlags {
  env?: string;
  model?: string;
  json?: boolean;
}

const help = `
Needs no cluster and no passphrase. Fields are those of the object that render writes: a ScaledObject, a HorizontalPodAutoscaler,
or the InferenceService by which KServe makes what scales.

Exit codes: 0 explained, 1 the configuration is wrong or has no such model.

Examples:
  $ vllm-serving explain --env kubernetes
  $ vllm-serving explain --env openshift --model llama-3-1-8b
  $ vllm-serving explain Pulumi.kubernetes.yaml --json`;

/** `vllm-serving explain`: why each figure by which a model scales is what it is. */
export function configureExplainCommand(command: Command): void {
  command
    .argument("[file]", "stack configuration, e.g. Pulumi.kubernetes.yaml")
    .option("--env <name>", "instead of a file: the environment, whose file is Pulumi.<name>.yaml")
    .option("--model <name>", "only this model; all of them unless it is said")
    .option("--json", "print JSON: { models: [{ name, object, replicas, carries, reasons, warnings }] }")
    .addHelpText("after", help)
    .action((file: string | undefined, flags: ExplainFlags) => {
      const source = sourceOf(file, flags.env);
      const configuration = readConfiguration(source, flags.json === true);
      if (configuration === undefined) return;
      const models = chosen(source, explainConfiguration(configuration), flags.model);
      if (flags.json === true) printJson({ models });
      else console.log(models.length === 0 ? `${source} has no models.` : models.map(explained).join("\n\n"));
    });
}

function chosen(source: string, models: ExplainedModel[], name: string | undefined): ExplainedModel[] {
  if (name === undefined) return models;
  const found = models.filter((model) => model.name === name);
  if (found.length > 0) return found;
  const known = models.length === 0 ? "none" : models.map((model) => model.name).join(", ");
  throw new Error(`${source} has no model ${name}. There is ${known}.`);
}

function explained(model: ExplainedModel): string {
  return [
    heading(model),
    ...model.reasons.map((reason) =>
      typeof reason === "string"
        ? `  ${reason}`
        : `  ${terminalColours.cyan(`${reason.path} = ${reason.value}`)}\n    ${reason.because}`,
    ),
    ...model.warnings.map((warning) => `  ${terminalColours.yellow("Warning:")} ${warning}`),
  ].join("\n");
}

function heading({ name, namespace, object, replicas, carries }: ExplainedModel): string {
  const range = replicas.min === replicas.max ? `${replicas.max}` : `${replicas.min} to ${replicas.max}`;
  const carried =
    carries === undefined
      ? ""
      : `, each to carry ${carries.target} requests at once of the ${carries.atSlo} that it can`;
  return `${terminalColours.bold(name)} in ${namespace}: ${object.kind} ${object.name}, ${range} ${replicas.max === 1 ? "replica" : "replicas"}${carried}`;
}
