import { request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxState } from "@vllm-serving/sandbox";

export interface HeldAnswer {
  status: number | undefined;
  /** Of the interceptor: whether it has waited for a replica. */
  coldStart: string | undefined;
  body: string;
  /** Milliseconds from the request to the first bytes of the answer. */
  firstMs: number;
  /** Milliseconds from the request to the end of the answer. */
  lastMs: number;
}

/**
 * Asks the interceptor as a user outside of the sandbox does; `fetch` does not let one choose the Host header. With a body, which is a
 * chat, otherwise for the list of models.
 */
export function askInterceptor(sandbox: SandboxState, host: string, body?: object): Promise<HeldAnswer> {
  const begin = performance.now();
  const url = `${sandbox.endpoints.interceptor}/v1/${body === undefined ? "models" : "chat/completions"}`;
  const headers = { host, "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: body === undefined ? "GET" : "POST", headers }, (response) => {
      const { statusCode: status } = response;
      const coldStart = `${response.headers["x-keda-http-cold-start"]}`;
      const firstMs = performance.now() - begin;
      text(response).then((body) => {
        resolve({ status, coldStart, body, firstMs, lastMs: performance.now() - begin });
      }, reject);
    });
    asked.on("error", reject);
    asked.end(body && JSON.stringify(body));
  });
}

/** Has a request in flight until it is ended, also while replicas come and go. */
export function keepAsking(sandbox: SandboxState, host: string, model: string): () => Promise<void> {
  const ended = new AbortController();
  const ask = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await askInterceptor(sandbox, host, streamedChat(model, 50)).catch(() => sleep(500));
    }
  };
  const asking = ask();
  return async () => {
    ended.abort();
    await asking;
  };
}

/** A streamed chat of that many tokens; without `ignore_eos` the simulator may end its random text before. */
export function streamedChat(model: string, tokens: number): object {
  return {
    model,
    messages: [{ role: "user", content: "Hello" }],
    max_tokens: tokens,
    ignore_eos: true,
    stream: true,
  };
}

/** What an event stream holds, an event each. */
export function events(stream: string): string[] {
  return stream.split("\n\n").filter((event) => event.startsWith("data: "));
}
