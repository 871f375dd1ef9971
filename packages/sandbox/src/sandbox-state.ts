/** Where a running sandbox is and how to reach it; written by `up`, read by everything else. */
export interface SandboxState {
  name: string;
  /** Folder with everything of this sandbox: state, logs, certificates, etcd's data, Pulumi's home and backend. */
  directory: string;
  logsDirectory: string;
  /** Process that owns the sandbox, and when it started (to tell it from a later process with the same id). */
  daemon: ProcessIdentity;
  /** Whether parts without a host flag are kept in a network namespace, or listen wider than 127.0.0.1. */
  isolation: "network-namespace" | "none";
  endpoints: SandboxEndpoints;
  kubeconfig: string;
  /** Folder with Pulumi's programs, first on the PATH of `pulumiEnvironment`. */
  programsDirectory: string;
  /** Environment of every `pulumi` call against this sandbox: PATH, PULUMI_HOME, backend, passphrase, KUBECONFIG. */
  pulumiEnvironment: Record<string, string>;
  provider: "official" | "stand-in";
  /** Versions of all parts, by part. */
  versions: Record<string, string>;
  startedAt: string;
}

export interface ProcessIdentity {
  pid: number;
  /** Milliseconds since the machine's boot, or since the epoch where only that is told: it tells a process from a later one with its id. */
  startedAt: number;
}

/** All on 127.0.0.1. */
export interface SandboxEndpoints {
  apiServer: string;
  prometheus: string;
  /** Takes `http://127.0.0.1:<port>/<namespace>/<service>/v1/...` and spreads it over the Service's ready endpoints. */
  router: string;
}

export interface PartStatus {
  name: string;
  pid?: number;
  state: "starting" | "running" | "stopped" | "failed";
  log: string;
  /** Sockets that listen on more than 127.0.0.1; empty with isolation. */
  listensWiderOn: string[];
  /** Last lines of the log, when it failed. */
  lastLines?: string[];
}

export interface SandboxStatus {
  state: SandboxState;
  healthy: boolean;
  parts: PartStatus[];
}

/** What a long operation tells while it runs; the command line draws it. */
export interface ProgressEvent {
  /** Stable id of the step, e.g. `build:kubernetes` or `start:etcd`. */
  id: string;
  title: string;
  state: "waiting" | "running" | "done" | "failed";
  /** What it is doing now, e.g. `kube-apiserver, 2 of 4`. */
  detail?: string;
  /** Seconds since the step started. */
  elapsedSeconds?: number;
  /** Rough seconds left for the whole operation, where known. */
  remainingSeconds?: number;
  /** Steps done and in all. */
  done: number;
  total: number;
}

export type ProgressListener = (event: ProgressEvent) => void;
