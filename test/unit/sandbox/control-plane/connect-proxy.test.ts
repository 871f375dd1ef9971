import { once } from "node:events";
import { request } from "node:http";
import { createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { startConnectProxy } from "../../../../packages/sandbox/src/control-plane/connect-proxy";

const servers: Server[] = [];
const sockets: Duplex[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

function portOf(server: Server): number {
  servers.push(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server without a port.");
  return address.port;
}

async function connectThrough(proxy: number, path: string): Promise<{ status: number; socket: Duplex }> {
  const asking = request({ host: "127.0.0.1", port: proxy, method: "CONNECT", path }).end();
  const [response, socket] = await once(asking, "connect");
  sockets.push(socket);
  return { status: response.statusCode, socket };
}

describe("startConnectProxy", () => {
  it("connects a cluster's name to what it stands for", async () => {
    const echo = createServer((socket) => void socket.pipe(socket)).listen(0, "127.0.0.1");
    await once(echo, "listening");
    const target = { host: "127.0.0.1", port: portOf(echo) };
    const proxy = portOf(
      await startConnectProxy(0, async (host, port) =>
        host === "scaler.keda" && port === 9090 ? target : "unknown-host",
      ),
    );
    const { status, socket } = await connectThrough(proxy, "scaler.keda:9090");
    expect(status).toBe(200);
    socket.write("hello");
    expect(`${(await once(socket, "data"))[0]}`).toBe("hello");
  });

  it("refuses a name that stands for nothing, and what does not answer", async () => {
    const proxy = portOf(
      await startConnectProxy(0, async (host) => (host === "dead" ? { host: "127.0.0.1", port: 1 } : "unknown-host")),
    );
    const asked = ["example.com:443", "dead:443"].map(async (path) => (await connectThrough(proxy, path)).status);
    expect(await Promise.all(asked)).toEqual([404, 502]);
  });

  it("takes no other request", async () => {
    const proxy = portOf(await startConnectProxy(0, async () => "refused"));
    expect((await fetch(`http://127.0.0.1:${proxy}/`)).status).toBe(405);
  });
});
