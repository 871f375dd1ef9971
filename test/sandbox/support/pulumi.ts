import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { SandboxState } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { expect } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";

const root = resolve(__dirname, "../../..");

const previewSchema = z.object({
  steps: z.array(z.object({ op: z.string(), urn: z.string() })).optional(),
});

const exportSchema = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), type: z.string(), custom: z.boolean() })).optional(),
  }),
});

const modelsSchema = z.tuple([z.looseObject({})]);

/** What `pulumi` printed and how it ended. */
export interface PulumiRun {
  exitCode: number;
  output: string;
}

/**
 * A stack of the project's own program with a copy of an environment's configuration, so that no file of the checkout
 * changes. Uses the real command line, as a user does.
 */
export class Stack {
  private constructor(
    readonly name: string,
    private readonly sandbox: SandboxState,
    private readonly folder: string,
  ) {}

  static async create(sandbox: SandboxState, name: string, environmentFile = "Pulumi.sandbox.yaml"): Promise<Stack> {
    const stack = new Stack(name, sandbox, mkdtempSync(join(tmpdir(), "vllm-serving-stack-")));
    copyFileSync(resolve(root, "Pulumi.yaml"), join(stack.folder, "Pulumi.yaml"));
    copyFileSync(resolve(root, environmentFile), stack.configFile);
    // Pulumi writes the salt of the stack's secrets beside the project file that it finds.
    await stack.must("stack", "init", name, "--cwd", stack.folder);
    return stack;
  }

  get configFile(): string {
    return join(this.folder, `Pulumi.${this.name}.yaml`);
  }

  /** Changes the configuration in place. */
  configure(change: (config: Record<string, unknown>) => void): void {
    const file = z
      .object({ config: z.record(z.string(), z.unknown()) })
      .loose()
      .parse(parse(readFileSync(this.configFile, "utf8")));
    change(file.config);
    writeFileSync(this.configFile, stringify(file));
  }

  /** Changes the only model of the configuration. */
  changeModel(change: object): void {
    this.configure((config) => {
      const [model] = modelsSchema.parse(config["vllm-serving:models"]);
      config["vllm-serving:models"] = [{ ...model, ...change }];
    });
  }

  async pulumi(...args: string[]): Promise<PulumiRun> {
    const run = await execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: root,
      env: this.sandbox.pulumiEnvironment,
      reject: false,
      all: true,
      stdin: "ignore",
    });
    return { exitCode: run.exitCode ?? -1, output: run.all };
  }

  /** Runs a command that must succeed. */
  async must(...args: string[]): Promise<string> {
    const run = await this.pulumi(...args);
    if (run.exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${run.exitCode}:\n${run.output}`);
    return run.output;
  }

  up(...flags: string[]): Promise<string> {
    return this.must("up", "--yes", "--skip-preview", "--stack", this.name, "--config-file", this.configFile, ...flags);
  }

  refresh(): Promise<string> {
    return this.must("refresh", "--yes", "--skip-preview", "--stack", this.name, "--config-file", this.configFile);
  }

  /** An update finds nothing to do, neither by itself nor after a refresh: what an autoscaler decided stays. */
  async expectUntouched(): Promise<void> {
    expect(await this.preview("--expect-no-changes")).toEqual({});
    expect(await this.up("--refresh", "--expect-no-changes")).toMatch(/Resources:\s+\d+ unchanged/);
  }

  /** Changes a preview would make, by URN: not what stays the same, and not what is only read. */
  async preview(...flags: string[]): Promise<Record<string, string>> {
    const run = await execa(
      "pulumi",
      ["preview", "--json", "--non-interactive", "--stack", this.name, "--config-file", this.configFile, ...flags],
      { cwd: root, env: this.sandbox.pulumiEnvironment, stdin: "ignore" },
    );
    const { steps } = previewSchema.parse(JSON.parse(run.stdout));
    return Object.fromEntries(
      (steps ?? []).filter((step) => step.op !== "same" && step.op !== "read").map((step) => [step.urn, step.op]),
    );
  }

  /** URNs of all resources in the state. */
  async resources(): Promise<string[]> {
    const state = exportSchema.parse(JSON.parse(await this.must("stack", "export", "--stack", this.name)));
    return (state.deployment.resources ?? []).map((resource) => resource.urn);
  }

  async destroy(): Promise<string> {
    const output = await this.must(
      "destroy",
      "--yes",
      "--skip-preview",
      "--stack",
      this.name,
      "--config-file",
      this.configFile,
    );
    await this.must("stack", "rm", this.name, "--yes", "--preserve-config");
    rmSync(this.folder, { recursive: true });
    return output;
  }
}
