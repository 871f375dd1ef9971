import type { RequestListener } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ServiceEndpoints } from "../../../../packages/sandbox/src/cluster/endpoints";
import { type Router, startRouter } from "../../../../packages/sandbox/src/cluster/router";
import { deferred, eventually, serve } from "./support";

const endpoint = (pod: string, port: number) => ({ namespace: "llm", pod, address: `127.0.0.1:${port}` });

/** A port nobody listens on. */
const closedPort = 1;

interface Started {
  router: Router;
  url: string;
  /** What is routed to; replace its content to add and remove endpoints. */
  service: ServiceEndpoints;
  log: string[];
}

async function start(endpoints: ServiceEndpoints["endpoints"], random = () => 0): Promise<Started> {
  const service = { namespace: "llm", service: "llama", endpoints };
  const log: string[] = [];
  const router = await startRouter({ port: 0, services: () => [service], random, log: (line) => log.push(line) });
  onTestFinished(() => router.close());
  return { router, url: `http://127.0.0.1:${router.port}`, service, log };
}

/** Answers with its name; a request to a path that ends in /wait is answered when `release` is called. */
async function backend(name: string) {
  const { promise, resolve } = deferred();
  const seen: {
    url: string | undefined;
    method: string | undefined;
    body: string;
    headers: NodeJS.Dict<string | string[]>;
  }[] = [];
  const listener: RequestListener = async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { url, method, headers } = incoming;
    seen.push({ url, method, headers, body: Buffer.concat(chunks).toString() });
    if (url?.endsWith("/wait")) await promise;
    response
      .writeHead(200, { "content-type": "application/json", "x-inference-pod": name })
      .end(JSON.stringify({ name }));
  };
  const { port } = await serve(listener);
  return { endpoint: endpoint(name, port), release: resolve, seen };
}

async function get(url: string) {
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe("router", () => {
  it("passes method, path, query, headers and body on, and the answer back", async () => {
    const one = await backend("a");
    const { url } = await start([one.endpoint]);
    const response = await fetch(`${url}/llm/llama/v1/completions?x=1`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": "r1" },
      body: '{"prompt":"hi"}',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-inference-pod")).toBe("a");
    expect(await response.json()).toEqual({ name: "a" });
    expect(one.seen).toHaveLength(1);
    expect(one.seen[0]).toMatchObject({ url: "/v1/completions?x=1", method: "POST", body: '{"prompt":"hi"}' });
    expect(one.seen[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "x-request-id": "r1",
      "content-length": "15",
      host: one.endpoint.address,
    });
  });

  it("gives each request to the endpoint with the fewest in flight", async () => {
    const backends = await Promise.all(["a", "b", "c"].map(backend));
    const { router, url } = await start(backends.map((one) => one.endpoint));
    const requests = Array.from({ length: 7 }, () => get(`${url}/llm/llama/v1/wait`));
    const loads = () => ["a", "b", "c"].map((pod) => router.inFlight("llm", pod));
    await eventually(() => expect(loads()).toEqual([3, 2, 2]));
    const status = await get(`${url}/-/endpoints`);
    expect(status.body).toEqual({
      services: [
        {
          namespace: "llm",
          service: "llama",
          endpoints: backends.map((one, index) => ({ ...one.endpoint, inFlight: [3, 2, 2][index] })),
        },
      ],
      inFlight: { "llm/a": 3, "llm/b": 2, "llm/c": 2 },
    });
    for (const one of backends) one.release();
    await Promise.all(requests);
    await eventually(() => expect(loads()).toEqual([0, 0, 0]));
  });

  it("gives a removed endpoint no new request and lets it finish the one it has", async () => {
    const [a, b] = [await backend("a"), await backend("b")];
    const { router, url, service } = await start([a.endpoint]);
    const old = get(`${url}/llm/llama/v1/wait`);
    await eventually(() => expect(router.inFlight("llm", "a")).toBe(1));
    service.endpoints = [b.endpoint];
    const others = await Promise.all([1, 2, 3].map(() => get(`${url}/llm/llama/v1/models`)));
    expect(others.map((answer) => answer.body)).toEqual([{ name: "b" }, { name: "b" }, { name: "b" }]);
    expect(router.inFlight("llm", "a")).toBe(1);
    a.release();
    expect((await old).body).toEqual({ name: "a" });
    await eventually(() => expect(router.inFlight("llm", "a")).toBe(0));
  });

  it("passes each piece of a stream on before the next one comes", async () => {
    const steps = [deferred(), deferred()];
    const { port } = await serve(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      for (const [index, step] of steps.entries()) {
        await step.promise;
        response.write(`data: ${index}\n\n`);
      }
      response.end();
    });
    const { url } = await start([endpoint("a", port)]);
    // Answers at all only when headers are passed on before any piece.
    const response = await fetch(`${url}/llm/llama/v1/completions`, { method: "POST", body: "{}" });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const pieces: (string | undefined)[] = [];
    for (const step of steps) {
      step.resolve();
      pieces.push((await reader?.read())?.value);
    }
    expect(pieces).toEqual(["data: 0\n\n", "data: 1\n\n"]);
  });

  it.each([
    { why: "no pod is ready", path: "/llm/llama/v1/models" },
    { why: "nobody knows the Service", path: "/llm/other/v1/models" },
    { why: "the Service is in another namespace", path: "/default/llama/v1/models" },
  ])("answers 503 in OpenAI's form when $why", async ({ path }) => {
    const { url } = await start([]);
    const { status, headers, body } = await get(url + path);
    const [, namespace, service] = path.split("/");
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("5");
    expect(headers.get("content-type")).toBe("application/json");
    expect(body).toEqual({
      error: {
        message: `The Service ${namespace}/${service} has no ready endpoint.`,
        type: "service_unavailable",
        param: null,
        code: 503,
      },
    });
  });

  it.each(["/", "/llm", "/llm/llama"])("answers 404 to %s", async (path) => {
    const { url } = await start([]);
    const { status, body } = await get(url + path);
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { type: "not_found", code: 404 } });
  });

  it("answers 413 to a body that is too large", async () => {
    const one = await backend("a");
    const { url } = await start([one.endpoint]);
    const response = await fetch(`${url}/llm/llama/v1/completions`, {
      method: "POST",
      body: Buffer.alloc(4 * 1024 * 1024 + 1),
    });
    expect(response.status).toBe(413);
    await response.arrayBuffer();
    expect(one.seen).toHaveLength(0);
  });

  it("takes another endpoint when the first cannot be reached", async () => {
    const b = await backend("b");
    const { router, url, log } = await start([endpoint("a", closedPort), b.endpoint]);
    const { status, body } = await get(`${url}/llm/llama/v1/models`);
    expect([status, body]).toEqual([200, { name: "b" }]);
    expect(log).toEqual([expect.stringContaining(`llm/a at 127.0.0.1:${closedPort}`)]);
    expect([router.inFlight("llm", "a"), router.inFlight("llm", "b")]).toEqual([0, 0]);
  });

  it("sends the same body again when the first endpoint breaks off before it answers", async () => {
    const a = await serve((incoming) => void incoming.on("data", () => incoming.socket.destroy()));
    const b = await backend("b");
    const { url } = await start([endpoint("a", a.port), b.endpoint]);
    const response = await fetch(`${url}/llm/llama/v1/completions`, { method: "POST", body: '{"prompt":"hi"}' });
    expect(await response.json()).toEqual({ name: "b" });
    expect(b.seen.map(({ body }) => body)).toEqual(['{"prompt":"hi"}']);
  });

  it("tries the only endpoint once more, since it may have closed an idle connection", async () => {
    let requests = 0;
    const a = await serve((incoming, response) => {
      requests += 1;
      if (requests === 1) incoming.socket.destroy();
      else response.end('{"name":"a"}');
    });
    const { url } = await start([endpoint("a", a.port)]);
    expect((await get(`${url}/llm/llama/v1/models`)).body).toEqual({ name: "a" });
    expect(requests).toBe(2);
  });

  it("answers 502 after two failures", async () => {
    const { url, log } = await start([endpoint("a", closedPort), endpoint("b", closedPort), endpoint("c", closedPort)]);
    const { status, body } = await get(`${url}/llm/llama/v1/models`);
    expect(status).toBe(502);
    expect(body).toMatchObject({ error: { type: "bad_gateway", code: 502 } });
    expect(log).toHaveLength(2);
  });

  it("breaks a stream off that the endpoint breaks off, without trying again", async () => {
    const a = await serve((incoming, response) => {
      response.writeHead(200).write("first", () => incoming.socket.destroy());
    });
    const b = await backend("b");
    const { url } = await start([endpoint("a", a.port), b.endpoint]);
    const response = await fetch(`${url}/llm/llama/v1/completions`);
    await expect(response.text()).rejects.toThrow();
    expect(b.seen).toHaveLength(0);
  });

  it("ends the request to the endpoint when the client goes", async () => {
    const closed = deferred();
    const { port } = await serve((_, response) => {
      response.on("close", closed.resolve);
      response.writeHead(200).write("first");
    });
    const { router, url } = await start([endpoint("a", port)]);
    const response = await fetch(`${url}/llm/llama/v1/completions`);
    expect(router.inFlight("llm", "a")).toBe(1);
    await response.body?.cancel();
    await closed.promise;
    await eventually(() => expect(router.inFlight("llm", "a")).toBe(0));
  });

  it("ends a request that waits for its first byte when the client goes, and tries no other endpoint", async () => {
    const closed = deferred();
    const arrived = deferred();
    const { port } = await serve((_, response) => {
      response.on("close", closed.resolve);
      arrived.resolve();
    });
    const b = await backend("b");
    const { url } = await start([endpoint("a", port), b.endpoint]);
    const client = new AbortController();
    const answer = fetch(`${url}/llm/llama/v1/completions`, { signal: client.signal }).catch(
      (error: Error) => error.name,
    );
    await arrived.promise;
    client.abort();
    await closed.promise;
    expect(await answer).toBe("AbortError");
    expect(b.seen).toHaveLength(0);
  });
});
