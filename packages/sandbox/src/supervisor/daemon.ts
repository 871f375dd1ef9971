import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { partsInUse } from "../parts/parts-in-use";
import type { PartStatus, SandboxEndpoints, SandboxState } from "../sandbox-state";
import { useTools } from "../tools/tools-in-use";
import { describeError, explainStateProblem } from "./describe-error";
import { removeFiles } from "./end-sandbox";
import { isolationProblem } from "./isolation";
import { readJson, readJsonIfSound, writeJson } from "./json-file";
import { lastLines } from "./last-lines";
import { type StartMessage, startMessage } from "./messages";
import { type DaemonOptions, daemonOptions, type SupervisorArguments } from "./options";
import { endedPart, partStatuses } from "./part-statuses";
import { type Phase, writePhase } from "./phase-file";
import { forwardPortToSocket } from "./port-bridge";
import { identifyProcess, waitUntilGone } from "./process-identity";
import { endRecordedProcesses, recordProcess } from "./process-record";
import { gatherPrograms, pulumiEnvironment } from "./pulumi-environment";
import { removeSocketDirectory, type SandboxFiles, sandboxFiles, supervisorLog } from "./sandbox-directory";
import { socketPaths } from "./sockets";

/** The supervisor gives its parts two seconds; what takes longer is killed. */
const stopTimeoutMs = 8_000;

/**
 * Owns a sandbox: runs outside its network namespace, bridges five ports of 127.0.0.1 into it, and starts the supervisor, which
 * runs inside. Ends when it is asked to (SIGTERM), when the process that started it goes away (before everything is ready, or at any
 * time if the sandbox is that process's alone), and when the supervisor ends; nothing of the sandbox runs after it.
 */
class Daemon {
  private readonly files: SandboxFiles;
  private readonly bridges: Server[] = [];
  private supervisor: ChildProcess | undefined;
  private ready = false;
  private readonly steps = new Map<string, { title: string; startedAt: string }>();
  private stopping: Promise<void> | undefined;
  private giveToolsBack: () => void = () => undefined;

  constructor(
    private readonly optionsFile: string,
    private readonly options: DaemonOptions,
  ) {
    this.files = sandboxFiles(options.directory);
  }

  async run(): Promise<void> {
    this.stopWhenAsked();
    try {
      const state = await this.start();
      writeJson(this.files.state, state);
      this.ready = true;
      this.enter({ phase: "running" });
      tell({ type: "ready" });
    } catch (error) {
      if (this.stopping !== undefined) return;
      console.error(error);
      tell({ type: "failed", message: describeError(explainStateProblem(error, this.files)) });
      await this.stop();
    }
  }

  private async start(): Promise<SandboxState> {
    this.useTools();
    const sockets = socketPaths(this.options.socketDirectory);
    const apiServer = await this.bridge(sockets.apiServer);
    const endpoints: SandboxEndpoints = {
      apiServer: `https://127.0.0.1:${apiServer}`,
      prometheus: `http://127.0.0.1:${await this.bridge(sockets.prometheus)}`,
      thanosQuerier: `https://127.0.0.1:${await this.bridge(sockets.thanosQuerier)}`,
      router: `http://127.0.0.1:${await this.bridge(sockets.router)}`,
      interceptor: `http://127.0.0.1:${await this.bridge(sockets.interceptor)}`,
    };
    const { tools } = this.options;
    const problem = isolationProblem(tools.binaries.isolate);
    const supervisorReady = this.startSupervisor(problem === undefined ? [tools.binaries.isolate] : [], {
      optionsFile: this.optionsFile,
      userApiServerPort: apiServer,
    });
    const [{ provider }] = await Promise.all([this.installProvider(), supervisorReady]);
    gatherPrograms(this.files.pulumiPrograms, [tools.binaries.pulumi, tools.binaries["pulumi-language-nodejs"]]);
    return {
      name: this.options.name,
      directory: this.files.directory,
      logsDirectory: this.files.logs,
      daemon: identifyProcess(process.pid) ?? { pid: process.pid, startedAt: Date.now() },
      ...(problem === undefined
        ? { isolation: "network-namespace" }
        : { isolation: "none", isolationProblem: problem }),
      endpoints,
      kubeconfig: this.files.kubeconfig,
      programsDirectory: this.files.pulumiPrograms,
      pulumiEnvironment: pulumiEnvironment(this.files, this.makePassphrase(), process.env.PATH ?? ""),
      provider,
      inventory: partsInUse({ ...tools, provider }),
      startedAt: new Date().toISOString(),
    };
  }

  /** So that nobody removes them while they run. */
  private useTools(): void {
    const self = identifyProcess(process.pid);
    if (self === undefined) return;
    try {
      this.giveToolsBack = useTools(this.options.tools, self);
    } catch (error) {
      // A cache that cannot be written is not pruned either.
      console.error(error);
    }
  }

  private async bridge(path: string): Promise<number> {
    const { port, server } = await forwardPortToSocket(path);
    this.bridges.push(server);
    return port;
  }

  /** Resolves when everything inside is ready; rejects when the supervisor says that something failed. */
  private startSupervisor(isolate: string[], args: SupervisorArguments): Promise<void> {
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
    supervisor.once("error", (error) => void this.supervisorEnded(error.message));
    supervisor.once("exit", (code, signal) => void this.supervisorEnded(signal ?? `exit code ${code}`));
    // Its end is seen by the exit event.
    supervisor.stdin?.on("error", () => undefined);
    return new Promise((resolve, reject) => {
      if (supervisor.stdout === null) return;
      createInterface({ input: supervisor.stdout }).on("line", (line) => {
        const message = startMessage.parse(JSON.parse(line));
        if (message.type === "progress") this.progress(message);
        else if (message.type === "failed") reject(new Error(message.message));
        else resolve();
      });
    });
  }

  private progress(message: Extract<StartMessage, { type: "progress" }>): void {
    const { id, title, state, elapsedSeconds } = message.event;
    if (state !== "running") this.steps.delete(id);
    else this.steps.set(id, { title, startedAt: new Date(Date.now() - elapsedSeconds * 1000).toISOString() });
    this.enter({ phase: "starting", steps: [...this.steps.values()] });
    tell(message);
  }

  /** Only for those who look: a full disk, or a folder somebody has removed, is no reason to stop. */
  private enter(phase: Phase): void {
    try {
      writePhase(this.files, phase);
    } catch (error) {
      console.error(error);
    }
  }

  /** Loaded only now, so that the parts start first. */
  private async installProvider(): Promise<{ provider: "official" | "stand-in" }> {
    const { installProvider } = await import("../provider/install.js");
    mkdirSync(this.files.pulumiHome, { recursive: true, mode: 0o700 });
    mkdirSync(this.files.pulumiState, { recursive: true, mode: 0o700 });
    return installProvider({ pulumiHome: this.files.pulumiHome, helm: this.options.tools.binaries.helm });
  }

  private makePassphrase(): string {
    const passphrase = randomBytes(24).toString("base64url");
    writeFileSync(this.files.pulumiPassphrase, passphrase, { mode: 0o600 });
    return passphrase;
  }

  private stopWhenAsked(): void {
    process.on("SIGTERM", () => void this.stop());
    process.on("SIGINT", () => void this.stop());
    process.on("disconnect", () => {
      if (!this.ready) void this.stop();
      else if (this.options.endWithCaller) void this.stop(() => removeFiles(this.files, { keepLogs: true }));
    });
  }

  /** @param last What is left to do once nothing runs any more. */
  private stop(last: () => void = () => undefined): Promise<void> {
    this.stopping ??= this.cleanUp()
      .then(last)
      .finally(() => process.exit(0));
    return this.stopping;
  }

  /** The supervisor ended without being asked to: everything else goes too, and `status` can tell why. */
  private async supervisorEnded(how: string): Promise<void> {
    if (this.stopping !== undefined) return;
    this.stopping = this.cleanUp();
    await this.stopping;
    const lines = lastLines(this.supervisorLog);
    const supervisor: PartStatus = {
      name: "supervisor",
      state: "failed",
      log: this.supervisorLog,
      listensWiderOn: [],
      restarts: 0,
      lastExit: { at: new Date().toISOString(), how },
      lastLines: [`The supervisor ended: ${how}.`, ...lines],
    };
    const others = (readJsonIfSound(this.files.parts, partStatuses) ?? []).filter(({ name }) => name !== "supervisor");
    writeJson(this.files.parts, [supervisor, ...others.map(endedPart)]);
    const message = [`The supervisor ended: ${how}. Last lines of ${this.supervisorLog}:`, ...lines].join("\n");
    tell({ type: "failed", message });
    process.exit(1);
  }

  /** Lets the supervisor stop its parts, then kills what is left. */
  private async cleanUp(): Promise<void> {
    this.enter({ phase: "stopping" });
    for (const bridge of this.bridges) bridge.close();
    const identity = this.supervisor?.pid === undefined ? undefined : identifyProcess(this.supervisor.pid);
    this.supervisor?.stdin?.end();
    if (identity !== undefined) await waitUntilGone([identity], stopTimeoutMs);
    await endRecordedProcesses(this.files.processes);
    removeSocketDirectory(this.options.socketDirectory, this.files.directory);
    this.giveToolsBack();
  }

  private get supervisorLog(): string {
    return supervisorLog(this.files);
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
const options = readJson(optionsFile, daemonOptions);
if (options === undefined) throw new Error(`There is no ${optionsFile}.`);
void new Daemon(optionsFile, options).run();
