import type { StartMessage } from "./messages";

type StepEvent = Extract<StartMessage, { type: "progress" }>["event"];

/** Counts the steps of an operation whose parts run side by side. */
export class Steps {
  private done = 0;

  constructor(
    private readonly listener: (event: StepEvent) => void,
    private readonly total: number,
  ) {}

  /** Tells that a step runs, and when it is done or has failed. */
  async run<T>(id: string, title: string, work: () => Promise<T>): Promise<T> {
    const started = Date.now();
    const tell = (state: StepEvent["state"]): void => {
      const elapsedSeconds = (Date.now() - started) / 1000;
      this.listener({ id, title, state, elapsedSeconds, done: this.done, total: this.total });
    };
    tell("running");
    try {
      const result = await work();
      this.done += 1;
      tell("done");
      return result;
    } catch (error) {
      tell("failed");
      throw error;
    }
  }
}
