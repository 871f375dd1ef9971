import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SandboxState } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { z } from "zod";
import { PulumiProject } from "./pulumi-project";

const commandLine = resolve(__dirname, "../../../packages/cli/bin/vllm-serving.cjs");
const step = z.object({
  op: z.string(),
  urn: z.string(),
  newState: z.object({ inputs: z.unknown().optional() }).optional(),
});
const previewSchema = z.object({ steps: z.array(step) });
const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().exactOptional() }),
});

/** What `vllm-serving` writes to its standard output in a folder. */
export async function vllmServing(folder: string, ...args: string[]): Promise<string> {
  return (await execa(process.execPath, [commandLine, ...args], { cwd: folder, stdin: "ignore" })).stdout;
}

/** A stack of a copy of an example, by the real command line. */
export class ExampleStack {
  private constructor(
    readonly project: PulumiProject,
    private readonly name: string,
  ) {}

  /** An environment of an example that is configuration alone, as it is. */
  static async ofEnvironment(sandbox: SandboxState, folder: string, path: string, environment: string) {
    const project = PulumiProject.fromExample(sandbox, folder, path);
    await project.must("stack", "init", environment);
    return new ExampleStack(project, environment);
  }

  /** The same as it runs in the sandbox. */
  static async ofSandboxConfiguration(sandbox: SandboxState, folder: string, path: string, environment: string) {
    const project = PulumiProject.fromExample(sandbox, folder, path);
    const text = await vllmServing(project.folder, "sandbox", "configuration", `Pulumi.${environment}.yaml`);
    writeFileSync(join(project.folder, "Pulumi.try.yaml"), text);
    await project.must("stack", "init", "try");
    return new ExampleStack(project, "try");
  }

  /** A program, with the values of its configuration by their paths. */
  static async ofProgram(sandbox: SandboxState, folder: string, path: string, config: Record<string, string> = {}) {
    const project = PulumiProject.fromExample(sandbox, folder, path);
    await project.must("stack", "init", "try");
    const values = Object.entries(config).flatMap(([path, value]) => ["--plaintext", `${path}=${value}`]);
    if (values.length > 0) await project.must("config", "set-all", "--stack", "try", "--path", ...values);
    return new ExampleStack(project, "try");
  }

  /** Without a preview, which `planned` is. */
  up(): Promise<string> {
    return this.project.must("up", "--yes", "--skip-preview", "--stack", this.name);
  }

  expectNoChanges(): Promise<string> {
    return this.project.must("preview", "--expect-no-changes", "--stack", this.name);
  }

  /** Nothing to do, also after a refresh: what an autoscaler decided stays. */
  expectUntouched(): Promise<string> {
    return this.project.must("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes", "--stack", this.name);
  }

  /** The Kubernetes objects a preview would change, e.g. `create core/v1:Service llama`. */
  async planned(): Promise<string[]> {
    return (await this.steps()).map(({ op, type, name }) => `${op} ${type} ${name}`);
  }

  /** The same objects as the program gives them to the engine. */
  async plannedObjects() {
    return (await this.steps()).map(({ inputs }) => objectSchema.parse(inputs));
  }

  private async steps() {
    const output = await this.project.must("preview", "--json", "--stack", this.name);
    return previewSchema.parse(JSON.parse(output)).steps.flatMap(({ op, urn, newState }) => {
      const [types = "", name = ""] = urn.split("::").slice(-2);
      const [, type] = /(?:^|\$)kubernetes:([^$]+)$/.exec(types) ?? [];
      return type === undefined || op === "same" || op === "read" ? [] : [{ op, type, name, inputs: newState?.inputs }];
    });
  }

  async output(name: string): Promise<unknown> {
    return JSON.parse(await this.project.must("stack", "output", name, "--json", "--stack", this.name));
  }

  async destroy(): Promise<void> {
    await this.project.must("destroy", "--yes", "--skip-preview", "--stack", this.name);
  }

  /** Destroys it and forgets it. */
  remove(): Promise<void> {
    return this.project.remove(this.name);
  }
}
