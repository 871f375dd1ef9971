import { Argument, type Command } from "commander";
import { type PublishedPolicy, publishedPolicies } from "vllm-serving/lint";

const help = `
A policy is printed as it was published, as far as it scales; with -repaired behind its name, what does as its author meant and passes the linter.
The release of vLLM that each was written for, or one of that time, decides which metrics it can read: give it to the linter.

Examples:
  $ vllm-serving preset
  $ vllm-serving preset redhat-keda | vllm-serving lint - --vllm 0.6.6
  $ vllm-serving preset redhat-keda-repaired > scaled-object.yaml`;

/** `vllm-serving preset`: scaling policies of articles and documentation, as published and repaired. */
export function configurePresetCommand(command: Command): void {
  const manifests = new Map(publishedPolicies.flatMap(named));
  command
    .addArgument(new Argument("[name]", "which one; without it, the list of them").choices([...manifests.keys()]))
    .addHelpText("after", help)
    .action((name?: string) => {
      process.stdout.write(name === undefined ? listed() : (manifests.get(name) ?? ""));
    });
}

function named({ id, manifests, repaired }: PublishedPolicy): [name: string, manifests: string][] {
  return [
    [id, manifests],
    ...(repaired === undefined ? [] : [[`${id}-repaired`, repaired] satisfies [string, string]]),
  ];
}

function listed(): string {
  const width = Math.max(...publishedPolicies.map(({ id }) => id.length));
  return publishedPolicies.map((policy) => line(policy, width)).join("");
}

function line({ id, vllmVersion, meant, source, repaired }: PublishedPolicy, width: number): string {
  const also = repaired === undefined ? "" : `; also ${id}-repaired`;
  return `${id.padEnd(width)}  ${meant}\n${" ".repeat(width)}  ${source}; vLLM ${vllmVersion}${also}\n`;
}
