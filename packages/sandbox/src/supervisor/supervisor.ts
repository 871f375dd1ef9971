import { startPrometheusReloader, startServiceCa, startServing } from "../cluster";
import { type ControlPlane, controlPlaneSteps, startControlPlane } from "../control-plane/control-plane";
import { allocatePort } from "../control-plane/ports";
import { prometheusResourceName } from "../control-plane/prometheus-objects";
import type { ClusterContext } from "./cluster-context";
import { describeError, explainStateProblem } from "./describe-error";
import { readJson } from "./json-file";
import type { StartMessage } from "./messages";
import { type DaemonOptions, daemonOptions, supervisorArguments } from "./options";
import { Parts } from "./parts";
import { forwardSocketToPort } from "./port-bridge";
import { Steps } from "./progress";
import { type SandboxFiles, sandboxFiles, supervisorLog } from "./sandbox-directory";
import { socketPaths } from "./sockets";

/** Parts have nothing to save, so they get little time to end by themselves. */
const stopGraceMs = 2_000;

/**
 * Runs inside the network namespace: starts all parts and watches them until its standard input ends, which happens when the
 * daemon wants it to stop and also when the daemon is killed.
 */
class Supervisor {
  private readonly files: SandboxFiles;
  private readonly parts: Parts;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly options: DaemonOptions,
    private readonly userApiServerPort: number,
  ) {
    this.files = sandboxFiles(options.directory);
    this.parts = new Parts(this.files, {
      name: "supervisor",
      pid: process.pid,
      state: "running",
      log: supervisorLog(this.files),
      listensWiderOn: [],
      restarts: 0,
    });
  }

  async run(): Promise<void> {
    this.stopWhenAsked();
    this.parts.whileStarting((failure) => void this.fail(failure));
    try {
      const steps = new Steps((event) => send({ type: "progress", event }), controlPlaneSteps + 1);
      const plane = await startControlPlane({
        contextName: `vllm-serving-sandbox-${this.options.name}`,
        userApiServerPort: this.userApiServerPort,
        files: this.files,
        tools: this.options.tools,
        parts: this.parts,
        steps,
      });
      await steps.run("start:serving", "Starting router and scraping", () => this.startCluster(plane));
      this.parts.steady();
      send({ type: "ready" });
    } catch (error) {
      await this.fail(error);
    }
  }

  private async startCluster(plane: ControlPlane): Promise<void> {
    const context = this.clusterContext(plane);
    startPrometheusReloader(context, {
      prometheusUrl: `http://127.0.0.1:${plane.prometheusPort}`,
      directory: this.files.prometheus,
      resource: prometheusResourceName,
    });
    startServiceCa(context, plane.serviceCa);
    const { router, destination } = await startServing(context, { routerPort: await allocatePort() });
    plane.names.follow(destination);
    const sockets = socketPaths(this.options.socketDirectory);
    await Promise.all([
      forwardSocketToPort(sockets.apiServer, plane.apiServerPort),
      forwardSocketToPort(sockets.prometheus, plane.prometheusPort),
      forwardSocketToPort(sockets.thanosQuerier, plane.thanosQuerierPort),
      forwardSocketToPort(sockets.router, router.port),
      forwardSocketToPort(sockets.interceptor, plane.interceptorPort),
    ]);
  }

  private clusterContext({ kubeConfig }: ControlPlane): ClusterContext {
    return {
      kubeConfig,
      directory: this.files.directory,
      tools: { simulator: this.options.tools.binaries["llm-d-inference-sim"] },
      startPart: (spec) => this.parts.start(spec),
      allocatePort,
      log: (message) => console.error(`${new Date().toISOString()} ${message}`),
    };
  }

  private stopWhenAsked(): void {
    const stop = (): void => void this.stop(0);
    process.stdin.on("end", stop).on("error", stop).resume();
    process.stdout.on("error", stop);
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    // An error in one of the controllers here must not leave processes behind.
    process.on("uncaughtException", (error) => void this.fail(error));
    // Nor may an error while stopping, such as that of a folder somebody has removed.
    process.on("exit", () => this.parts.killAll());
  }

  private async fail(error: unknown): Promise<void> {
    if (this.stopping !== undefined) return;
    console.error(error);
    send({ type: "failed", message: describeError(explainStateProblem(error, this.files)) });
    await this.stop(1);
  }

  private stop(exitCode: number): Promise<void> {
    this.stopping ??= this.parts.stopAll(stopGraceMs).finally(() => process.exit(exitCode));
    return this.stopping;
  }
}

function send(message: StartMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

// Standard output carries messages to the daemon; standard error is the log.
console.log = console.error;
console.info = console.error;
const { optionsFile, userApiServerPort } = supervisorArguments.parse(JSON.parse(process.argv[2] ?? ""));
const options = readJson(optionsFile, daemonOptions);
if (options === undefined) throw new Error(`There is no ${optionsFile}.`);
void new Supervisor(options, userApiServerPort).run();
