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
