import { randomInt } from "node:crypto";
import getPort, { portNumbers } from "get-port";

/**
 * Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections: one of those could take a port
 * between its allocation and its use.
 */
const first = 20_000;
const last = 32_767;

/** Two sandboxes without a network namespace, started at the same moment, look at different ports. */
let next = randomInt(first, last - 5_000);

/** A TCP port that is free now, on all addresses because some parts listen on all, and that this process gives out only once. */
export async function allocatePort(): Promise<number> {
  const port = await getPort({ port: portNumbers(next, last), reserve: true });
  next = port + 1 > last ? first : port + 1;
  return port;
}
