import { rootCertificates } from "node:tls";
import { Agent, type Dispatcher, request } from "undici";
import { connectionFailure, EndpointFailure, FailureKind } from "./endpoint-failure";
import { statusFailure } from "./status-failure";

export interface EndpointOptions {
  /** Base URL of the OpenAI API; a `/v1` at its end does not matter. */
  url: URL;
  /** `Host` header, and the name in the certificate, where the URL is an address or a proxy that routes by it. */
  host?: string | undefined;
  /** Sent as a bearer token. In no message, whatever a server answers. */
  apiKey?: string | undefined;
  /** PEM of certificate authorities to trust beside the public ones. */
  certificateAuthority?: string | undefined;
}

/** How a request is made. */
export interface Call {
  /** Sent as JSON by POST. Without it, the call is a GET. */
  body?: object;
  timeoutSeconds: number;
  signal: AbortSignal;
}

const longestSaid = 300;

/** One deployed model's API, asked from outside as its clients do. Use it, then close it. */
export class Endpoint {
  private readonly agent: Agent;
  private readonly base: string;

  constructor(private readonly options: EndpointOptions) {
    const { host, certificateAuthority } = options;
    this.base = options.url.href.replace(/\/+$/, "").replace(/\/v1$/, "");
    this.agent = new Agent({
      // The call's own limit counts, which spans the start of a model.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        ...(certificateAuthority === undefined ? {} : { ca: [...rootCertificates, certificateAuthority] }),
        ...(host === undefined ? {} : { servername: host.replace(/:\d+$/, "") }),
      },
    });
  }

  /** @throws EndpointFailure, or the reason of the signal */
  async json(path: string, call: Call): Promise<unknown> {
    return this.ask(path, call, async (response) => {
      const text = await response.body.text();
      try {
        return JSON.parse(text);
      } catch {
        throw new EndpointFailure(
          FailureKind.WrongAnswer,
          `${this.urlOf(path).href} answers something that is no JSON: ${this.shown(text)}`,
        );
      }
    });
  }

  /** Hands the answer to `read`, whose failures are treated as those of the connection. */
  async ask<T>(path: string, call: Call, read: (response: Dispatcher.ResponseData) => Promise<T>): Promise<T> {
    const url = this.urlOf(path);
    const timeout = AbortSignal.timeout(Math.ceil(call.timeoutSeconds * 1000));
    try {
      const response = await request(url, {
        method: call.body === undefined ? "GET" : "POST",
        headers: this.headers(),
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        dispatcher: this.agent,
        signal: AbortSignal.any([call.signal, timeout]),
      });
      if (response.statusCode === 200) return await read(response);
      const { location } = response.headers;
      throw statusFailure(url, {
        status: response.statusCode,
        location: typeof location === "string" ? location : undefined,
        text: this.shown(await response.body.text()),
        keySent: this.options.apiKey !== undefined,
      });
    } catch (error) {
      call.signal.throwIfAborted();
      if (error instanceof EndpointFailure) throw error;
      if (timeout.aborted) throw timeoutFailure(url, call.timeoutSeconds);
      throw connectionFailure(error, url);
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  /** The beginning of what a server says, on one line and without the key, which some repeat. */
  shown(text: string): string {
    const { apiKey } = this.options;
    const safe = apiKey === undefined ? text : text.replaceAll(apiKey, "<key>");
    const line = safe.replace(/\s+/g, " ").trim();
    return line.length > longestSaid ? `${line.slice(0, longestSaid)}…` : line;
  }

  private urlOf(path: string): URL {
    return new URL(`${this.base}${path}`);
  }

  private headers(): Record<string, string> {
    const { host, apiKey } = this.options;
    return {
      "content-type": "application/json",
      ...(host === undefined ? {} : { host }),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
  }
}

function timeoutFailure(url: URL, seconds: number): EndpointFailure {
  return new EndpointFailure(
    FailureKind.Unavailable,
    `${url.href} has not answered within ${seconds} s. A model at zero answers when it has started: vllm-serving wake --wait, or a longer --timeout.`,
  );
}
