import { controlPlaneSteps, startControlPlane } from "../control-plane/control-plane";
import { readJson } from "./json-file";
import type { StartMessage } from "./messages";
import { daemonOptions, supervisorArguments } from "./options";
import { Parts } from "./parts";
import { forwardSocketToPort } from "./port-bridge";
import { Steps } from "./progress";
import { sandboxFiles } from "./sandbox-directory";
import { socketPaths } from "./sockets";

/** Parts have nothing to save, so they get little time to end by themselves. */
const stopGraceMs = 2_000;

/**
 * Runs inside the network namespace: starts all parts and watches them until its standard input ends, which happens when the
 * daemon wants it to stop and also when the daemon is killed.
 */
async function main(): Promise<void> {
  // Standard output carries messages to the daemon; standard error is the log.
  console.log = console.error;
  console.info = console.error;
  const { optionsFile, userApiServerPort } = supervisorArguments.parse(JSON.parse(process.argv[2] ?? ""));
  const options = daemonOptions.parse(readJson(optionsFile));
  const files = sandboxFiles(options.directory);
  const parts = new Parts(files);

  let stopping: Promise<void> | undefined;
  const stop = (exitCode: number): Promise<void> => {
    stopping ??= parts.stopAll(stopGraceMs).finally(() => process.exit(exitCode));
    return stopping;
  };
  process.stdin.on("end", () => void stop(0)).resume();
  process.stdin.on("error", () => void stop(0));
  process.stdout.on("error", () => void stop(0));
  process.on("SIGTERM", () => void stop(0));
  process.on("SIGINT", () => void stop(0));
  // An error of one of the controllers in this process is a failure of this part, not a reason to leave processes behind.
  process.on("uncaughtException", (error) => {
    console.error(error);
    void stop(1);
  });

  const failed = async (error: unknown): Promise<void> => {
    if (stopping !== undefined) return;
    console.error(error);
    send({ type: "failed", message: describe(error) });
    await stop(1);
  };
  parts.whileStarting((failure) => void failed(failure));

  try {
    const steps = new Steps((event) => send({ type: "progress", event }), controlPlaneSteps);
    const plane = await startControlPlane({
      contextName: `vllm-serving-sandbox-${options.name}`,
      userApiServerPort,
      files,
      tools: options.tools,
      parts,
      steps,
    });
    const sockets = socketPaths(options.socketDirectory);
    await forwardSocketToPort(sockets.apiServer, plane.apiServerPort);
    await forwardSocketToPort(sockets.prometheus, plane.prometheusPort);
    parts.steady();
    send({ type: "ready" });
  } catch (error) {
    await failed(error);
  }
}

function send(message: StartMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** The message with those of its causes, a line each. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n  ${describe(error.cause)}`;
}

void main();
