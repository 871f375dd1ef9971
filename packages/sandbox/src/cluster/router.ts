import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { Agent, type Dispatcher } from "undici";
import { messageOf } from "../message-of";
import { type Endpoint, leastLoaded, type ServiceEndpoints } from "./endpoints";

export interface RouterOptions {
  /** Port on 127.0.0.1; 0 takes any free one. */
  port: number;
  /** All Services with their ready endpoints, as they are now. */
  services(): ServiceEndpoints[];
  log(message: string): void;
  /** In [0, 1), decides between equally loaded endpoints. @default Math.random */
  random?: () => number;
}

export interface Router {
  port: number;
  /** Requests that a pod has been given and has not finished. */
  inFlight(namespace: string, pod: string): number;
  close(): Promise<void>;
}

/** What `GET /-/endpoints` answers. */
export interface RouterStatus {
  services: { namespace: string; service: string; endpoints: (Endpoint & { inFlight: number })[] }[];
  /** Requests in flight by `<namespace>/<pod>`, also of pods that get no new ones. */
  inFlight: Record<string, number>;
}

const mebibyte = 1024 * 1024;
/** As large as the simulator takes. */
const maxBodyBytes = 4 * mebibyte;
const retryAfterSeconds = 5;

/** Of one connection, not of a message (RFC 9110, section 7.6.1); undici sets the length and the host itself. */
const connectionHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "host",
  "content-length",
]);

/**
 * Stands for the Services of the cluster: `http://127.0.0.1:<port>/<namespace>/<service>/v1/...` goes to a ready endpoint of
 * that Service. A pod that is no longer ready gets no new requests and finishes those it has.
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const forwarder = new Forwarder(options);
  const server = createServer((request, response) => {
    forwarder.handle(request, response).catch((error: unknown) => {
      options.log(`router: ${request.url}: ${messageOf(error)}`);
      response.destroy();
    });
  });
  // Longer than clients keep idle connections, so that none is closed while a request is on its way.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    inFlight: (namespace, pod) => forwarder.inFlight.get(`${namespace}/${pod}`) ?? 0,
    async close() {
      server.close();
      server.closeAllConnections();
      await forwarder.close();
    },
  };
}

class Forwarder {
  readonly inFlight = new Map<string, number>();
  /** No limits on time: a request may wait long in a replica's queue before its first byte. */
  private readonly agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

  constructor(private readonly options: RouterOptions) {}

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === "/-/endpoints") return sendJson(response, 200, this.status());
    const route = /^\/([^/]+)\/([^/?]+)(\/.*)$/s.exec(request.url ?? "");
    const [, namespace = "", service = "", path = ""] = route ?? [];
    if (route === null) {
      return sendError(response, 404, "not_found", "Ask for /<namespace>/<service>/v1/... or /-/endpoints.");
    }
    const body = await readBody(request);
    if (body === undefined) {
      return sendError(
        response,
        413,
        "invalid_request_error",
        `The body has more than ${maxBodyBytes / mebibyte} MiB.`,
      );
    }
    await this.forward({ namespace, service, path, request, body }, response);
  }

  /** Tries another endpoint once when the first one fails before it answers: nothing has been sent to the client then. */
  private async forward(routed: RoutedRequest, response: ServerResponse): Promise<void> {
    const abort = new AbortController();
    response.once("close", () => abort.abort());
    let failed: { endpoint: Endpoint; error: unknown } | undefined;
    for (let attempt = 0; attempt < 2 && !abort.signal.aborted; attempt += 1) {
      const endpoint = this.choose(routed, failed?.endpoint);
      if (endpoint === undefined) break;
      const release = this.occupy(endpoint);
      try {
        const upstream = await this.send(endpoint, routed, abort.signal);
        return await stream(upstream, response);
      } catch (error) {
        if (response.headersSent || abort.signal.aborted) return void response.destroy();
        failed = { endpoint, error };
        this.options.log(`router: ${endpoint.namespace}/${endpoint.pod} at ${endpoint.address}: ${messageOf(error)}`);
      } finally {
        release();
      }
    }
    if (abort.signal.aborted) return;
    const name = `${routed.namespace}/${routed.service}`;
    if (failed === undefined) {
      return sendError(response, 503, "service_unavailable", `The Service ${name} has no ready endpoint.`);
    }
    const reason = `${failed.endpoint.pod} does not answer: ${messageOf(failed.error)}`;
    sendError(response, 502, "bad_gateway", `The Service ${name} could not be reached; ${reason}`);
  }

  /** Not the one that has just failed, unless it is the only one: an idle connection that it has closed is no failure. */
  private choose({ namespace, service }: RoutedRequest, failed: Endpoint | undefined): Endpoint | undefined {
    const found = this.options.services().find((one) => one.namespace === namespace && one.service === service);
    const endpoints = found?.endpoints ?? [];
    const others = endpoints.filter((endpoint) => endpoint.pod !== failed?.pod);
    const { random = Math.random } = this.options;
    return leastLoaded(others.length > 0 ? others : endpoints, (endpoint) => this.load(endpoint), random);
  }

  private load({ namespace, pod }: Endpoint): number {
    return this.inFlight.get(`${namespace}/${pod}`) ?? 0;
  }

  private occupy(endpoint: Endpoint): () => void {
    const key = `${endpoint.namespace}/${endpoint.pod}`;
    this.inFlight.set(key, this.load(endpoint) + 1);
    return () => {
      const left = this.load(endpoint) - 1;
      if (left > 0) this.inFlight.set(key, left);
      else this.inFlight.delete(key);
    };
  }

  private send(endpoint: Endpoint, routed: RoutedRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    return this.agent.request({
      origin: `http://${endpoint.address}`,
      path: routed.path,
      method: routed.request.method ?? "GET",
      headers: endToEndHeaders(routed.request.headers),
      body: routed.body.length > 0 ? routed.body : null,
      signal,
    });
  }

  private status(): RouterStatus {
    return {
      services: this.options.services().map((service) => ({
        ...service,
        endpoints: service.endpoints.map((endpoint) => ({ ...endpoint, inFlight: this.load(endpoint) })),
      })),
      inFlight: Object.fromEntries(this.inFlight),
    };
  }
}

interface RoutedRequest {
  namespace: string;
  service: string;
  path: string;
  request: IncomingMessage;
  body: Buffer;
}

/** Each piece goes on as it comes. */
export async function stream(upstream: Dispatcher.ResponseData, response: ServerResponse): Promise<void> {
  response.writeHead(upstream.statusCode, endToEndHeaders(upstream.headers));
  response.flushHeaders();
  await pipeline(upstream.body, response);
}

/** Those of a message, without those of its connection. */
export function endToEndHeaders(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !connectionHeaders.has(name)) result[name] = value;
  }
  return result;
}

/** The whole body, so that it can be sent twice. Undefined when it is too large; it is read to its end to be able to answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

/** An error as OpenAI's API gives it, which is what its clients can show. */
function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  if (status === 503) response.setHeader("retry-after", retryAfterSeconds);
  sendJson(response, status, { error: { message, type, param: null, code: status } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
