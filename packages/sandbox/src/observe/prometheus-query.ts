import { request } from "undici";
import { z } from "zod";

const answerSchema = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/**
 * The value of an instant query that gives at most one series; undefined for none and for NaN.
 * @throws Error with Prometheus' own words if it refuses the query, or if it cannot be reached.
 */
export async function queryValue(prometheus: string, query: string): Promise<number | undefined> {
  const answer = await request(`${prometheus}/api/v1/query`, { query: { query } });
  if (answer.statusCode !== 200) {
    throw new Error(
      `Prometheus answered ${answer.statusCode} to ${query}: ${(await answer.body.text()).slice(0, 300)}`,
    );
  }
  const sample = answerSchema.parse(await answer.body.json()).data.result[0];
  const value = sample === undefined ? Number.NaN : Number(sample.value[1]);
  return Number.isNaN(value) ? undefined : value;
}
