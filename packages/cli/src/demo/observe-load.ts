import { setTimeout as sleep } from "node:timers/promises";
import type {
  ClusterEvent,
  ClusterSample,
  LoadEvent,
  LoadOptions,
  LoadResult,
  RequestOutcome,
} from "@vllm-serving/sandbox";
import { type DemoLoad, LoadPhaseName } from "./demo-load";
import type { DemoModel } from "./demo-model";
import type { DemoPhase } from "./demo-run";
import type { LiveState } from "./live";
import { ClientView, medianGap, settledAt, sloAttainment, type TimelinePoint, timelinePoint } from "./timeline";

/** What the load's observation needs of a sandbox. */
export interface ObserveOptions {
  runLoad: (options: LoadOptions) => Promise<LoadResult>;
  sample: () => Promise<ClusterSample>;
  /** The model's address, without `/v1`. */
  url: string;
  model: DemoModel;
  load: DemoLoad;
  signal: AbortSignal;
  onLive: (state: LiveState) => void;
  /** Time between two points of the timeline. @default 1000 */
  sampleEveryMs?: number;
}

export interface Observation {
  /** Milliseconds since the epoch. */
  beganAt: number;
  timeline: TimelinePoint[];
  phases: DemoPhase[];
  requests: Record<RequestOutcome, number>;
  sloAttainment: number | null;
  /** Why the failed requests failed, each reason once. */
  failures: string[];
}

/** One replica must have been all there is for this long. */
const settledSeconds = 8;
/** Samples that may fail one after the other: the control plane may be restarting. */
const mostFailedSamples = 10;

const phaseTitles: Record<string, string> = {
  [LoadPhaseName.Quiet]: "Quiet",
  [LoadPhaseName.Ramp]: "Ramp up",
  [LoadPhaseName.Peak]: "Peak load",
  [LoadPhaseName.ScaleDown]: "Scale down",
};

/**
 * Runs the load and looks at the cluster once a second, until one replica is left after the peak (or the last phase is over)
 * and the last request has ended.
 *
 * @throws Error when the cluster cannot be read any more, with what it answered last
 */
export async function observeLoad(options: ObserveOptions): Promise<Observation> {
  const { model, load } = options;
  const began = performance.now();
  const beganAt = Date.now();
  const clients = new ClientView();
  const progress = new LoadProgress(options);
  const timeline: TimelinePoint[] = [];
  const settled = new AbortController();
  const broken = new AbortController();
  let loading = true;

  const running = options
    .runLoad({
      url: options.url,
      request: { model: model.servedModelName, promptTokens: load.promptTokens, outputTokens: load.outputTokens },
      phases: load.phases,
      seed: load.seed,
      objective: model.objective,
      signal: AbortSignal.any([options.signal, broken.signal]),
      stopSending: settled.signal,
      onEvent: (event) => {
        clients.add(event);
        progress.add(event);
      },
    })
    .finally(() => {
      loading = false;
    });

  let failedSamples = 0;
  try {
    for (let tick = 0; loading; tick += 1) {
      const due = began + tick * (options.sampleEveryMs ?? 1000);
      await Promise.race([running, sleep(Math.max(0, due - performance.now()))]);
      try {
        const sample = await options.sample();
        const point = timelinePoint((performance.now() - began) / 1000, sample, clients);
        timeline.push(point);
        failedSamples = 0;
        options.onLive(progress.live(point));
      } catch (error) {
        failedSamples += 1;
        if (failedSamples > mostFailedSamples) throw error;
      }
      if (progress.phase === LoadPhaseName.ScaleDown && settledAt(timeline, 1, settledSeconds)) settled.abort();
    }
  } finally {
    // Without effect on a load that has ended.
    broken.abort();
  }
  const { counts, records } = await running;
  options.signal.throwIfAborted();
  const endSeconds = (performance.now() - began) / 1000;
  return {
    beganAt,
    timeline,
    phases: progress.finished(endSeconds, clients, model),
    requests: counts,
    sloAttainment: sloAttainment(clients.gaps, model.objective),
    failures: [...new Set(records.flatMap((record) => record.error ?? []))],
  };
}

/** Which phase the load is in, and what became of its requests. */
class LoadProgress {
  private readonly starts: { name: string; atSeconds: number }[] = [];
  private readonly requests = { ok: 0, late: 0, failed: 0, incomplete: 0 };
  private readonly sentInPhase = new Map<string, number>();

  constructor(private readonly options: Pick<ObserveOptions, "model" | "load">) {}

  get phase(): string | undefined {
    return this.starts.at(-1)?.name;
  }

  add(event: LoadEvent): void {
    if (event.type === "phase") this.starts.push({ name: event.name, atSeconds: event.atMs / 1000 });
    else if (event.type === "finished") {
      const { outcome, phase } = event.record;
      this.requests[outcome] += 1;
      this.sentInPhase.set(phase, (this.sentInPhase.get(phase) ?? 0) + 1);
    }
  }

  live(point: TimelinePoint): LiveState {
    const { model, load } = this.options;
    const current = this.starts.at(-1);
    const planned = load.phases.find((phase) => phase.name === current?.name);
    const endsByItself = planned !== undefined && planned.name !== LoadPhaseName.ScaleDown;
    return {
      phase: phaseTitles[current?.name ?? LoadPhaseName.Quiet] ?? "",
      phaseElapsedSeconds: point.t - (current?.atSeconds ?? 0),
      ...(endsByItself ? { phaseSeconds: planned.seconds } : {}),
      phaseNumber: Math.max(1, this.starts.length),
      phases: load.phases.length,
      point,
      objective: model.objective,
      maxReplicas: model.maxReplicas,
      requests: this.requests,
    };
  }

  finished(endSeconds: number, clients: ClientView, model: DemoModel): DemoPhase[] {
    return this.starts.map(({ name, atSeconds }, i) => {
      const end = this.starts[i + 1]?.atSeconds ?? endSeconds;
      const gaps = clients.gaps.filter(({ atMs }) => atMs >= atSeconds * 1000 && atMs < end * 1000);
      return {
        name,
        title: phaseTitles[name] ?? name,
        startSeconds: atSeconds,
        endSeconds: end,
        load: {
          sent: this.sentInPhase.get(name) ?? 0,
          itlP50Ms: medianGap(gaps),
          sloAttainment: sloAttainment(gaps, model.objective),
        },
      };
    });
  }
}

/** The events with times relative to the load's beginning, in the order of time. */
export function demoEvents(events: ClusterEvent[], beganAt: number) {
  return events.map(({ uid: _, at, lastAt: __, ...event }) => ({ ...event, t: (at - beganAt) / 1000 }));
}
