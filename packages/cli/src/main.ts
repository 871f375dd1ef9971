import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import pc from "picocolors";
import { z } from "zod";
import { Interrupted } from "./abort";
import { addDemoCommand } from "./commands/demo";
import { addLintCommand } from "./commands/lint";
import { addPresetCommand } from "./commands/preset";
import { addRenderCommand } from "./commands/render";
import { addSandboxCommand } from "./commands/sandbox";
import { addVerifyCommand } from "./commands/verify";
import { addWakeCommand } from "./commands/wake";

const packageFile = z.object({ version: z.string() });

/** The command line with all its commands. */
export function createProgram(): Command {
  const { version } = packageFile.parse(JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8")));
  const program = new Command("vllm-serving")
    .description("Serve LLMs with vLLM on Kubernetes and OpenShift, scaled by a service-level objective")
    .version(version)
    .showHelpAfterError("The option --help lists what there is.");
  addDemoCommand(program);
  addLintCommand(program);
  addPresetCommand(program);
  addRenderCommand(program);
  addVerifyCommand(program);
  addWakeCommand(program);
  addSandboxCommand(program);
  return program;
}

/** The command line, called by `bin/vllm-serving.cjs`. */
export async function run(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
    console.error(pc.red(error instanceof Error ? error.message : String(error)));
  }
}
