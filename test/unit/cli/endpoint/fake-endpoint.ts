import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { text } from "node:stream/consumers";
import { afterAll } from "vitest";

export interface Received {
  method: string | undefined;
  path: string | undefined;
  host: string | undefined;
  authorization: string | undefined;
  body: string;
}

type Answers = (request: Received, response: ServerResponse) => void;

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server on 127.0.0.1 that lives as long as the test file. @returns its base URL and what it was asked */
export async function fakeEndpoint(answers: Answers, tls?: { key: string; cert: string }) {
  const asked: Received[] = [];
  const listener: RequestListener = async (request, response) => {
    const received = await receive(request);
    asked.push(received);
    answers(received, response);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: new URL(`http${tls === undefined ? "" : "s"}://127.0.0.1:${address.port}`), asked };
}

async function receive(request: IncomingMessage): Promise<Received> {
  const { method, url, headers } = request;
  return { method, path: url, host: headers.host, authorization: headers.authorization, body: await text(request) };
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Answers as vLLM does, for one model. */
export function vllm(model: string): Answers {
  return ({ path, body }, response) => {
    if (path === "/v1/models") return json(response, { object: "list", data: [{ id: model }] });
    if (path !== "/v1/completions") return json(response, { detail: "Not Found" }, 404);
    const asked = JSON.parse(body);
    if (asked.model !== model) return json(response, { error: { message: `no ${asked.model}` } }, 404);
    if (asked.stream !== true) return json(response, { choices: [{ text: "Hello." }] });
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const text of ["Hel", "lo."]) response.write(`data: ${JSON.stringify({ choices: [{ text }] })}\n\n`);
    response.end("data: [DONE]\n\n");
  };
}
