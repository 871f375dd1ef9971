import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import { arrivals } from "./arrivals";
import type { GapObjective, LoadEvent, LoadPhase, LoadRequest, LoadResult, RequestRecord } from "./load-types";
import { countOutcomes } from "./outcome";
import { sendRequest } from "./send-request";

export interface LoadOptions {
  /** Base URL of the OpenAI API without `/v1`, e.g. the router's `http://127.0.0.1:<port>/<namespace>/<service>`. */
  url: string;
  request: LoadRequest;
  phases: LoadPhase[];
  /** Decides between `ok` and `late`. @default none: every request that completes is ok */
  objective?: GapObjective;
  /** The same seed gives the same arrivals. @default 42, as GuideLLM */
  seed?: number;
  /** Longest wait for the first and for each further byte of an answer, in seconds. @default 120 */
  timeoutSeconds?: number;
  /** Sends nothing more and cuts what runs, which then counts as incomplete. */
  signal?: AbortSignal;
  /** Sends nothing more and waits for what runs. */
  stopSending?: AbortSignal;
  onEvent?: (event: LoadEvent) => void;
}

/**
 * Open-loop load: requests are sent at the times the phases ask for, whether or not earlier ones were answered, so that a
 * slow server meets the same load as a fast one. Resolves when the last request has ended.
 *
 * It runs on the caller's event loop: 40 streams with gaps of exactly 70 ms were measured as 70.0 ms with a standard
 * deviation of 1 ms on two idle cores and 3 ms on two fully loaded ones, so a process of its own would gain nothing.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const begin = performance.now();
  const cut = AbortSignal.any(options.signal === undefined ? [] : [options.signal]);
  // Every running request listens to it.
  setMaxListeners(0, cut);
  const noMore = AbortSignal.any([cut, ...(options.stopSending === undefined ? [] : [options.stopSending])]);
  const emit = (event: LoadEvent): void => options.onEvent?.(event);
  const agent = new Agent({ pipelining: 1, keepAliveTimeout: 10_000 });
  const running: Promise<RequestRecord>[] = [];

  const send = async (id: number, phase: string): Promise<RequestRecord> => {
    const sentAtMs = performance.now() - begin;
    emit({ type: "sent", id, atMs: sentAtMs });
    const measured = await sendRequest({
      url: options.url,
      request: options.request,
      ...(options.objective === undefined ? {} : { objective: options.objective }),
      dispatcher: agent,
      timeoutSeconds: options.timeoutSeconds ?? 120,
      signal: cut,
      onToken: (now, gapMs) =>
        emit({ type: "token", id, atMs: now - begin, ...(gapMs === undefined ? {} : { gapMs }) }),
    });
    const record = { id, phase, sentAtMs, ...measured };
    emit({ type: "finished", record, atMs: performance.now() - begin });
    return record;
  };

  try {
    for (const step of schedule(options.phases, options.seed ?? 42)) {
      if (!(await waitUntil(begin + step.atMs, noMore))) break;
      if (step.kind === "phase") emit({ type: "phase", name: step.phase, atMs: performance.now() - begin });
      else if (step.kind === "arrival") running.push(send(running.length, step.phase));
    }
    const records = await Promise.all(running);
    return { records, counts: countOutcomes(records) };
  } finally {
    await agent.destroy();
  }
}

interface Step {
  atMs: number;
  kind: "phase" | "arrival" | "end";
  phase: string;
}

/** Beginnings of phases, arrivals and the end, in the order of time. */
function schedule(phases: LoadPhase[], seed: number): Step[] {
  const marks: Step[] = [];
  let seconds = 0;
  for (const phase of phases) {
    marks.push({ atMs: seconds * 1000, kind: "phase", phase: phase.name });
    seconds += phase.seconds;
  }
  marks.push({ atMs: seconds * 1000, kind: "end", phase: "" });
  const sent = arrivals(phases, seed).map((arrival): Step => ({ ...arrival, kind: "arrival" }));
  return [...marks, ...sent].sort((a, b) => a.atMs - b.atMs);
}

/** False if the signal came first. */
async function waitUntil(time: number, signal: AbortSignal): Promise<boolean> {
  const left = time - performance.now();
  if (signal.aborted) return false;
  if (left <= 0) return true;
  try {
    await sleep(left, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
