import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { connectTo, join } from "./cluster-connection";
import type { ConnectionFailure, ResolveName } from "./cluster-names";
import { loopback } from "./component-args";

/** SOCKS 5 (RFC 1928). */
const version = 5;
const noAuthentication = 0;
const connectCommand = 1;
const addressTypes = { ipv4: 1, domain: 3 } as const;
const succeeded = 0;
const unsupportedCommand = 7;
const failures: Record<ConnectionFailure, number> = { "unknown-host": 4, refused: 5 };

/**
 * A SOCKS proxy on 127.0.0.1 that stands in for cluster DNS and kube-proxy: it connects to what a cluster's name stands for and
 * refuses every other host. SOCKS and not an HTTP proxy, because that would see the Host header a client chose.
 */
export async function startSocksProxy(port: number, resolve: ResolveName): Promise<Server> {
  const server = createServer((client) => {
    client.on("error", () => client.destroy());
    serve(client, resolve).catch(() => client.destroy());
  });
  server.listen({ host: loopback, port });
  await once(server, "listening");
  return server;
}

async function serve(client: Socket, resolve: ResolveName): Promise<void> {
  const [, methods = 0] = await take(client, 2);
  await take(client, methods);
  client.write(Buffer.from([version, noAuthentication]));

  const [, command, , addressType] = await take(client, 4);
  const host = await readHost(client, addressType);
  const port = (await take(client, 2)).readUInt16BE();
  if (command !== connectCommand || host === undefined) return refuse(client, unsupportedCommand);
  const connection = await connectTo(resolve, host, port);
  if ("failure" in connection) return refuse(client, failures[connection.failure]);
  client.write(reply(succeeded));
  join(client, connection.socket);
}

async function readHost(client: Socket, addressType: number | undefined): Promise<string | undefined> {
  if (addressType === addressTypes.ipv4) return [...(await take(client, 4))].join(".");
  if (addressType !== addressTypes.domain) return undefined;
  const [length = 0] = await take(client, 1);
  return (await take(client, length)).toString("ascii").toLowerCase();
}

/** Reads exactly so many bytes. @throws Error when the connection ends before. */
async function take(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk: unknown = socket.read(bytes);
    if (Buffer.isBuffer(chunk) && chunk.length === bytes) return chunk;
    if (socket.readableEnded || socket.destroyed) throw new Error("The client closed the connection.");
    await Promise.race([once(socket, "readable"), once(socket, "close")]);
  }
}

function refuse(client: Socket, code: number): void {
  client.end(reply(code));
}

/** The bound address in it means nothing to a client that only connects. */
function reply(code: number): Buffer {
  return Buffer.from([version, code, 0, addressTypes.ipv4, 0, 0, 0, 0, 0, 0]);
}
