import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stateFolder } from "../user-folders";

/** Name of the sandbox where none is given. */
export const defaultSandboxName = "default";

/** A DNS label (RFC 1123), because the name becomes part of the kubeconfig's context. */
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** @throws Error when the name is no DNS label. */
export function requireSandboxName(name: string): void {
  if (dnsLabel.test(name)) return;
  throw new Error(
    `name: ${JSON.stringify(name)} is not a name for a sandbox: use 1 to 63 lower-case letters, digits and "-", starting and ending with a letter or digit.`,
  );
}

export function sandboxDirectory(name: string): string {
  requireSandboxName(name);
  return join(stateFolder(), name);
}

/** Where the files of one sandbox are. */
export interface SandboxFiles {
  directory: string;
  logs: string;
  /** The daemon's identity: exists from the moment a sandbox is started until it is removed. */
  owner: string;
  /** `SandboxState`, written when everything is ready. */
  state: string;
  /** `Phase` of the daemon. */
  phase: string;
  /** `PartStatus[]`, kept current by the supervisor. */
  parts: string;
  /** Every process that was ever started, one JSON object a line. */
  processes: string;
  daemonOptions: string;
  pki: string;
  kubeconfigs: string;
  /** The user's kubeconfig. */
  kubeconfig: string;
  etcdData: string;
  prometheus: string;
  pulumiHome: string;
  pulumiPrograms: string;
  pulumiState: string;
  pulumiPassphrase: string;
}

export function sandboxFiles(directory: string): SandboxFiles {
  const file = (...path: string[]): string => join(directory, ...path);
  return {
    directory,
    logs: file("logs"),
    owner: file("owner.json"),
    state: file("state.json"),
    phase: file("phase.json"),
    parts: file("parts.json"),
    processes: file("processes.jsonl"),
    daemonOptions: file("daemon.json"),
    pki: file("pki"),
    kubeconfigs: file("kubeconfigs"),
    kubeconfig: file("kubeconfig"),
    etcdData: file("etcd"),
    prometheus: file("prometheus"),
    pulumiHome: file("pulumi"),
    pulumiPrograms: file("pulumi-programs"),
    pulumiState: file("pulumi-state"),
    pulumiPassphrase: file("pulumi-passphrase"),
  };
}

/** Longest path of a Unix socket that every system takes: 104 bytes on macOS with the final zero, 108 on Linux. */
const longestSocketPath = 100;

/** Folder for the sandbox's Unix sockets: in its own folder, or a short temporary one where that path is too long. */
export function makeSocketDirectory(directory: string): string {
  const longestName = "api-server.sock";
  if (Buffer.byteLength(join(directory, longestName)) <= longestSocketPath) return directory;
  return mkdtempSync(join(tmpdir(), "vs-"));
}

/** Removes the folder of the sockets where it is not the sandbox's own. */
export function removeSocketDirectory(socketDirectory: string, directory: string): void {
  if (socketDirectory !== directory) rmSync(socketDirectory, { recursive: true, force: true });
}

export function daemonLog(files: SandboxFiles): string {
  return join(files.logs, "daemon.log");
}

export function supervisorLog(files: SandboxFiles): string {
  return join(files.logs, "supervisor.log");
}
