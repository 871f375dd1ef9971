import pRetry, { AbortError } from "p-retry";
import { request } from "undici";
import { z } from "zod";

export interface WaitUntilServedOptions {
  /** Base URL of the OpenAI API, without `/v1`. */
  url: string;
  /** Served model name. */
  model: string;
  /** Longest wait, in seconds. */
  timeoutSeconds: number;
  signal?: AbortSignal;
}

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });
const completionSchema = z.object({ choices: z.array(z.object({ text: z.string() })).min(1) });

/**
 * Waits until the server names the model and completes a prompt with it.
 * @returns the text it completed
 * @throws Error with the last answer when the time is over, or at once when the server serves other models only
 */
export async function waitUntilServed(options: WaitUntilServedOptions): Promise<string> {
  return pRetry(() => askOnce(options), {
    retries: Number.POSITIVE_INFINITY,
    factor: 1,
    minTimeout: 500,
    maxRetryTime: options.timeoutSeconds * 1000,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

async function askOnce({ url, model, signal }: WaitUntilServedOptions): Promise<string> {
  const models = modelsSchema.parse(await json(`${url}/v1/models`, { method: "GET" }, signal));
  const served = models.data.map((entry) => entry.id);
  if (!served.includes(model)) throw new AbortError(`${url} serves ${served.join(", ") || "no model"}, not ${model}.`);
  const body = JSON.stringify({ model, prompt: "Say hello.", max_tokens: 8 });
  const answer = completionSchema.parse(await json(`${url}/v1/completions`, { method: "POST", body }, signal));
  return answer.choices[0]?.text ?? "";
}

async function json(url: string, call: { method: "GET" | "POST"; body?: string }, signal?: AbortSignal) {
  const response = await request(url, {
    ...call,
    headers: { "content-type": "application/json" },
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.statusCode !== 200) {
    throw new Error(`${url} answered ${response.statusCode}: ${(await response.body.text()).slice(0, 200)}`);
  }
  return response.body.json();
}
