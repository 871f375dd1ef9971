import type { ProgressListener } from "../sandbox-state";
import type { ToolFamily } from "./families";

/**
 * Turns the builds of some families into progress events, one at least each second while something is built. What is left
 * is estimated from the cold build times, scaled by how fast the finished ones were.
 */
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
    const later = this.families.slice(this.index + 1).reduce((sum, family) => sum + family.coldBuildSeconds, 0);
    const current = Math.max(0, (this.families[this.index]?.coldBuildSeconds ?? 0) - this.elapsedSeconds());
    const speed = this.finishedColdSeconds > 60 ? this.finishedSeconds / this.finishedColdSeconds : 1;
    return current + later * speed;
  }
}
