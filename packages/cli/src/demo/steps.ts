import type { ProgressListener } from "@vllm-serving/sandbox";
import type { DemoPhase } from "./demo-run";

/** A step of the demo that did not succeed; what it was made of is the cause. */
export class StepError extends Error {
  constructor(
    readonly title: string,
    override readonly cause: unknown,
  ) {
    super(`${title}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A step that ended, in milliseconds since the epoch. */
interface TakenStep {
  name: string;
  title: string;
  startedAt: number;
  endedAt: number;
}

/** Runs the demo's steps, tells of them and remembers when they were. */
export class Steps {
  readonly taken: TakenStep[] = [];

  constructor(
    private readonly total: number,
    private readonly listener: ProgressListener,
  ) {}

  /** @throws StepError, or the signal's reason when the step was stopped on request */
  async run<T>(
    name: string,
    title: string,
    signal: AbortSignal,
    step: (detail: (text: string) => void) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const startedAt = Date.now();
    const done = this.taken.length;
    const tell = (state: "running" | "done" | "failed", detail?: string): void =>
      this.listener({
        id: `demo:${name}`,
        title,
        state,
        ...(detail === undefined ? {} : { detail }),
        elapsedSeconds: (Date.now() - startedAt) / 1000,
        done: state === "done" ? done + 1 : done,
        total: this.total,
      });
    tell("running");
    try {
      const result = await step((text) => tell("running", text));
      this.taken.push({ name, title, startedAt, endedAt: Date.now() });
      tell("done");
      return result;
    } catch (error) {
      tell("failed");
      signal.throwIfAborted();
      throw new StepError(title, error);
    }
  }

  /** The steps as phases, in seconds since `zeroAt`. */
  phases(zeroAt: number): DemoPhase[] {
    return this.taken.map(({ name, title, startedAt, endedAt }) => ({
      name,
      title,
      startSeconds: (startedAt - zeroAt) / 1000,
      endSeconds: (endedAt - zeroAt) / 1000,
    }));
  }
}
