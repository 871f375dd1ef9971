/** Thrown when a person asked to stop. The exit code is the shell's for SIGINT. */
export class Interrupted extends Error {
  readonly exitCode = 130;
}

/**
 * Runs a long operation with a signal that Ctrl-C or SIGTERM aborts. The operation cleans up before it rejects, and a
 * second Ctrl-C does not cut that short.
 */
export async function abortOnSignals<T>(operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => {
    if (!controller.signal.aborted) process.stderr.write("\nStopping and cleaning up…\n");
    controller.abort(new Interrupted("Stopped on request."));
  };
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  try {
    return await operation(controller.signal);
  } finally {
    process.off("SIGINT", abort);
    process.off("SIGTERM", abort);
  }
}
