import type { ProgressEvent, ProgressListener } from "@vllm-serving/sandbox";
import ora from "ora";

/** Draws a long operation: one spinner line for the running step, one line that stays for each finished one. */
export function drawProgress(stream: NodeJS.WritableStream = process.stderr): ProgressListener & { stop(): void } {
  const spinner = ora({ stream, discardStdin: false, hideCursor: true });
  const interactive = "isTTY" in stream && stream.isTTY === true;
  const printed = new Map<string, { detail: string | undefined; atSeconds: number }>();

  const listener = (event: ProgressEvent): void => {
    const line = describe(event);
    if (event.state === "done") spinner.stopAndPersist({ symbol: "✔", text: line });
    else if (event.state === "failed") spinner.stopAndPersist({ symbol: "✖", text: line });
    else if (event.state === "running") {
      if (interactive) spinner.start(line);
      else if (worthALine(event)) stream.write(`- ${line}\n`);
    }
  };
  // Without a terminal a step is a line when it starts, then at most one in ten seconds: what is new, or once a minute that
  // it still runs.
  const worthALine = (event: ProgressEvent): boolean => {
    const last = printed.get(event.id);
    const atSeconds = event.elapsedSeconds ?? 0;
    const silentSeconds = last === undefined ? Number.POSITIVE_INFINITY : atSeconds - last.atSeconds;
    if (silentSeconds < 10 || (silentSeconds < 60 && last?.detail === event.detail)) return false;
    printed.set(event.id, { detail: event.detail, atSeconds });
    return true;
  };
  return Object.assign(listener, { stop: () => void spinner.stop() });
}

/** For example `Building kubernetes: kube-apiserver, 1 of 4 · step 2 of 9 · 2 min · about 14 min left`. */
export function describe(event: ProgressEvent): string {
  const parts = [event.detail === undefined ? event.title : `${event.title}: ${event.detail}`];
  if (event.total > 1) parts.push(`${event.done} of ${event.total}`);
  if (event.elapsedSeconds !== undefined) parts.push(duration(event.elapsedSeconds));
  if (event.remainingSeconds !== undefined && event.state === "running") {
    parts.push(`about ${duration(event.remainingSeconds)} left`);
  }
  return parts.join(" · ");
}

/** Whole seconds up to a minute and a half, whole minutes above. */
export function duration(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
