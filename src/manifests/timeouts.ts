import type { Problem } from "../policy/policy-input";
import { startupProbeSeconds } from "./rollout";
import { startupSeconds } from "./start-up";
import { serverDefaults, type VllmServerSettings } from "./vllm-server-options";

/** Time a request may wait in vLLM's queue before it is generated. */
const queueSeconds = 60;
/** Each part of the chain waits a little longer than the one behind it, so that the one behind it says what is wrong. */
const marginSeconds = 10;

/** From the request to the end of its answer, once a replica is ready: without streaming, even the headers come at the end. */
export function answerSeconds(settings: VllmServerSettings): number {
  return (settings.longestGenerationSeconds ?? serverDefaults.longestGenerationSeconds) + queueSeconds;
}

/** How long a held request waits for the first replica: as long as a start may take before it counts as failed. */
export function coldStartSeconds(settings: VllmServerSettings): number {
  return startupProbeSeconds(settings);
}

/** From the request to the end of its answer if a start takes as long as it says: what the platform must let a request take. */
export function requestSeconds(settings: VllmServerSettings, coldStart: boolean): number {
  return answerSeconds(settings) + (coldStart ? startupSeconds(settings.startup) : 0);
}

/** Whether a piece of the platform would cut a request. `allowed` is its `longestRequestSeconds`, if that is known. */
export function cutRequestProblems(
  settings: VllmServerSettings,
  coldStart: boolean,
  platform: { piece: string; allowed: number | undefined },
): Problem[] {
  const needed = requestSeconds(settings, coldStart);
  const { piece, allowed = needed } = platform;
  return needed <= allowed
    ? []
    : [
        {
          path: "longestGenerationSeconds",
          message: `makes a request take up to ${needed} s (${needed - answerSeconds(settings)} s of start, the longest generation and ${queueSeconds} s in the queue), but the platform would cut it after ${allowed} s. Raise the platform's ${piece}.longestRequestSeconds to at least ${needed}, or lower it.`,
        },
      ];
}

/** What a part in front of the pods must wait at least. `hops` are the parts between it and the pods. */
export function waitSeconds(settings: VllmServerSettings, coldStart: boolean, hops: number): number {
  return answerSeconds(settings) + (coldStart ? coldStartSeconds(settings) : 0) + hops * marginSeconds;
}
