import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ObjectReference, SandboxState } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { z } from "zod";

/** A Pulumi command that did not succeed. */
export class PulumiError extends Error {
  constructor(
    command: string,
    output: string,
    /** File with the same output. */
    readonly log: string,
  ) {
    super(`${command} failed:\n${output.trimEnd()}`);
  }
}

export interface PulumiStackOptions {
  state: Pick<SandboxState, "directory" | "logsDirectory" | "pulumiEnvironment">;
  /** Folder of `Pulumi.yaml` and `Pulumi.<name>.yaml`. */
  project: string;
  name: string;
  signal: AbortSignal;
}

const exportSchema = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), inputs: z.unknown().optional() })).default([]),
  }),
});
const objectSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().exactOptional() }),
});

/** One stack of the project in the sandbox's own backend. */
export class PulumiStack {
  /** Copies of the project's files: Pulumi writes the salt of the stack's secrets into its configuration. */
  private readonly copies: string;
  private readonly configuration: string;

  constructor(private readonly options: PulumiStackOptions) {
    this.copies = join(options.state.directory, "demo-project");
    this.configuration = join(this.copies, `Pulumi.${options.name}.yaml`);
  }

  /** Makes the stack if it is not there, and deploys the program. `onChange` hears of each resource, e.g. `Service llama created`. */
  async up(onChange: (change: string) => void): Promise<void> {
    mkdirSync(this.copies, { recursive: true });
    for (const file of ["Pulumi.yaml", `Pulumi.${this.options.name}.yaml`]) {
      copyFileSync(join(this.options.project, file), join(this.copies, file));
    }
    await this.run("init", ["stack", "select", this.options.name, "--create"], undefined, this.copies);
    await this.run("up", ["up", "--yes", "--skip-preview", ...this.stack], onChange);
  }

  /** @throws PulumiError if a second `up` would change anything. */
  async expectNoChanges(): Promise<void> {
    await this.run("preview", ["preview", "--expect-no-changes", ...this.stack]);
  }

  async destroy(onChange: (change: string) => void): Promise<void> {
    await this.run("destroy", ["destroy", "--yes", "--skip-preview", ...this.stack], onChange);
  }

  /** The Kubernetes objects the stack has. */
  async objects(): Promise<ObjectReference[]> {
    const output = await this.run("export", ["stack", "export", "--stack", this.options.name]);
    const { resources } = exportSchema.parse(JSON.parse(output)).deployment;
    return resources.flatMap((resource) => {
      const object = objectSchema.safeParse(resource.inputs).data;
      if (!resource.type.startsWith("kubernetes:") || object === undefined) return [];
      const { apiVersion, kind, metadata } = object;
      return [{ apiVersion, kind, ...metadata }];
    });
  }

  private get stack(): string[] {
    return ["--stack", this.options.name, "--config-file", this.configuration];
  }

  private async run(
    name: string,
    args: string[],
    onChange?: (change: string) => void,
    cwd = this.options.project,
  ): Promise<string> {
    const log = join(this.options.state.logsDirectory, `pulumi-${name}.log`);
    const running = execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd,
      env: this.options.state.pulumiEnvironment,
      stdin: "ignore",
      stdout: ["pipe", { file: log, append: true }],
      stderr: ["pipe", { file: log, append: true }],
      all: true,
      reject: false,
      cancelSignal: this.options.signal,
    });
    for await (const line of running.iterable({ from: "all" })) {
      const change = resourceChange(line);
      if (change !== undefined) onChange?.(change);
    }
    const result = await running;
    this.options.signal.throwIfAborted();
    if (result.failed) throw new PulumiError(`pulumi ${args[0]}`, result.all || (result.shortMessage ?? ""), log);
    return result.stdout;
  }
}

/** What a line of Pulumi's progress says has happened to a resource; undefined for all others. */
export function resourceChange(line: string): string | undefined {
  const [, type, name, change] = /^\s*[-+~]+\s+(\S+)\s+(\S+)\s+(created|updated|deleted|replaced)\b/.exec(line) ?? [];
  return type === undefined ? undefined : `${type.split(":").at(-1)} ${name} ${change}`;
}
