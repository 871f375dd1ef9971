import type { Command } from "commander";
import { loadConfigurationFile, parseConfiguration, renderConfiguration, toYaml } from "vllm-serving/config";

/** `vllm-serving render FILE`: the objects a stack would create, as YAML. */
export function addRenderCommand(program: Command): void {
  program
    .command("render")
    .description("print the Kubernetes objects of a stack's configuration as YAML, without a cluster")
    .argument("<file>", "stack configuration, e.g. Pulumi.kubernetes.yaml")
    .addHelpText("after", "\nExample:\n  $ vllm-serving render Pulumi.kubernetes.yaml > manifests.yaml")
    .action((file: string) => {
      const parsed = parseConfiguration(loadConfigurationFile(file));
      if (!parsed.ok) {
        process.exitCode = 1;
        console.error(`${file} has ${parsed.problems.length} problem(s):`);
        for (const problem of parsed.problems) console.error(`  ${problem.path}: ${problem.message}`);
        return;
      }
      process.stdout.write(toYaml(renderConfiguration(parsed.configuration)));
    });
}
