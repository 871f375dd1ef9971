import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { request } from "undici";
import { messageOf } from "../message-of";
import type { ClusterContext } from "../supervisor/cluster-context";
import { apiKeysOf, type SecretReader } from "./api-keys";
import { podKey } from "./endpoints";
import { startKeyGuard } from "./key-guard";
import { removalTimes } from "./removal";
import { sandboxAnnotations } from "./sandbox-annotations";
import { type SimulatorCommand, simulatorCommand } from "./simulator";

export interface PodProcessOptions {
  context: ClusterContext;
  /** Absolute path of the pod's log. */
  logFile: string;
  /** Writes annotations to the pod, trying until it succeeds, the pod is gone or the signal is aborted. */
  annotate(pod: V1Pod, values: Record<string, string>, signal: AbortSignal): Promise<void>;
  /** What a Secret holds. */
  readSecret: SecretReader;
  /** Whether the pod has finished its requests and gets no new ones. */
  isIdle(pod: V1Pod): boolean;
  /** Between two looks at something that is waited for. Milliseconds. */
  pollMs: number;
  /** Before a simulator that ended for good is started anew, as a kubelet backs off. Milliseconds. */
  backOffMs: number;
}

/** The simulator of one pod, from Running to gone. */
export class PodProcess {
  private readonly removed = new AbortController();
  private readonly gone = new AbortController();
  private readonly log: (message: string) => void;
  /** Resolves when nothing of it runs any more. Never rejects. */
  readonly done: Promise<void>;

  constructor(
    private pod: V1Pod,
    private readonly options: PodProcessOptions,
  ) {
    this.log = (message) => options.context.log(`pod ${podKey(pod)}: ${message}`);
    this.update(pod);
    this.done = this.run().catch((error: unknown) => this.log(`given up: ${messageOf(error)}`));
  }

  /** Takes a newer state of the pod. */
  update(pod: V1Pod): void {
    this.pod = pod;
    if (pod.metadata?.deletionTimestamp !== undefined) this.removed.abort();
  }

  /** The pod is no longer there: the process ends at once. */
  remove(): void {
    this.removed.abort();
    this.gone.abort();
  }

  private async run(): Promise<void> {
    while (!this.removed.signal.aborted) {
      const port = await this.options.context.allocatePort();
      const command = simulatorCommand(this.pod, port);
      if (command === undefined) return;
      const keys = await this.keys();
      if (keys !== undefined) await this.serve(command, port, keys);
    }
    await this.options.annotate(this.pod, { [sandboxAnnotations.drained]: new Date().toISOString() }, this.gone.signal);
  }

  /** The keys it asks for, once they are there; `undefined` if the pod is removed before. */
  private async keys(): Promise<string[] | undefined> {
    for (let said = ""; !this.removed.signal.aborted; ) {
      const found = await apiKeysOf(this.pod, this.options.readSecret).catch((error: unknown) => ({
        missing: `its Secret, which cannot be read: ${messageOf(error)}`,
      }));
      if ("keys" in found) return found.keys;
      if (said !== found.missing) this.log(`does not start without ${found.missing}`);
      said = found.missing;
      await pause(Math.max(1_000, this.options.pollMs), this.removed.signal);
    }
    return undefined;
  }

  /** Runs a simulator until the pod is removed, or until the supervisor no longer restarts it. */
  private async serve(command: SimulatorCommand, port: number, keys: readonly string[]): Promise<void> {
    const { context, logFile, annotate, backOffMs } = this.options;
    for (const assumption of command.assumptions) this.log(assumption);
    const part = context.startPart({
      name: `pod-${podKey(this.pod).replace("/", ".")}`,
      command: context.tools.simulator,
      args: command.args,
      env: command.env,
      logFile,
      restart: true,
      // Its port may have been taken, so it is started anew with another one.
      givesUp: true,
    });
    const failed = new AbortController();
    void part.exited.then(() => failed.abort());
    const ended = AbortSignal.any([this.removed.signal, failed.signal]);

    await this.untilHealthy(port, ended);
    const guardPort = keys.length === 0 ? port : await context.allocatePort();
    const guard = keys.length === 0 ? undefined : await startKeyGuard(guardPort, port, keys);
    if (!ended.aborted) {
      const values = {
        [sandboxAnnotations.address]: `127.0.0.1:${guardPort}`,
        [sandboxAnnotations.port]: String(command.vllmPort),
      };
      await annotate(this.pod, values, ended);
      await aborted(ended);
    }
    if (this.removed.signal.aborted) {
      await this.drain();
      guard?.close();
      await part.stop();
    } else {
      guard?.close();
      this.log("the simulator failed for good; starting it anew later");
      await pause(backOffMs, this.removed.signal);
      // Forgets the failed part, whose state would otherwise stay the sandbox's.
      await part.stop();
    }
  }

  private async untilHealthy(port: number, ended: AbortSignal): Promise<void> {
    while (!ended.aborted && !(await isHealthy(port))) {
      await pause(this.options.pollMs, ended);
    }
  }

  /** As a kubelet and vLLM do: the preStop hook first, then the running requests, until the grace period is over. */
  private async drain(): Promise<void> {
    while (!this.gone.signal.aborted) {
      const times = removalTimes(this.pod);
      const now = Date.now();
      if (times === undefined || now >= times.killAt) return;
      if (now >= times.terminateAt && this.options.isIdle(this.pod)) return;
      await pause(this.options.pollMs, this.gone.signal);
    }
  }
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await request(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) });
    await response.body.dump();
    return response.statusCode === 200;
  } catch {
    return false;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
