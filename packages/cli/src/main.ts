import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { Interrupted } from "./abort";
import { terminalColours } from "./colours";

/** A command by what its line in the list of all says; options and action are loaded when it is called. */
interface LazyCommand {
  name: string;
  description: string;
  load: () => Promise<(command: Command) => void>;
}

const commands: readonly LazyCommand[] = [
  {
    name: "demo",
    description: "serve a model in a sandbox, load it, watch it scale by its SLO, and write a page about it",
    load: async () => (await import("./commands/demo.js")).configureDemoCommand,
  },
  {
    name: "explain",
    description: "print why each figure by which a model scales is what it is",
    load: async () => (await import("./commands/explain.js")).configureExplainCommand,
  },
  {
    name: "lint",
    description: "find what cannot work in scaling policies, InferenceServices and what they rely on",
    load: async () => (await import("./commands/lint.js")).configureLintCommand,
  },
  {
    name: "preset",
    description: "print a published scaling policy, as it is or repaired",
    load: async () => (await import("./commands/preset.js")).configurePresetCommand,
  },
  {
    name: "render",
    description: "write the Kubernetes objects of a stack's configuration as YAML, without a cluster",
    load: async () => (await import("./commands/render.js")).configureRenderCommand,
  },
  {
    name: "verify",
    description: "check a deployed model by its URL: it is listed, completes a prompt, and streams",
    load: async () => (await import("./commands/verify.js")).configureVerifyCommand,
  },
  {
    name: "wake",
    description: "start a model that is scaled to zero, by asking for it until it answers",
    load: async () => (await import("./commands/wake.js")).configureWakeCommand,
  },
  {
    name: "sandbox",
    description: "a real control plane with simulated vLLM pods on this machine",
    load: async () => (await import("./commands/sandbox.js")).configureSandboxCommand,
  },
];

/** The command line with all its commands. */
export function createProgram(): Command {
  const { version }: { version: string } = JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8"));
  const program = new Command("vllm-serving")
    .description("Serve LLMs with vLLM on Kubernetes and OpenShift, scaled by a service-level objective")
    .version(version)
    .showHelpAfterError("The option --help lists what there is.");
  for (const { name, description } of commands) program.command(name).description(description);
  return program.hook("preSubcommand", async (_, called) => {
    const configure = await commands.find(({ name }) => name === called.name())?.load();
    configure?.(called);
  });
}

/** The command line, called by `bin/vllm-serving.cjs`. */
export async function run(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (error) {
    process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
    console.error(terminalColours.red(error instanceof Error ? error.message : String(error)));
  }
}
