import { setTimeout as sleep } from "node:timers/promises";
import { isDenied, reasonOf } from "./cluster-api";

/** Soon again at first, for what is done in a moment; then seldom, for what takes minutes. */
const shortestPause = 100;
const longestPause = 2000;

/**
 * Asks again until there is an answer. An error of the API server, e.g. while it restarts, is asked again too.
 *
 * @param ask Returns the answer, or as a string why there is none yet.
 * @throws Error with the last reason when the time is up
 */
export async function poll<Answer extends object>(
  what: string,
  timeoutSeconds: number,
  ask: () => Promise<Answer | string>,
): Promise<Answer> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (let pause = shortestPause; ; pause = Math.min(pause * 2, longestPause)) {
    const answer = await attempt(ask);
    if (typeof answer !== "string") return answer;
    if (Date.now() >= deadline) {
      throw new Error(`${what}: not within ${timeoutSeconds} s, because ${answer}. Run it again to go on waiting.`);
    }
    await sleep(pause);
  }
}

/** Ends the wait at once: more time would not help. */
export class Hopeless extends Error {}

async function attempt<Answer>(ask: () => Promise<Answer | string>): Promise<Answer | string> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Hopeless) throw error;
    if (isDenied(error)) throw new Hopeless(reasonOf(error));
    return reasonOf(error);
  }
}
