import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How the fake server answers a completion. */
export type Behaviour =
  | "complete"
  | "end without done"
  | "cut the connection"
  | "HTTP 503"
  | "error in the stream"
  | "not JSON"
  | "never answer";

export interface FakeServer {
  url: string;
  /** Bodies of the completions asked for. */
  bodies: unknown[];
  close(): Promise<void>;
}

/** An OpenAI server on 127.0.0.1 that sends one token every `gapMs`, by a schedule of its own clock. */
export async function startFakeServer(behaviour: Behaviour, gapMs = 2): Promise<FakeServer> {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    bodies.push(body);
    await answer(behaviour, response, body.max_tokens, gapMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(behaviour: Behaviour, response: ServerResponse, tokens: number, gapMs: number): Promise<void> {
  if (behaviour === "never answer") return;
  if (behaviour === "HTTP 503") {
    response.writeHead(503).end("no ready endpoint");
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const begin = performance.now();
  for (let i = 0; i < tokens; i += 1) {
    if (i > 0) await sleep(Math.max(0, begin + i * gapMs - performance.now()));
    if (i === 2 && behaviour === "cut the connection") return void response.destroy();
    if (i === 2 && behaviour === "error in the stream") response.write('data: {"error":{"message":"engine died"}}\n\n');
    else if (i === 2 && behaviour === "not JSON") response.write("data: <html>\n\n");
    else response.write(`data: ${JSON.stringify({ choices: [{ text: "token " }] })}\n\n`);
  }
  // Usage comes in a piece without text, which is no token.
  response.write('data: {"choices":[],"usage":{"completion_tokens":4}}\n\n');
  if (behaviour !== "end without done") response.write("data: [DONE]\n\n");
  response.end();
}

async function text(request: IncomingMessage): Promise<string> {
  let all = "";
  for await (const piece of request) all += piece;
  return all;
}
