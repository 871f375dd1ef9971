import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { forwardPortToSocket, forwardSocketToPort } from "../../../../packages/sandbox/src/supervisor/port-bridge";

const directory = mkdtempSync(join(tmpdir(), "bridge-"));
afterAll(() => rmSync(directory, { recursive: true }));

describe("the two halves of a bridge", () => {
  it("carry a large body both ways, and say closed when the target is gone", async () => {
    const server = createServer((incoming, response) => void incoming.pipe(response)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const socketPath = join(directory, "s.sock");
    const inside = await forwardSocketToPort(socketPath, address.port);
    const outside = await forwardPortToSocket(socketPath);

    const body = "x".repeat(5_000_000);
    const response = await fetch(`http://127.0.0.1:${outside.port}/`, { method: "POST", body });
    expect((await response.text()).length).toBe(body.length);

    server.closeAllConnections();
    server.close();
    await once(server, "close");
    const refused = request({ port: outside.port, host: "127.0.0.1" }).end();
    const [error] = await once(refused, "error");
    expect(error).toMatchObject({ code: "ECONNRESET" });

    inside.close();
    const orphan = connect(outside.port, "127.0.0.1");
    orphan.on("error", () => undefined).resume();
    await once(orphan, "close");
    outside.server.close();
  });
});
