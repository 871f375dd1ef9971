import type { Command } from "commander";

interface DemoFlags {
  json?: string;
  page: string;
  keep?: boolean;
  name: string;
}

/** `vllm-serving demo`: the product's main job on a sandbox, from `pulumi up` to `pulumi destroy`. */
export function configureDemoCommand(command: Command): void {
  command
    .option("--json <file>", "also write the result as JSON")
    .option("--page <file>", "where the page goes", "out/demo.html")
    .option("--keep", "leave the sandbox and the stack running")
    .option("--name <name>", "name of the sandbox", "demo")
    .addHelpText("after", "\nExit codes: 0 scaled as the SLO asks, 1 something failed, 130 stopped on request.")
    .action(async (flags: DemoFlags) => {
      // Loaded here, so that the other commands start without the sandbox and the charts.
      const { runDemo } = await import("../demo/demo.js");
      process.exitCode = await runDemo({
        name: flags.name,
        pageFile: flags.page,
        ...(flags.json === undefined ? {} : { jsonFile: flags.json }),
        keep: flags.keep === true,
      });
    });
}
