import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { startSocksProxy } from "../../../../packages/sandbox/src/control-plane/socks-proxy";
import { closedAfterwards, echoServer, portOf } from "./support";

async function client(proxyPort: number): Promise<Socket> {
  const socket = closedAfterwards(connect(proxyPort, "127.0.0.1"));
  await once(socket, "connect");
  return socket;
}

async function read(socket: Socket): Promise<Buffer> {
  const [chunk] = await once(socket, "data");
  return chunk;
}

function request(host: string, port: number): Buffer {
  return Buffer.from([5, 1, 0, 3, host.length, ...Buffer.from(host), port >> 8, port & 255]);
}

describe("startSocksProxy", () => {
  it("connects a cluster's name to what it stands for", async () => {
    const echo = await echoServer();
    const proxy = portOf(
      await startSocksProxy(0, async (host, port) =>
        host === "svc.ns" && port === 9090 ? { host: "127.0.0.1", port: echo } : "unknown-host",
      ),
    );
    const socket = await client(proxy);
    socket.write(Buffer.from([5, 1, 0]));
    expect([...(await read(socket))]).toEqual([5, 0]);
    socket.write(request("svc.ns", 9090));
    expect([...(await read(socket))].slice(0, 2)).toEqual([5, 0]);
    socket.write("hello");
    expect((await read(socket)).toString()).toBe("hello");
  });

  it("understands a request that arrives byte by byte", async () => {
    const echo = await echoServer();
    const proxy = portOf(await startSocksProxy(0, async () => ({ host: "127.0.0.1", port: echo })));
    const socket = await client(proxy);
    socket.setNoDelay(true);
    const received: number[] = [];
    socket.on("data", (chunk) => received.push(...chunk));
    for (const byte of [5, 1, 0, ...request("a.b", 80)]) {
      await new Promise<void>((resolve) => socket.write(Buffer.from([byte]), () => resolve()));
    }
    await expect.poll(() => received).toEqual([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("refuses a name that stands for nothing, and what does not answer", async () => {
    const proxy = portOf(
      await startSocksProxy(0, async (host) => (host === "dead" ? { host: "127.0.0.1", port: 1 } : "unknown-host")),
    );
    const answers = await Promise.all(
      ["example.com", "dead"].map(async (host) => {
        const socket = await client(proxy);
        socket.write(Buffer.from([5, 1, 0]));
        await read(socket);
        socket.write(request(host, 80));
        return (await read(socket))[1];
      }),
    );
    expect(answers).toEqual([4, 5]);
  });
});
