import type { ProgressListener } from "../sandbox-state";
import type { ToolFamily } from "./families";

/** Turns the builds of some families into progress events, one at least each second while something is built. */
export class BuildProgress {
  private index = -1;
  private startedAt = 0;
  private currentDetail: string | undefined;
  private ticker: NodeJS.Timeout | undefined;
  private finishedSeconds = 0;
  private finishedColdSeconds = 0;

  constructor(
    private readonly families: ToolFamily[],
    private readonly listener: ProgressListener | undefined,
  ) {}

  start(family: ToolFamily): void {
    this.index = this.families.indexOf(family);
    this.startedAt = Date.now();
    this.currentDetail = undefined;
    this.emit("running");
    this.ticker = setInterval(() => this.emit("running"), 1000);
    this.ticker.unref();
  }

  detail(detail: string): void {
    this.currentDetail = detail;
    this.emit("running");
  }

  end(state: "done" | "failed"): void {
    clearInterval(this.ticker);
    this.finishedSeconds += this.elapsedSeconds();
    this.finishedColdSeconds += this.families[this.index]?.coldBuildSeconds ?? 0;
    this.currentDetail = undefined;
    this.emit(state);
  }

  private elapsedSeconds(): number {
    return (Date.now() - this.startedAt) / 1000;
  }

  private emit(state: "running" | "done" | "failed"): void {
    const family = this.families[this.index];
    if (family === undefined) return;
    this.listener?.({
      id: `build:${family.name}`,
      title: `Building ${family.title} ${family.version}`,
      state,
      ...(this.currentDetail === undefined ? {} : { detail: this.currentDetail }),
      elapsedSeconds: this.elapsedSeconds(),
      ...(state === "running" ? { remainingSeconds: this.remainingSeconds() } : {}),
      done: this.index + (state === "done" ? 1 : 0),
      total: this.families.length,
    });
  }

  private remainingSeconds(): number {
    return remainingBuildSeconds({
      finished: { seconds: this.finishedSeconds, coldSeconds: this.finishedColdSeconds },
      current: { seconds: this.elapsedSeconds(), coldSeconds: this.families[this.index]?.coldBuildSeconds ?? 0 },
      laterColdSeconds: this.families.slice(this.index + 1).reduce((sum, family) => sum + family.coldBuildSeconds, 0),
    });
  }
}

/** What was built so far says how fast this machine is, once it would have taken this long where the cold times were measured. */
const meaningfulColdSeconds = 60;

/** A rough estimate: cold build times, scaled by how much faster or slower the finished builds were. */
export function remainingBuildSeconds(builds: {
  finished: { seconds: number; coldSeconds: number };
  current: { seconds: number; coldSeconds: number };
  laterColdSeconds: number;
}): number {
  const { finished, current, laterColdSeconds } = builds;
  const measured = finished.coldSeconds >= meaningfulColdSeconds ? finished.seconds / finished.coldSeconds : 1;
  // A build that already takes longer than expected says that the later ones will, too.
  const slow = current.coldSeconds >= meaningfulColdSeconds ? current.seconds / current.coldSeconds : 0;
  return Math.max(0, current.coldSeconds * measured - current.seconds) + laterColdSeconds * Math.max(measured, slow);
}
