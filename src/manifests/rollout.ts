import { versions } from "../versions";
import { startupSeconds } from "./start-up";
import { drainsOnSigterm } from "./vllm-arguments";
import { serverDefaults, type VllmServerSettings } from "./vllm-server-options";

/** Before SIGTERM, so that every proxy has stopped sending requests to a pod that is going. */
const endpointDrainSeconds = 15;
/** Between the end of the drain and the kill. */
const graceMarginSeconds = 10;
/** Even a server that loads nothing has to start. */
const leastStartupProbeSeconds = 60;
/** The default of Kubernetes, under which we do not go. */
const leastProgressDeadlineSeconds = 600;

export const probePeriodSeconds = 5;

/** With all GPUs in use there is none for a surge pod: a rollout that wants one never ends. So there is none unless asked for. */
export function rolloutStrategy({ maxSurge = 0 }: VllmServerSettings) {
  return { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable: maxSurge === 0 ? 1 : 0 } } as const;
}

/** A replica is replaced by draining the old one and then starting the new one; each step of that counts as progress. */
export function progressDeadlineSeconds(options: VllmServerSettings): number {
  return Math.max(leastProgressDeadlineSeconds, startupProbeSeconds(options) + drain(options).gracePeriodSeconds);
}

/** How long a start may take before it counts as failed. */
export function startupProbeSeconds(options: VllmServerSettings): number {
  // Three times: a slow start is late, a killed one is later, and loads queue up on the same file server.
  const longest = Math.max(leastStartupProbeSeconds, 3 * startupSeconds(options.startup));
  return Math.ceil(longest / probePeriodSeconds) * probePeriodSeconds;
}

/** How a replica goes: endpoints first, then the running requests, then the process. */
export function drain(options: VllmServerSettings) {
  const longest = options.longestGenerationSeconds ?? serverDefaults.longestGenerationSeconds;
  return {
    preStopSeconds: drainsOnSigterm(options.vllmVersion ?? versions.vllm)
      ? endpointDrainSeconds
      : endpointDrainSeconds + longest,
    gracePeriodSeconds: endpointDrainSeconds + longest + graceMarginSeconds,
  };
}
