import { createParser } from "eventsource-parser";
import { z } from "zod";
import type { Call, Endpoint } from "./endpoint";
import { EndpointFailure, FailureKind } from "./endpoint-failure";

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });
const completionSchema = z.object({ choices: z.array(z.object({ text: z.string() })).min(1) });
const errorSchema = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

const outputTokens = 8;

type Waiting = Omit<Call, "body">;

/** That `/v1/models` lists the model. @returns how many it lists */
export async function checkModels(endpoint: Endpoint, model: string, call: Waiting): Promise<string> {
  const answer = modelsSchema.safeParse(await endpoint.json("/v1/models", call));
  if (!answer.success) throw wrong("/v1/models answers something that is no list of models.");
  const served = answer.data.data.map(({ id }) => id);
  if (!served.includes(model)) {
    throw new EndpointFailure(
      FailureKind.NotFound,
      `/v1/models lists ${served.length === 0 ? "no model" : served.join(", ")}, not ${model}.`,
    );
  }
  return served.length === 1 ? "the only one" : `one of ${served.length}`;
}

/** That the model completes a prompt. */
export async function checkCompletion(endpoint: Endpoint, model: string, call: Waiting): Promise<string> {
  const answer = completionSchema.safeParse(await endpoint.json("/v1/completions", { ...call, body: body(model) }));
  if (!answer.success) throw wrong("/v1/completions answers something that is no completion.");
  return `${answer.data.choices[0]?.text.length ?? 0} characters`;
}

/** That it streams: pieces come, and an end that says so. */
export async function checkStream(endpoint: Endpoint, model: string, call: Waiting): Promise<string> {
  const begin = performance.now();
  const stream = { pieces: 0, firstAt: 0, ended: false };
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === "[DONE]") {
        stream.ended = true;
        return;
      }
      if (!isCompletion(data))
        throw wrong(`the stream has a piece that is no completion: ${endpoint.shown(failureIn(data))}`);
      stream.pieces += 1;
      if (stream.firstAt === 0) stream.firstAt = performance.now();
    },
  });
  const decoder = new TextDecoder();
  await endpoint.ask("/v1/completions", { ...call, body: { ...body(model), stream: true } }, async (response) => {
    for await (const bytes of response.body) parser.feed(decoder.decode(bytes, { stream: true }));
  });
  if (stream.pieces === 0) throw wrong("/v1/completions does not stream: the answer has no events.");
  if (!stream.ended) throw wrong("the stream ended without [DONE]: something on the way cut it.");
  return `${stream.pieces} ${stream.pieces === 1 ? "piece" : "pieces"}, the first after ${((stream.firstAt - begin) / 1000).toFixed(2)} s`;
}

function body(model: string): object {
  return { model, prompt: "Say hello.", max_tokens: outputTokens };
}

function isCompletion(data: string): boolean {
  return z.object({ choices: z.array(z.looseObject({})) }).safeParse(json(data)).success;
}

/** What a piece says instead of being a completion. */
function failureIn(data: string): string {
  const parsed = errorSchema.safeParse(json(data));
  if (!parsed.success) return data;
  const { error } = parsed.data;
  return typeof error === "string" ? error : error.message;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrong(message: string): EndpointFailure {
  return new EndpointFailure(FailureKind.WrongAnswer, message);
}
