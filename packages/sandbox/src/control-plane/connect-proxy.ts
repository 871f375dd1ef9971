import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { Socket } from "node:net";
import { connectTo, join } from "./cluster-connection";
import type { ConnectionFailure, ResolveName } from "./cluster-names";
import { loopback } from "./component-args";

const failures: Record<ConnectionFailure, string> = {
  "unknown-host": "404 Not Found",
  refused: "502 Bad Gateway",
};

/**
 * The same as the SOCKS proxy, by HTTP's CONNECT method: gRPC speaks nothing else with a proxy. It passes bytes on and sees no
 * requests.
 */
export async function startConnectProxy(port: number, resolve: ResolveName): Promise<Server> {
  const server = createServer((_, response) => response.writeHead(405).end("Only CONNECT.\n"));
  server.on("connect", (request, client, head) => {
    client.on("error", () => client.destroy());
    if (!(client instanceof Socket)) return client.destroy();
    const { hostname, port: targetPort } = targetOf(request.url);
    connectTo(resolve, hostname, targetPort)
      .then((connection) => {
        if ("failure" in connection) return client.end(`HTTP/1.1 ${failures[connection.failure]}\r\n\r\n`);
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        connection.socket.write(head);
        return join(client, connection.socket);
      })
      .catch(() => client.destroy());
  });
  server.listen({ host: loopback, port });
  await once(server, "listening");
  return server;
}

/** @param authority `<host>:<port>`, as CONNECT has it; anything else stands for nothing. */
function targetOf(authority: string | undefined): { hostname: string; port: number } {
  const [, hostname = "", port = ""] = /^([^:]+):(\d+)$/.exec(authority ?? "") ?? [];
  return { hostname: hostname.toLowerCase(), port: Number(port) };
}
