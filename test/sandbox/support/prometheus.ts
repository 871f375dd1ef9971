import type { SandboxState } from "@vllm-serving/sandbox";
import { z } from "zod";

const answer = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** All series of an instant query. */
export async function queryPrometheus(sandbox: SandboxState, query: string) {
  const response = await fetch(`${sandbox.endpoints.prometheus}/api/v1/query?${new URLSearchParams({ query })}`);
  return answer.parse(await response.json()).data.result;
}

const answerSchema = z.object({
  status: z.enum(["success", "error"]),
  errorType: z.string().optional(),
  error: z.string().optional(),
  data: z.unknown().optional(),
});

/** What Prometheus answers to a query, whether it takes it or not. @param parameters such as a `timeout` */
export async function askPrometheus(
  sandbox: SandboxState,
  path: "query" | "parse_query",
  query: string,
  parameters: Record<string, string> = {},
) {
  const body = new URLSearchParams({ query, ...parameters });
  const response = await fetch(`${sandbox.endpoints.prometheus}/api/v1/${path}`, { method: "POST", body });
  return answerSchema.parse(await response.json());
}
