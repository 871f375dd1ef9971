import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import type { ClusterContext } from "../supervisor/cluster-context";
import { podKey } from "./endpoints";
import { PodProcess, type PodProcessOptions } from "./pod-process";
import { vllmContainer } from "./vllm-pod";

export interface PodRuntimeOptions extends Pick<PodProcessOptions, "annotate" | "isIdle" | "readSecret"> {
  context: ClusterContext;
  /** @default 250 */
  pollMs?: number;
  /** @default 10000 */
  backOffMs?: number;
}

/**
 * Does a kubelet's part that kwok leaves out: a simulator for each pod that runs vLLM. It is given all pods after each
 * change and compares them with the processes it has, so that nothing depends on seeing every change.
 */
export class PodRuntime {
  private readonly processes = new Map<string, Entry>();
  private readonly logsDirectory: string;

  constructor(private readonly options: PodRuntimeOptions) {
    this.logsDirectory = join(options.context.directory, "logs", "pods");
    mkdirSync(this.logsDirectory, { recursive: true });
  }

  reconcile(pods: readonly V1Pod[]): void {
    const present = new Map(pods.map((pod) => [podKey(pod), pod]));
    for (const [key, entry] of this.processes) {
      const pod = present.get(key);
      if (pod !== undefined && pod.metadata?.uid === entry.uid) entry.process.update(pod);
      else this.forget(key, entry);
    }
    for (const [key, pod] of present) {
      if (!this.processes.has(key) && pod.status?.phase === "Running" && vllmContainer(pod) !== undefined) {
        this.processes.set(key, { uid: pod.metadata?.uid, process: this.start(key, pod) });
      }
    }
  }

  /** A pod of the same name may come back (StatefulSets do that); it is served when the old process has ended. */
  private forget(key: string, entry: Entry): void {
    entry.process.remove();
    void entry.process.done.then(() => {
      if (this.processes.get(key) === entry) this.processes.delete(key);
    });
  }

  private start(key: string, pod: V1Pod): PodProcess {
    const { context, annotate, isIdle, readSecret, pollMs = 250, backOffMs = 10_000 } = this.options;
    const logFile = join(this.logsDirectory, `${key.replace("/", "_")}.log`);
    return new PodProcess(pod, { context, logFile, annotate, isIdle, readSecret, pollMs, backOffMs });
  }
}

interface Entry {
  uid: string | undefined;
  process: PodProcess;
}
