/** Thrown when a person asked to stop. The exit code is the shell's for SIGINT. */
export class Interrupted extends Error {
  readonly exitCode = 130;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a long operation with a signal that Ctrl-C, SIGTERM or a closed terminal aborts. The operation cleans up before it rejects, and a
 * second Ctrl-C does not cut that short.
 */
export async function abortOnSignals<T>(operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => {
    if (!controller.signal.aborted) process.stderr.write("\nStopping and cleaning up…\n");
    controller.abort(new Interrupted("Stopped on request."));
  };
  for (const name of signals) process.on(name, abort);
  try {
    return await operation(controller.signal);
  } finally {
    for (const name of signals) process.off(name, abort);
  }
}
