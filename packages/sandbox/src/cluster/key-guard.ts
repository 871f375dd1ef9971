import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent } from "undici";
import { endToEndHeaders, stream } from "./router";

export interface KeyGuard {
  close(): void;
}

/**
 * Asks for one of the keys as vLLM does (`AuthenticationMiddleware` of vllm/entrypoints/openai/server_utils.py), in front of a simulator
 * that knows none: below `/v1` alone, so that probes and Prometheus need none.
 */
export async function startKeyGuard(port: number, simulatorPort: number, keys: readonly string[]): Promise<KeyGuard> {
  const digests = keys.map(digest);
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const server = createServer((request, response) => {
    if (needsKey(request) && !hasKey(request, digests)) {
      request.resume();
      response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ error: "Unauthorized" }));
      return;
    }
    forward(agent, simulatorPort, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    close() {
      server.close();
      server.closeAllConnections();
      void agent.destroy();
    },
  };
}

function needsKey({ method, url = "" }: IncomingMessage): boolean {
  return method !== "OPTIONS" && url.startsWith("/v1");
}

function hasKey({ headers }: IncomingMessage, digests: readonly Buffer[]): boolean {
  const [scheme = "", ...rest] = (headers.authorization ?? "").split(" ");
  const given = digest(rest.join(" "));
  return scheme.toLowerCase() === "bearer" && digests.some((known) => timingSafeEqual(known, given));
}

function digest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

async function forward(agent: Agent, port: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const answer = await agent.request({
    origin: `http://127.0.0.1:${port}`,
    path: request.url ?? "/",
    method: request.method ?? "GET",
    headers: endToEndHeaders(request.headers),
    body: request.method === "GET" || request.method === "HEAD" ? null : request,
    signal: gone.signal,
  });
  await stream(answer, response);
}
