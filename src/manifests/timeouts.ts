import { startupProbeSeconds } from "./rollout";
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

/** What a part in front of the pods must wait at least. `hops` are the parts between it and the pods. */
export function waitSeconds(settings: VllmServerSettings, coldStart: boolean, hops: number): number {
  return answerSeconds(settings) + (coldStart ? coldStartSeconds(settings) : 0) + hops * marginSeconds;
}
