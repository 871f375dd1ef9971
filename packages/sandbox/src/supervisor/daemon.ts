import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { PartStatus, SandboxState } from "../sandbox-state";
import { canIsolate } from "./isolation";
import { readJson, writeJson } from "./json-file";
import { lastLines } from "./last-lines";
import { type StartMessage, startMessage } from "./messages";
import { type DaemonOptions, daemonOptions, type SupervisorArguments } from "./options";
import { partStatuses } from "./part-statuses";
import { forwardPortToSocket } from "./port-bridge";
import { identifyProcess, waitUntilGone } from "./process-identity";
import { endRecordedProcesses, recordProcess } from "./process-record";
import { removeSocketDirectory, type SandboxFiles, sandboxFiles } from "./sandbox-directory";
import { socketPaths } from "./sockets";

/** The supervisor gives its parts two seconds; what takes longer is killed. */
const stopTimeoutMs = 8_000;

/**
 * Owns a sandbox: runs outside its network namespace, bridges three ports of 127.0.0.1 into it, and starts the supervisor, which
 * runs inside. Ends when it is asked to (SIGTERM), when the process that started it goes away before everything is ready, and when
 * the supervisor ends; nothing of the sandbox runs after it.
 */
class Daemon {
  private readonly files: SandboxFiles;
  private readonly bridges: Server[] = [];
  private supervisor: ChildProcess | undefined;
  private ready = false;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly optionsFile: string,
    private readonly options: DaemonOptions,
  ) {
    this.files = sandboxFiles(options.directory);
  }

  async run(): Promise<void> {
    process.on("SIGTERM", () => void this.stop());
    process.on("SIGINT", () => void this.stop());
    process.on("disconnect", () => {
      if (!this.ready) void this.stop();
    });
    const sockets = socketPaths(this.options.socketDirectory);
    const [apiServer, prometheus, router] = await Promise.all(
      [sockets.apiServer, sockets.prometheus, sockets.router].map((path) => this.bridge(path)),
    );
    const { isolate } = this.options.tools.binaries;
    const isolated = canIsolate(isolate);
    this.startSupervisor(isolated ? [isolate] : [], {
      optionsFile: this.optionsFile,
      userApiServerPort: apiServer ?? 0,
    });
    this.state = () => ({
      name: this.options.name,
      directory: this.files.directory,
      logsDirectory: this.files.logs,
      daemon: identifyProcess(process.pid) ?? { pid: process.pid, startedAt: Date.now() },
      isolation: isolated ? "network-namespace" : "none",
      endpoints: {
        apiServer: `https://127.0.0.1:${apiServer}`,
        prometheus: `http://127.0.0.1:${prometheus}`,
        router: `http://127.0.0.1:${router}`,
      },
      kubeconfig: this.files.kubeconfig,
      pulumiEnvironment: this.pulumiEnvironment(),
      provider: "stand-in",
      versions: this.options.tools.versions,
      startedAt: new Date().toISOString(),
    });
  }

  private state: () => SandboxState = () => {
    throw new Error("The sandbox has no state yet.");
  };

  private async bridge(path: string): Promise<number> {
    const { port, server } = await forwardPortToSocket(path);
    this.bridges.push(server);
    return port;
  }

  private startSupervisor(isolate: string[], args: SupervisorArguments): void {
    const command = [...isolate, process.execPath, join(__dirname, "supervisor.js"), JSON.stringify(args)];
    const log = openSync(this.supervisorLog, "a", 0o600);
    const supervisor = spawn(command[0] ?? "", command.slice(1), {
      detached: true,
      stdio: ["pipe", "pipe", log],
      env: supervisorEnvironment(),
    });
    closeSync(log);
    if (supervisor.pid !== undefined) recordProcess(this.files.processes, "supervisor", supervisor.pid);
    this.supervisor = supervisor;
    // Its end is seen by the exit event; writing to it is not how it is asked to stop.
    supervisor.stdin?.on("error", () => undefined);
    if (supervisor.stdout !== null) {
      createInterface({ input: supervisor.stdout }).on("line", (line) => this.receive(JSON.parse(line)));
    }
    supervisor.once("error", (error) => void this.supervisorEnded(error.message));
    supervisor.once(
      "exit",
      (code, signal) => void this.supervisorEnded(signal === null ? `exit code ${code}` : `${signal}`),
    );
  }

  private receive(value: unknown): void {
    const message = startMessage.parse(value);
    if (message.type === "ready") {
      this.ready = true;
      writeJson(this.files.state, this.state());
    }
    tell(message);
  }

  /** The supervisor ended without being asked to: everything else goes too, and `status` can tell why. */
  private async supervisorEnded(how: string): Promise<void> {
    if (this.stopping !== undefined) return;
    this.stopping = this.cleanUp();
    await this.stopping;
    const parts: PartStatus[] = partStatuses(readJson(this.files.parts)).map(({ pid: _, ...part }) => ({
      ...part,
      state: part.state === "failed" ? "failed" : "stopped",
    }));
    const lines = lastLines(this.supervisorLog);
    writeJson(this.files.parts, [
      {
        name: "supervisor",
        state: "failed",
        log: this.supervisorLog,
        listensWiderOn: [],
        lastLines: [`The supervisor ended: ${how}.`, ...lines],
      } satisfies PartStatus,
      ...parts,
    ]);
    tell({
      type: "failed",
      message: [`The supervisor ended: ${how}. Last lines of ${this.supervisorLog}:`, ...lines].join("\n"),
    });
    process.exit(1);
  }

  private stop(): Promise<void> {
    this.stopping ??= this.cleanUp().finally(() => process.exit(0));
    return this.stopping;
  }

  /** Lets the supervisor stop its parts, then kills what is left. */
  private async cleanUp(): Promise<void> {
    for (const bridge of this.bridges) bridge.close();
    const identity = this.supervisor?.pid === undefined ? undefined : identifyProcess(this.supervisor.pid);
    this.supervisor?.stdin?.end();
    if (identity !== undefined) await waitUntilGone([identity], stopTimeoutMs);
    await endRecordedProcesses(this.files.processes);
    removeSocketDirectory(this.options.socketDirectory, this.files.directory);
  }

  private get supervisorLog(): string {
    return join(this.files.logs, "supervisor.log");
  }

  private pulumiEnvironment(): Record<string, string> {
    const { pulumi, "pulumi-language-nodejs": languageHost } = this.options.tools.binaries;
    const passphrase = randomBytes(24).toString("base64url");
    writeFileSync(this.files.pulumiPassphrase, passphrase, { mode: 0o600 });
    mkdirSync(this.files.pulumiState, { recursive: true });
    mkdirSync(this.files.pulumiHome, { recursive: true });
    return {
      PATH: [dirname(pulumi), dirname(languageHost), process.env.PATH ?? ""].join(delimiter),
      PULUMI_HOME: this.files.pulumiHome,
      PULUMI_BACKEND_URL: `file://${this.files.pulumiState}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      KUBECONFIG: this.files.kubeconfig,
    };
  }
}

/** Parts must not send requests for 127.0.0.1 through the user's proxy, nor read the user's cluster. */
function supervisorEnvironment(): NodeJS.ProcessEnv {
  const dropped = /^((https?|all|no)_proxy|kubeconfig|node_options|node_channel_(fd|serialization_mode))$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name)));
}

/** The process that started the daemon may be gone: then nobody needs to know. */
function tell(message: StartMessage): void {
  if (process.connected) process.send?.(message, () => undefined);
}

const [optionsFile = ""] = process.argv.slice(2);
void new Daemon(optionsFile, daemonOptions.parse(readJson(optionsFile))).run();
