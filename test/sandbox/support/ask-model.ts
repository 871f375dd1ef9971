import type { SandboxState } from "@vllm-serving/sandbox";
import { expect } from "vitest";
import { z } from "zod";

export interface Model {
  namespace: string;
  service: string;
  /** Name to ask for. */
  model: string;
}

/** Asks a model for a completion, through the router. */
export function complete(
  sandbox: SandboxState,
  { namespace, service, model }: Model,
  options: object,
  signal: AbortSignal | null = null,
): Promise<Response> {
  return fetch(`${sandbox.endpoints.router}/${namespace}/${service}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, prompt: "Hello", ...options }),
    signal,
  });
}

export async function expectAnswer(sandbox: SandboxState, model: Model): Promise<void> {
  const response = await complete(sandbox, model, { max_tokens: 3 });
  const answer = z.object({ model: z.string().optional() }).parse(await response.json());
  expect([response.status, answer.model]).toEqual([200, model.model]);
}
