import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach } from "vitest";

const servers: Server[] = [];
const sockets: Duplex[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Port of a server, which is closed after the test. */
export function portOf(server: Server): number {
  servers.push(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server without a port.");
  return address.port;
}

/** A connection that is closed after the test. */
export function closedAfterwards<T extends Duplex>(socket: T): T {
  sockets.push(socket);
  return socket;
}

/** A server that sends back what it gets. @returns its port. */
export async function echoServer(): Promise<number> {
  const server = createServer((socket) => void socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return portOf(server);
}
