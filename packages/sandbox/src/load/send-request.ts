import { type Dispatcher, request } from "undici";
import { messageOf } from "../message-of";
import { CompletionStream } from "./completion-stream";
import { type GapObjective, type LoadRequest, RequestOutcome, type RequestRecord } from "./load-types";
import { completedOutcome } from "./outcome";

export interface SendOptions {
  /** Base URL of the OpenAI API, without `/v1`. */
  url: string;
  request: LoadRequest;
  objective?: GapObjective;
  dispatcher: Dispatcher;
  /** Longest wait for the first and for each further byte, in seconds; longer is a failure. */
  timeoutSeconds: number;
  /** Ends the request as `incomplete`. */
  signal: AbortSignal;
  /** Called with `performance.now()` for each piece of text. */
  onToken: (now: number, gapMs: number | undefined) => void;
}

/** What a request itself can tell about its end; the caller adds which one it was. */
export type RequestMeasurement = Omit<RequestRecord, "id" | "phase" | "sentAtMs">;

/** Sends one streaming completion and measures it. Never rejects: a failure is an outcome. */
export async function sendRequest(options: SendOptions): Promise<RequestMeasurement> {
  const sentAt = performance.now();
  const gapsMs: number[] = [];
  let timeToFirstTokenMs: number | undefined;
  let lastTokenAt: number | undefined;
  let streamError: string | undefined;
  let status: number | undefined;

  const stream = new CompletionStream({
    onText: () => {
      const now = performance.now();
      const gapMs = lastTokenAt === undefined ? undefined : now - lastTokenAt;
      if (gapMs === undefined) timeToFirstTokenMs = now - sentAt;
      else gapsMs.push(gapMs);
      lastTokenAt = now;
      options.onToken(now, gapMs);
    },
    onError: (message) => {
      streamError ??= message;
    },
  });
  const end = (outcome: RequestOutcome, error?: string): RequestMeasurement => ({
    durationMs: performance.now() - sentAt,
    ...(timeToFirstTokenMs === undefined ? {} : { timeToFirstTokenMs }),
    gapsMs,
    outcome,
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error }),
  });

  try {
    const response = await request(`${options.url}/v1/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(completionBody(options.request)),
      dispatcher: options.dispatcher,
      signal: options.signal,
      headersTimeout: options.timeoutSeconds * 1000,
      bodyTimeout: options.timeoutSeconds * 1000,
    });
    status = response.statusCode;
    if (status !== 200)
      return end(RequestOutcome.Failed, `HTTP ${status}: ${(await response.body.text()).slice(0, 200)}`);
    for await (const bytes of response.body) stream.push(bytes);
    if (streamError !== undefined) return end(RequestOutcome.Failed, streamError);
    if (!stream.complete) return end(RequestOutcome.Failed, "the stream ended before the server said it was complete");
    return end(completedOutcome(gapsMs, options.objective));
  } catch (error) {
    if (options.signal.aborted) return end(RequestOutcome.Incomplete);
    return end(RequestOutcome.Failed, messageOf(error));
  }
}

/** One word repeated: every request has the same length and none shares less or more of a prefix than another. */
function completionBody(request: LoadRequest): Record<string, unknown> {
  return {
    model: request.model,
    prompt: Array.from({ length: request.promptTokens }, () => "token").join(" "),
    max_tokens: request.outputTokens,
    ignore_eos: true,
    stream: true,
  };
}
