import type { KubeConfig } from "@kubernetes/client-node";

/** What the supervisor gives to the controllers that run inside it: pod runtime, router and scrape configuration. */
export interface ClusterContext {
  /** Administrator of the sandbox's API server, at its address inside the sandbox. */
  kubeConfig: KubeConfig;
  /** Folder of this sandbox. */
  directory: string;
  /** Absolute paths of programs. */
  tools: { simulator: string };
  /** Starts a process that stops with the sandbox and whose state `status` shows. */
  startPart(spec: PartSpec): RunningPart;
  /** A TCP port on 127.0.0.1 that is free now and is not given out again. */
  allocatePort(): Promise<number>;
  /** Writes a line to the supervisor's log. */
  log(message: string): void;
}

export interface PartSpec {
  /** Unique among the parts that run; names the log file. */
  name: string;
  command: string;
  args: string[];
  /** Added to the environment of the supervisor. */
  env?: Record<string, string>;
  /** Absolute path; default `<directory>/logs/<name>.log`. */
  logFile?: string;
  /** Whether it is started again, with a bounded backoff, when it exits on its own. */
  restart: boolean;
  /** Whether one that exits again and again is given up; otherwise it is tried every 15 s. @default false */
  givesUp?: boolean;
}

export interface RunningPart {
  name: string;
  /** Of the process that runs now; undefined between an exit and the next start, and after the last exit. */
  readonly pid: number | undefined;
  /** Resolves when it has exited for good: stopped, not restarted, or given up. Never rejects. */
  exited: Promise<PartExit>;
  /** Sends `signal` (default SIGTERM), then SIGKILL after `graceMs` (default 5000). Resolves when it is gone. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
}

export interface PartExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}
