import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { SandboxState } from "@vllm-serving/sandbox";
import { execa } from "execa";
import type { PulumiRun } from "./pulumi";

const root = resolve(__dirname, "../../..");

/** A folder for projects of a test's own, whose programs can import what the checkout has installed. */
export function projectsFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vllm-serving-projects-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** The copy of a fixture, a Pulumi project or policy pack. */
export class PulumiProject {
  constructor(
    readonly sandbox: SandboxState,
    readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  static fromFixture(sandbox: SandboxState, folder: string, fixture: string): PulumiProject {
    const project = new PulumiProject(sandbox, join(folder, fixture));
    cpSync(join(root, "test/fixtures/language-host", fixture), project.folder, { recursive: true });
    return project;
  }

  /** The copy of a project of `examples/`; `path` is its folder there. */
  static fromExample(sandbox: SandboxState, folder: string, path: string): PulumiProject {
    const project = new PulumiProject(sandbox, join(folder, path));
    cpSync(join(root, "examples", path), project.folder, { recursive: true });
    return project;
  }

  /** The command line as a child process. */
  start(args: string[], environment: Record<string, string> = {}) {
    return execa("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.folder,
      env: { ...this.sandbox.pulumiEnvironment, ...environment },
      reject: false,
      all: true,
      stdin: "ignore",
    });
  }

  async pulumi(...args: string[]): Promise<PulumiRun> {
    const run = await this.start(args);
    return { exitCode: run.exitCode ?? -1, output: run.all };
  }

  /** Runs a command that must succeed. @returns what it wrote to its standard output. */
  async must(...args: string[]): Promise<string> {
    const run = await this.start(args);
    if (run.exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${run.exitCode}:\n${run.all}`);
    return run.stdout;
  }

  async remove(stack: string): Promise<void> {
    await this.must("destroy", "--yes", "--skip-preview", "--stack", stack);
    await this.must("stack", "rm", stack, "--yes");
    rmSync(this.folder, { recursive: true });
  }
}
