import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type {
  ClusterEvent,
  ClusterView,
  ClusterViewOptions,
  LoadOptions,
  LoadResult,
  ObjectReference,
  ProgressListener,
  SandboxState,
  WaitUntilServedOptions,
} from "@vllm-serving/sandbox";
import { abortOnSignals, Interrupted } from "../abort";
import { terminalColours } from "../colours";
import { drawProgress } from "../progress";
import { loadSandbox } from "../sandbox-package";
import { demoChecks } from "./checks";
import type { DemoLoad } from "./demo-load";
import { type DemoModel, readDemoModel } from "./demo-model";
import type { DemoRun } from "./demo-run";
import { LiveView, type MaybeTerminal } from "./live";
import { demoEvents, type Observation, observeLoad } from "./observe-load";
import { demoPage } from "./page";
import { PulumiError, PulumiStack } from "./pulumi-stack";
import { demoReport } from "./report";
import { StepError, Steps } from "./steps";
import { demoSummary } from "./summary";

export interface DemoOptions {
  /** Name of the sandbox. */
  name: string;
  pageFile: string;
  jsonFile?: string;
  /** Leave the sandbox and the stack running. */
  keep: boolean;
}

/** What the demo does its work with. */
export interface DemoParts {
  up(options: {
    name: string;
    onProgress: ProgressListener;
    signal: AbortSignal;
    endWithCaller: boolean;
  }): Promise<SandboxState>;
  down(name: string, options: { keepLogs: boolean }): Promise<unknown>;
  openStack(state: SandboxState, signal: AbortSignal): DemoStack;
  openView(options: ClusterViewOptions): Pick<ClusterView, "sample" | "events" | "existing">;
  waitUntilServed(options: WaitUntilServedOptions): Promise<string>;
  runLoad(options: LoadOptions): Promise<LoadResult>;
  mergeEvents(known: ClusterEvent[], listed: ClusterEvent[]): ClusterEvent[];
  readModel(): { model: DemoModel; load: DemoLoad };
  stream: MaybeTerminal;
  /** See `ObserveOptions.sampleEveryMs`. */
  sampleEveryMs?: number;
}

export type DemoStack = Pick<PulumiStack, "up" | "expectNoChanges" | "destroy" | "objects">;

const stackName = "sandbox";
/** For the first replica to start and answer. */
const answerTimeoutSeconds = 120;
/** For finalizers and pods that drain to be gone after the stack was destroyed. */
const goneTimeoutSeconds = 60;

/**
 * The whole demo: a sandbox, `pulumi up`, a load, its observation until one replica is left, no changes in a second preview,
 * `destroy`, and what was seen as page, JSON and summary.
 *
 * @returns the exit code: 0 if everything it promises was seen, 1 if not or if a step failed, 130 if it was stopped on request
 */
export async function runDemo(options: DemoOptions, parts?: DemoParts): Promise<number> {
  const used = parts ?? (await realParts());
  try {
    return await abortOnSignals((signal) => new Demo(options, used, signal).run());
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    used.stream.write(`${error.message}\n`);
    return error.exitCode;
  }
}

async function realParts(): Promise<DemoParts> {
  const { ClusterView: View, down, mergeEvents, runLoad, up, waitUntilServed } = await loadSandbox();
  const project = dirname(require.resolve("vllm-serving/package.json"));
  return {
    up,
    down,
    mergeEvents,
    runLoad,
    waitUntilServed,
    openStack: (state, signal) => new PulumiStack({ state, project, name: stackName, signal }),
    openView: (options) => new View(options),
    readModel: () => readDemoModel(join(project, `Pulumi.${stackName}.yaml`)),
    stream: process.stderr,
  };
}

class Demo {
  private readonly progress: ProgressListener & { stop(): void };
  private readonly steps: Steps;
  private state: SandboxState | undefined;
  private observation: Observation | undefined;
  private events: ClusterEvent[] = [];

  constructor(
    private readonly options: DemoOptions,
    private readonly parts: DemoParts,
    private readonly signal: AbortSignal,
  ) {
    this.progress = drawProgress(parts.stream);
    this.steps = new Steps(options.keep ? 5 : 7, this.progress);
  }

  async run(): Promise<number> {
    const planned = this.parts.readModel();
    let failure: StepError | undefined;
    try {
      await this.takeSteps(planned);
    } catch (error) {
      if (!(error instanceof StepError)) {
        await this.cleanUp({ keepLogs: false });
        throw error;
      }
      failure = error;
    }
    failure = await this.stopSandbox(failure);
    this.progress.stop();
    return this.tell(planned, failure);
  }

  private async takeSteps({ model, load }: { model: DemoModel; load: DemoLoad }): Promise<void> {
    const { steps, parts, signal, options } = this;
    const state = await steps.run("sandbox", "Start the sandbox", signal, () =>
      parts.up({ name: options.name, onProgress: this.progress, signal, endWithCaller: !options.keep }),
    );
    this.state = state;
    const stack = parts.openStack(state, signal);
    const url = `${state.endpoints.router}/${model.namespace}/${model.name}`;
    const view = parts.openView({
      kubeconfig: state.kubeconfig,
      prometheus: state.endpoints.prometheus,
      namespace: model.namespace,
      deployment: model.deployment,
      model: model.servedModelName,
    });

    await steps.run("deploy", `pulumi up --stack ${stackName}`, signal, (detail) => stack.up(detail));
    await steps.run("answer", "Ask the model", signal, () =>
      parts.waitUntilServed({ url, model: model.servedModelName, timeoutSeconds: answerTimeoutSeconds, signal }),
    );
    await steps.run("load", "Load it until it scales, and wait until 1 replica is left", signal, async () => {
      this.progress.stop();
      this.observation = await this.observe(view, url, model, load);
    });
    await steps.run("preview", "pulumi preview --expect-no-changes", signal, () => stack.expectNoChanges());
    this.events = parts.mergeEvents(this.events, await view.events());
    if (options.keep) return;
    await steps.run("destroy", "pulumi destroy", signal, async (detail) => {
      const objects = await stack.objects();
      await stack.destroy(detail);
      await this.expectGone(stack, view, objects);
    });
  }

  private async observe(
    view: Pick<ClusterView, "sample" | "events">,
    url: string,
    model: DemoModel,
    load: DemoLoad,
  ): Promise<Observation> {
    const live = new LiveView(this.parts.stream);
    try {
      return await observeLoad({
        runLoad: this.parts.runLoad,
        sample: () => view.sample(),
        url,
        model,
        load,
        signal: this.signal,
        onLive: (state) => live.show(state),
        ...(this.parts.sampleEveryMs === undefined ? {} : { sampleEveryMs: this.parts.sampleEveryMs }),
      });
    } finally {
      live.clear();
      this.events = await view.events().catch(() => []);
    }
  }

  /** Nothing of the stack may be left, neither in its state nor in the cluster. */
  private async expectGone(
    stack: DemoStack,
    view: Pick<ClusterView, "existing">,
    objects: ObjectReference[],
  ): Promise<void> {
    const recorded = await stack.objects();
    const deadline = Date.now() + goneTimeoutSeconds * 1000;
    let left = await view.existing(objects);
    while (left.length > 0 && Date.now() < deadline) {
      await sleep(500, undefined, { signal: this.signal });
      left = await view.existing(objects);
    }
    const names = [...recorded, ...left].map(({ kind, namespace, name }) => `${kind} ${namespace ?? ""}/${name}`);
    if (names.length > 0) throw new Error(`these are left: ${[...new Set(names)].join(", ")}`);
  }

  /** Logs stay, because the summary names them. */
  private async stopSandbox(failure: StepError | undefined): Promise<StepError | undefined> {
    if (this.options.keep) return failure;
    try {
      await this.steps.run("stop", "Stop the sandbox", new AbortController().signal, () =>
        this.cleanUp({ keepLogs: true }),
      );
      return failure;
    } catch (error) {
      return failure ?? (error instanceof StepError ? error : new StepError("Stop the sandbox", error));
    }
  }

  private async cleanUp({ keepLogs }: { keepLogs: boolean }): Promise<void> {
    this.progress.stop();
    // Without a state the start has cleaned up after itself, or the sandbox is somebody else's.
    if (!this.options.keep && this.state !== undefined) await this.parts.down(this.options.name, { keepLogs });
  }

  /** Writes the files as far as there is something to write, and says how it went. */
  private tell(planned: { model: DemoModel; load: DemoLoad }, failure: StepError | undefined): number {
    const run = this.result(planned);
    const write = (text: string): void => void this.parts.stream.write(`${text}\n`);
    if (run !== undefined) {
      writeFile(this.options.pageFile, demoPage(run));
      if (this.options.jsonFile !== undefined) {
        writeFile(this.options.jsonFile, `${JSON.stringify(demoReport(run), null, 2)}\n`);
      }
      write(`\n${demoSummary(run, this.paths())}`);
      for (const reason of this.observation?.failures.slice(0, 5) ?? []) write(`A request failed: ${reason}`);
    }
    if (failure !== undefined) {
      write(terminalColours.red(`\n${failure.message}`));
      if (failure.cause instanceof PulumiError) write(`Log: ${failure.cause.log}`);
      if (this.state !== undefined) write(`Logs of all parts: ${this.state.logsDirectory}`);
    }
    if (this.options.keep && this.state !== undefined) {
      write(`The sandbox ${this.options.name} runs on: vllm-serving sandbox down --name ${this.options.name}`);
    }
    return failure === undefined && run !== undefined && demoChecks(run).every((check) => check.passed) ? 0 : 1;
  }

  private result({ model, load }: { model: DemoModel; load: DemoLoad }): DemoRun | undefined {
    const { observation, state } = this;
    if (observation === undefined || state === undefined) return undefined;
    const { beganAt, timeline, requests, sloAttainment } = observation;
    const around = this.steps.phases(beganAt).filter((phase) => phase.name !== "load");
    return {
      startedAt: new Date(beganAt).toISOString(),
      sandbox: { inventory: state.inventory, provider: state.provider, isolation: state.isolation },
      model,
      load,
      timeline,
      events: demoEvents(this.events, beganAt),
      phases: [...around, ...observation.phases].sort((a, b) => a.startSeconds - b.startSeconds),
      requests,
      sloAttainment,
    };
  }

  private paths() {
    const { pageFile, jsonFile } = this.options;
    return {
      page: resolve(pageFile),
      ...(jsonFile === undefined ? {} : { json: resolve(jsonFile) }),
      logs: this.state?.logsDirectory ?? "",
    };
  }
}

function writeFile(path: string, text: string): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(path, text);
}
