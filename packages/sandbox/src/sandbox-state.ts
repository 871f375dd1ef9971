import type { SandboxPart } from "./parts/sandbox-part";

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
  /** Why no network namespace could be made, where there is none. */
  isolationProblem?: string;
  endpoints: SandboxEndpoints;
  kubeconfig: string;
  /** Folder with Pulumi's programs, first on the PATH of `pulumiEnvironment`. */
  programsDirectory: string;
  /** Environment of every `pulumi` call against this sandbox: PATH, PULUMI_HOME, backend, passphrase, KUBECONFIG. */
  pulumiEnvironment: Record<string, string>;
  provider: "official" | "stand-in";
  /** What it is made of: what is real and in which version, and what is not. */
  inventory: SandboxPart[];
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
  /** OpenShift's metrics path. Its certificate names `thanos-querier.openshift-monitoring.svc`. */
  thanosQuerier: string;
  /** Takes `http://127.0.0.1:<port>/<namespace>/<service>/v1/...` and spreads it over the Service's ready endpoints. */
  router: string;
  /** KEDA HTTP add-on's interceptor: takes any path, and finds the Service by the `Host` header that an InterceptorRoute names. */
  interceptor: string;
}

export interface PartStatus {
  /** `daemon` and `supervisor` are the sandbox's own two processes. */
  name: string;
  pid?: number;
  /** `failed`: it ends again and again, and is tried again every 15 s at most; or it was given up. */
  state: "starting" | "running" | "stopped" | "failed";
  log: string;
  /** Sockets that listen on more than 127.0.0.1; empty with isolation. */
  listensWiderOn: string[];
  /** How often it was started again because it had ended. */
  restarts: number;
  /** Its last end that nobody asked for: when (ISO 8601), and how in words. */
  lastExit?: { at: string; how: string };
  /** Last lines of the log at its last end, after a line that says how it ended. */
  lastLines?: string[];
  /** What helps, where the last lines tell. */
  advice?: string;
  /** Memory in RAM, while it runs. */
  residentBytes?: number;
}

export type SandboxStatus = StartingSandbox | StartedSandbox;

/** A sandbox that another command starts. */
export interface StartingSandbox {
  phase: "starting";
  name: string;
  daemon: ProcessIdentity;
  logsDirectory: string;
  healthy: false;
  /** What the start does now. */
  steps: { title: string; elapsedSeconds: number }[];
  parts: PartStatus[];
}

/** A sandbox that was ready once: it runs, is being stopped, or has ended without having been asked to. */
export interface StartedSandbox {
  phase: "running" | "stopping" | "ended";
  state: SandboxState;
  /** All parts run, and nothing is wrong with the machine. */
  healthy: boolean;
  parts: PartStatus[];
  /** What is wrong with the machine, each with its fix, e.g. a full disk. */
  problems: string[];
  /** Memory in RAM of all parts. */
  residentBytes: number;
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
