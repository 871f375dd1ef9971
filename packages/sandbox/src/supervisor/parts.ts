import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ExplainedError } from "../explained-error";
import { messageOf } from "../message-of";
import type { PartStatus } from "../sandbox-state";
import { adviceFor } from "./advice";
import type { PartExit, PartSpec, RunningPart } from "./cluster-context";
import { writeJson } from "./json-file";
import { lastLines } from "./last-lines";
import { recordProcess } from "./process-record";
import { restartAfter } from "./restart-policy";
import type { SandboxFiles } from "./sandbox-directory";

/** A part that ended on its own while the sandbox was being started, or could not be started at all. */
export class PartFailure extends ExplainedError {
  constructor(
    readonly part: string,
    how: string,
    readonly log: string,
    readonly lines: string[],
  ) {
    const advice = adviceFor([how, ...lines]);
    super(
      [
        `${part} ${how}. Last lines of ${log}:`,
        ...lines.map((line) => `  ${line}`),
        ...(advice === undefined ? [] : [advice]),
      ].join("\n"),
    );
  }
}

/** How long a part that failed must run to count as running again. */
const settleMs = 10_000;

/** Between two tries to write the states where the disk is full. */
const saveAgainMs = 2_000;

/**
 * All processes of a sandbox: starts, restarts and stops them, and keeps the file with their states. A part that was stopped by
 * its own `stop` is forgotten.
 */
export class Parts {
  private readonly parts = new Map<string, Part>();
  private onFailure: ((failure: PartFailure) => void) | undefined;
  private saveTimer: NodeJS.Timeout | undefined;

  /** @param self State of the process that starts the parts, which comes first in the file. */
  constructor(
    private readonly files: SandboxFiles,
    private readonly self: PartStatus,
  ) {}

  /**
   * Until `steady()`, the first part that ends on its own is passed to the listener and nothing is restarted, because a
   * sandbox that does not start must say why.
   */
  whileStarting(onFailure: (failure: PartFailure) => void): void {
    this.onFailure = onFailure;
  }

  /** From now on parts are restarted. */
  steady(): void {
    this.onFailure = undefined;
  }

  /** @throws Error when a part with this name runs already. */
  start(spec: PartSpec): RunningPart {
    if (this.parts.get(spec.name)?.ended === false) throw new Error(`A part named ${spec.name} runs already.`);
    const part = new Part(spec, this.files, {
      changed: () => this.save(),
      failed: (failure) => {
        if (this.onFailure === undefined) return false;
        this.onFailure(failure);
        return true;
      },
      removed: () => {
        this.parts.delete(spec.name);
        this.save();
      },
    });
    this.parts.set(spec.name, part);
    part.launch();
    return part;
  }

  /** Ends all parts without waiting, for a process that is about to exit and may have lost its files. */
  killAll(): void {
    for (const part of this.parts.values()) part.kill("SIGKILL");
  }

  /** Stops all parts at once; their states stay in the file. */
  async stopAll(graceMs: number): Promise<void> {
    this.onFailure = undefined;
    await Promise.all([...this.parts.values()].map((part) => part.shutDown("SIGTERM", graceMs)));
  }

  /** A full disk must not end the sandbox: the states are written when there is room again. */
  private save(): void {
    clearTimeout(this.saveTimer);
    try {
      writeJson(this.files.parts, [this.self, ...[...this.parts.values()].map((part) => part.status())]);
    } catch (error) {
      console.error(error);
      this.saveTimer = setTimeout(() => this.save(), saveAgainMs).unref();
    }
  }
}

interface PartEvents {
  changed(): void;
  /** Returns whether somebody waited for it, in which case the part is not restarted. */
  failed(failure: PartFailure): boolean;
  removed(): void;
}

class Part implements RunningPart {
  readonly exited: Promise<PartExit>;
  ended = false;
  private resolveExited: (exit: PartExit) => void = () => undefined;
  private child: ChildProcess | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private settleTimer: NodeJS.Timeout | undefined;
  private stopping = false;
  private state: PartStatus["state"] = "starting";
  private lines: string[] | undefined;
  private how = "";
  private restarts = 0;
  /** Times of the exits that nobody asked for. */
  private readonly exits: number[] = [];
  private readonly log: string;

  constructor(
    private readonly spec: PartSpec,
    private readonly files: SandboxFiles,
    private readonly events: PartEvents,
  ) {
    this.log = spec.logFile ?? join(files.logs, `${spec.name}.log`);
    this.exited = new Promise((resolve) => {
      this.resolveExited = resolve;
    });
  }

  get name(): string {
    return this.spec.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  status(): PartStatus {
    const lastExit = this.exits.at(-1);
    const advice = this.state === "running" ? undefined : adviceFor(this.lines ?? []);
    return {
      name: this.name,
      state: this.state,
      log: this.log,
      listensWiderOn: [],
      restarts: this.restarts,
      ...(this.pid !== undefined && { pid: this.pid }),
      ...(lastExit !== undefined && { lastExit: { at: new Date(lastExit).toISOString(), how: this.how } }),
      ...(this.lines !== undefined && { lastLines: this.lines }),
      ...(advice !== undefined && { advice }),
    };
  }

  launch(): void {
    try {
      this.child = this.spawn();
    } catch (error) {
      // For example no room for its log.
      this.handleFailure({ code: null, signal: null }, `could not be started: ${messageOf(error)}`);
      return;
    }
    const { child } = this;
    // A part that failed has to show that it runs.
    if (this.state !== "failed") this.state = child.pid === undefined ? "starting" : "running";
    else this.settleTimer = setTimeout(() => this.settled(), settleMs);
    child.once("error", (error) =>
      this.handleExit({ code: null, signal: null }, `could not be started: ${error.message}`),
    );
    child.once("exit", (code, signal) =>
      this.handleExit({ code, signal }, signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
    this.events.changed();
  }

  private spawn(): ChildProcess {
    const log = openSync(this.log, "a", 0o600);
    try {
      if (this.exits.length > 0) writeSync(log, `--- ${new Date().toISOString()} start ${this.exits.length + 1}\n`);
      const child = spawn(this.spec.command, this.spec.args, {
        // A group of its own: a signal reaches what the part itself started, and Ctrl-C in a terminal does not reach the part.
        detached: true,
        stdio: ["ignore", log, log],
        env: { ...process.env, ...this.spec.env },
        cwd: this.files.directory,
      });
      if (child.pid !== undefined) this.record(child.pid);
      return child;
    } finally {
      closeSync(log);
    }
  }

  /** Without room for the record it runs all the same: the supervisor ends it by itself. */
  private record(pid: number): void {
    try {
      recordProcess(this.files.processes, this.name, pid);
    } catch (error) {
      console.error(error);
    }
  }

  private settled(): void {
    this.state = "running";
    this.events.changed();
  }

  async stop(signal: NodeJS.Signals = "SIGTERM", graceMs = 5_000): Promise<void> {
    await this.shutDown(signal, graceMs);
    this.events.removed();
  }

  async shutDown(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restartTimer);
    clearTimeout(this.settleTimer);
    if (this.child === undefined) this.end("stopped", { code: null, signal: null });
    if (this.ended) return;
    this.kill(signal);
    const timer = setTimeout(() => this.kill("SIGKILL"), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  kill(signal: NodeJS.Signals): void {
    if (this.child?.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // It has just ended; its exit event follows.
    }
  }

  private handleExit(exit: PartExit, how: string): void {
    if (this.child === undefined) return;
    this.child = undefined;
    clearTimeout(this.settleTimer);
    if (this.stopping || (!this.spec.restart && exit.code === 0)) this.end("stopped", exit);
    else this.handleFailure(exit, how);
  }

  private handleFailure(exit: PartExit, how: string): void {
    this.exits.push(Date.now());
    const lines = lastLines(this.log);
    this.how = how;
    this.lines = [`${this.name} ${how}.`, ...lines];
    const { delayMs, failed } = restartAfter(this.exits);
    const awaited = this.spec.restart && this.events.failed(new PartFailure(this.name, how, this.log, lines));
    if (awaited || !this.spec.restart || (failed && this.spec.givesUp === true)) {
      this.end("failed", exit);
      return;
    }
    this.state = failed ? "failed" : "starting";
    this.restartTimer = setTimeout(() => this.restart(), delayMs);
    this.events.changed();
  }

  private restart(): void {
    this.restarts += 1;
    this.launch();
  }

  private end(state: "stopped" | "failed", exit: PartExit): void {
    if (this.ended) return;
    this.ended = true;
    this.state = state;
    this.resolveExited(exit);
    this.events.changed();
  }
}
