import type { ProgressEvent, ProgressListener } from "@vllm-serving/sandbox";
import ora from "ora";

/** Draws a long operation: one spinner line for the running step, one line that stays for each finished one. */
export function drawProgress(stream: NodeJS.WriteStream = process.stderr): ProgressListener & { stop(): void } {
  const spinner = ora({ stream, discardStdin: false, hideCursor: true });
  const interactive = stream.isTTY === true;
  let printed = "";

  const listener = (event: ProgressEvent): void => {
    const line = describe(event);
    if (event.state === "done") spinner.stopAndPersist({ symbol: "✔", text: line });
    else if (event.state === "failed") spinner.stopAndPersist({ symbol: "✖", text: line });
    else if (event.state === "running") {
      if (interactive) spinner.start(line);
      else printOnce(`${event.title}${event.detail === undefined ? "" : `: ${event.detail}`}`, line);
    }
  };
  // Without a terminal a step is one line for each thing it does, not one for each second.
  const printOnce = (key: string, line: string): void => {
    if (key === printed) return;
    printed = key;
    stream.write(`- ${line}\n`);
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
