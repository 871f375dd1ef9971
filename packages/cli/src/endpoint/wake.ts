import { setTimeout as sleep } from "node:timers/promises";
import { checkModels } from "./checks";
import type { Endpoint } from "./endpoint";
import { EndpointFailure, FailureKind } from "./endpoint-failure";

export interface WakeOptions {
  /** Longest wait for the answer, over all requests. */
  timeoutSeconds: number;
  signal: AbortSignal;
  /** Called with what the last request came to, before it is asked again. */
  onRetry: (message: string) => void;
}

const pauseMs = 1000;

/**
 * Asks until the model answers. A request through KEDA's HTTP add-on or Knative is what starts a replica, and is held until that
 * is ready; one that a proxy on the way gives up on is sent again.
 *
 * @throws EndpointFailure at once if asking again cannot help, otherwise when the time is over
 */
export async function wake(endpoint: Endpoint, model: string, options: WakeOptions): Promise<void> {
  const deadline = performance.now() + options.timeoutSeconds * 1000;
  const msLeft = (): number => Math.max(0, deadline - performance.now());
  for (;;) {
    const last = await ask(endpoint, model, { timeoutSeconds: msLeft() / 1000, signal: options.signal });
    if (last === undefined) return;
    options.onRetry(last);
    // In less time a request would only tell that it had no time.
    const over = msLeft() <= pauseMs;
    await sleep(Math.min(pauseMs, msLeft()), undefined, { signal: options.signal });
    if (over) throw neverAnswered(model, options.timeoutSeconds, last);
  }
}

/** Why the model has not answered yet, if it has not. */
async function ask(
  endpoint: Endpoint,
  model: string,
  limits: { timeoutSeconds: number; signal: AbortSignal },
): Promise<string | undefined> {
  try {
    await checkModels(endpoint, model, limits);
    return undefined;
  } catch (error) {
    if (!(error instanceof EndpointFailure) || error.kind !== FailureKind.Unavailable) throw error;
    return error.message;
  }
}

function neverAnswered(model: string, seconds: number, last: string): EndpointFailure {
  return new EndpointFailure(
    FailureKind.Unavailable,
    [
      `${model} has not answered within ${seconds} s. The last answer: ${last}`,
      "A request starts a replica only where something holds it: KEDA's HTTP add-on (give the interceptor's address as --url and the",
      "route's host as --host) or Knative. A ScaledObject at minReplicaCount 0 with other triggers stays at zero until these ask: give it",
      "a replica with minReplicaCount 1, or with the annotation autoscaling.keda.sh/force-activation=true. A start may also need longer.",
    ].join("\n"),
  );
}
