import { execa } from "execa";
import { buildAdvice } from "./build-advice";
import { ToolBuildError } from "./tool-build-error";

/**
 * Go's environment for every command: whatever the user cross-compiles or works on otherwise, tools are for this machine and
 * built in one way.
 */
export const goEnvironment = { CGO_ENABLED: "0", GOOS: "", GOARCH: "", GOWORK: "off", GOFLAGS: "" };

/** Compilers that do not end on SIGINT within this time are killed. */
const graceMs = 5_000;

export interface GoCommand {
  args: string[];
  /** Folder of the Go module. */
  directory: string;
  /** Where Go keeps unfinished work. An interrupted Go leaves it behind, so the caller removes it. */
  temporaryDirectory: string;
  /** What fails when the command fails, e.g. `Building KEDA 2.20.2`. */
  purpose: string;
  signal?: AbortSignal;
}

/**
 * Runs Go and returns what it printed. An abort of the signal ends Go together with its compilers.
 * @throws ToolBuildError with Go's last lines and the command to run by hand.
 * @throws the signal's reason when it is aborted.
 */
export async function runGo({ args, directory, temporaryDirectory, purpose, signal }: GoCommand): Promise<string> {
  signal?.throwIfAborted();
  // A process group of its own, so that one signal reaches the compilers too.
  const running = execa("go", args, {
    cwd: directory,
    env: { ...goEnvironment, GOTMPDIR: temporaryDirectory },
    reject: false,
    detached: true,
  });
  const signalGroup = (name: NodeJS.Signals): void => {
    try {
      if (running.pid !== undefined) process.kill(-running.pid, name);
    } catch {
      // The group has just ended.
    }
  };
  let forced: NodeJS.Timeout | undefined;
  const stop = (): void => {
    signalGroup("SIGINT");
    forced = setTimeout(() => signalGroup("SIGKILL"), graceMs);
  };
  const kill = (): void => signalGroup("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  process.once("exit", kill);
  const result = await running.finally(() => {
    clearTimeout(forced);
    signal?.removeEventListener("abort", stop);
    process.off("exit", kill);
  });
  if (result.exitCode === 0) return result.stdout;
  signal?.throwIfAborted();
  throw new ToolBuildError(failure(purpose, `${result.stderr}`, args, directory));
}

const lastLines = 15;

function failure(purpose: string, output: string, args: string[], directory: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("go: downloading "));
  const advice = buildAdvice(lines);
  return [
    `${purpose} failed. Go's last lines:`,
    ...lines.slice(-lastLines).map((line) => `  ${line}`),
    ...(advice === undefined ? [] : [advice]),
    "Run this again to go on where it stopped, or the command by itself:",
    `  cd ${quoted(directory)} && CGO_ENABLED=0 GOWORK=off GOFLAGS= go ${args.map(quoted).join(" ")}`,
  ].join("\n");
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
