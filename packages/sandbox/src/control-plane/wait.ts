import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 100;

/**
 * Waits until the check gives true. An error of the check counts as "not yet" and is told when time is up.
 * @throws Error that says what did not happen, and the last error.
 */
export async function waitUntil(what: string, seconds: number, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      if (await check()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) throw new Error(`${what}: not within ${seconds} seconds`, { cause: last });
    await sleep(pollMs);
  }
}

/** Whether something accepts connections on a port of 127.0.0.1. */
export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

/** Whether `GET http://127.0.0.1:<port><path>` answers 200. */
export async function answersOk(port: number, path: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.status === 200;
}
