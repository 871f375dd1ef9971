import { rmSync } from "node:fs";
import { connect, createServer, type NetConnectOpts, type Server } from "node:net";
import { pipeline } from "node:stream";

/** Listens on a free port of 127.0.0.1 and passes connections to a Unix socket, which works across network namespaces. */
export async function forwardPortToSocket(socketPath: string): Promise<{ port: number; server: Server }> {
  const server = forwarder({ path: socketPath });
  await listening(server, () => server.listen({ host: "127.0.0.1", port: 0 }));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server without a port.");
  return { port: address.port, server };
}

/** Listens on a Unix socket and passes connections to a port of 127.0.0.1. */
export async function forwardSocketToPort(socketPath: string, port: number): Promise<Server> {
  rmSync(socketPath, { force: true });
  const server = forwarder({ host: "127.0.0.1", port });
  await listening(server, () => server.listen(socketPath));
  return server;
}

function forwarder(target: NetConnectOpts): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ ...target, allowHalfOpen: true });
    upstream.setNoDelay(true);
    // A side that fails takes the other with it; the caller sees a closed connection, as with any broken server.
    const close = (): void => {
      client.destroy();
      upstream.destroy();
    };
    pipeline(client, upstream, (error) => error && close());
    pipeline(upstream, client, (error) => error && close());
  });
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    listen();
  });
}
