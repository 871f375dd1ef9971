import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { PartStatus } from "../sandbox-state";
import type { PartExit, PartSpec, RunningPart } from "./cluster-context";
import { writeJson } from "./json-file";
import { lastLines } from "./last-lines";
import { recordProcess } from "./process-record";
import { restartDelayMs } from "./restart-policy";
import type { SandboxFiles } from "./sandbox-directory";

/** A part that ended on its own while the sandbox was being started, or could not be started at all. */
export class PartFailure extends Error {
  constructor(
    readonly part: string,
    how: string,
    readonly log: string,
    readonly lines: string[],
  ) {
    super([`${part} ${how}. Last lines of ${log}:`, ...lines.map((line) => `  ${line}`), ...hint(lines)].join("\n"));
  }
}

function hint(lines: string[]): string[] {
  return lines.some((line) => line.includes("address already in use"))
    ? ["Another program took a port that was free a moment before. Start the sandbox again."]
    : [];
}

/**
 * All processes of a sandbox: starts, restarts and stops them, and keeps the file with their states. A part that was stopped by
 * its own `stop` is forgotten.
 */
export class Parts {
  private readonly parts = new Map<string, Part>();
  private onFailure: ((failure: PartFailure) => void) | undefined;

  constructor(private readonly files: SandboxFiles) {}

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

  private save(): void {
    writeJson(
      this.files.parts,
      [...this.parts.values()].map((part) => part.status()),
    );
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
  private stopping = false;
  private state: PartStatus["state"] = "starting";
  private lines: string[] | undefined;
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
    return {
      name: this.name,
      state: this.state,
      log: this.log,
      listensWiderOn: [],
      ...(this.pid !== undefined && { pid: this.pid }),
      ...(this.lines !== undefined && { lastLines: this.lines }),
    };
  }

  launch(): void {
    const log = openSync(this.log, "a", 0o600);
    if (this.exits.length > 0) writeSync(log, `--- ${new Date().toISOString()} start ${this.exits.length + 1}\n`);
    const child = spawn(this.spec.command, this.spec.args, {
      // A group of its own: a signal reaches what the part itself started, and Ctrl-C in a terminal does not reach the part.
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, ...this.spec.env },
      cwd: this.files.directory,
    });
    closeSync(log);
    if (child.pid !== undefined) recordProcess(this.files.processes, this.name, child.pid);
    this.child = child;
    this.state = child.pid === undefined ? "starting" : "running";
    child.once("error", (error) =>
      this.handleExit({ code: null, signal: null }, `could not be started: ${error.message}`),
    );
    child.once("exit", (code, signal) =>
      this.handleExit({ code, signal }, signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
    );
    this.events.changed();
  }

  async stop(signal: NodeJS.Signals = "SIGTERM", graceMs = 5_000): Promise<void> {
    await this.shutDown(signal, graceMs);
    this.events.removed();
  }

  async shutDown(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restartTimer);
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
    this.exits.push(Date.now());
    if (this.stopping || (!this.spec.restart && exit.code === 0)) this.end("stopped", exit);
    else this.handleFailure(exit, how);
  }

  private handleFailure(exit: PartExit, how: string): void {
    const lines = lastLines(this.log);
    this.lines = [`${this.name} ${how}.`, ...lines];
    const delay = this.spec.restart ? restartDelayMs(this.exits) : undefined;
    const awaited = this.spec.restart && this.events.failed(new PartFailure(this.name, how, this.log, lines));
    if (awaited || delay === undefined) {
      this.end("failed", exit);
      return;
    }
    this.state = "starting";
    this.restartTimer = setTimeout(() => this.launch(), delay);
    this.events.changed();
  }

  private end(state: "stopped" | "failed", exit: PartExit): void {
    if (this.ended) return;
    this.ended = true;
    this.state = state;
    this.resolveExited(exit);
    this.events.changed();
  }
}
