import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { startConnectProxy } from "../../../../packages/sandbox/src/control-plane/connect-proxy";
import { closedAfterwards, echoServer, portOf } from "./support";

async function connectThrough(proxy: number, path: string): Promise<{ status: number; socket: Duplex }> {
  const asking = request({ host: "127.0.0.1", port: proxy, method: "CONNECT", path }).end();
  const [response, socket] = await once(asking, "connect");
  return { status: response.statusCode, socket: closedAfterwards(socket) };
}

describe("startConnectProxy", () => {
  it("connects a cluster's name to what it stands for", async () => {
    const target = { host: "127.0.0.1", port: await echoServer() };
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
