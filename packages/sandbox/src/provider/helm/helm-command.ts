import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";

/** Names the program; without it `helm` of the PATH is used. */
export const helmVariable = "VLLM_SERVING_TOOL_HELM";

/** Killed with its engine, this program leaves no Helm behind that would go on. */
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** What Helm itself says, without what it was doing. */
export class HelmError extends Error {
  constructor(output: string) {
    const lines = output.split("\n").filter((line) => !/^(WARNING|level=|\S+\.go:)/.test(line));
    const said = lines.join("\n").trim();
    super(said.replace(/^Error: /, "").replace(/^(INSTALLATION|UPGRADE) FAILED: /, ""));
    this.name = "HelmError";
  }
}

export interface HelmOptions {
  /** None for what needs no cluster. */
  cluster?: KubeConfig;
  /** Given on standard input, so that values are in no file and no process list. */
  input?: string;
  signal: AbortSignal;
}

/**
 * Runs the real Helm. The kubeconfig is in a file of this user's for the time of the run.
 * @returns what it printed. @throws HelmError with its reason.
 */
export async function helm(args: readonly string[], { cluster, input, signal }: HelmOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "vllm-serving-helm-"));
  try {
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, cluster?.exportConfig() ?? "", { mode: 0o600 });
    return await run([...args, "--kubeconfig", kubeconfig], input ?? "", signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[], input: string, signal: AbortSignal): Promise<string> {
  const program = process.env[helmVariable] || "helm";
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "pipe" });
    // Interrupted, Helm records the release as failed, which it does not when it is killed.
    const interrupt = () => child.kill("SIGINT");
    signal.addEventListener("abort", interrupt, { once: true });
    running.add(child);
    const output = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output.err += text;
    });
    // Helm may end before it reads its input.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", (error) =>
      reject(
        "code" in error && error.code === "ENOENT"
          ? new Error(`Helm is not there (${program}): set ${helmVariable} to the program or put it on the PATH.`)
          : error,
      ),
    );
    child.on("close", (code) => {
      signal.removeEventListener("abort", interrupt);
      running.delete(child);
      if (code === 0) resolve(output.out);
      else reject(new HelmError(output.err));
    });
  });
}
