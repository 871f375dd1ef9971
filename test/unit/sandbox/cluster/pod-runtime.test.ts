import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig, type V1Pod } from "@kubernetes/client-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { PodRuntime } from "../../../../packages/sandbox/src/cluster/pod-runtime";
import type { ClusterContext, PartExit, PartSpec } from "../../../../packages/sandbox/src/supervisor/cluster-context";
import { eventually, vllmPod } from "./support";

/** A part whose process is a server in this one. */
interface FakePart {
  spec: PartSpec;
  port: number;
  running: boolean;
  /** As when the supervisor gives up restarting it. */
  fail(): void;
}

class FakeSandbox {
  readonly parts: FakePart[] = [];
  readonly annotated: { pod: string; values: Record<string, string> }[] = [];
  readonly log: string[] = [];
  readonly busy = new Set<string>();
  readonly secrets = new Map<string, Record<string, string>>();
  healthy = true;
  readonly directory = mkdtempSync(join(tmpdir(), "sandbox-"));
  readonly runtime: PodRuntime;

  constructor() {
    onTestFinished(() => {
      for (const part of this.parts) part.fail();
      this.runtime.reconcile([]);
      rmSync(this.directory, { recursive: true, force: true });
    });
    this.runtime = new PodRuntime({
      context: this.context(),
      annotate: async (pod, values) => {
        this.annotated.push({ pod: pod.metadata?.name ?? "", values });
      },
      readSecret: async (namespace, name) => this.secrets.get(`${namespace}/${name}`),
      isIdle: (pod) => !this.busy.has(pod.metadata?.name ?? ""),
      pollMs: 5,
      backOffMs: 5,
    });
  }

  running(): string[] {
    return this.parts.filter((part) => part.running).map((part) => part.spec.name);
  }

  private context(): ClusterContext {
    return {
      kubeConfig: new KubeConfig(),
      directory: this.directory,
      tools: { simulator: "/tools/simulator" },
      log: (line) => this.log.push(line),
      allocatePort: async () => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const address = server.address();
        await new Promise((resolve) => server.close(resolve));
        return typeof address === "object" && address !== null ? address.port : 0;
      },
      startPart: (spec) => {
        const port = Number(spec.args[0]?.replace("--port=", ""));
        const server: Server = createServer((_, response) => response.writeHead(this.healthy ? 200 : 503).end());
        server.listen(port, "127.0.0.1");
        let end: (exit: PartExit) => void = () => undefined;
        const exited = new Promise<PartExit>((resolve) => {
          end = resolve;
        });
        const exit = () => {
          part.running = false;
          server.closeAllConnections();
          server.close();
          end({ code: 1, signal: null });
        };
        const part: FakePart = { spec, port, running: true, fail: exit };
        this.parts.push(part);
        return { name: spec.name, pid: 1, exited, stop: async () => exit() };
      },
    };
  }
}

function removed(pod: V1Pod, killInMs: number, graceSeconds = 60): V1Pod {
  const deletionTimestamp = new Date(Date.now() + killInMs);
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceSeconds } };
}

const hour = 3_600_000;
/** The time is not known to a test. */
const drained = (pod: string) => ({ pod, values: { "sandbox.vllm-serving.dev/drained": expect.any(String) } });

async function serving(sandbox: FakeSandbox, pod: V1Pod): Promise<FakePart> {
  sandbox.runtime.reconcile([pod]);
  await eventually(() => expect(sandbox.annotated).toHaveLength(1));
  const part = sandbox.parts[0];
  if (part === undefined) throw new Error("no part");
  return part;
}

describe("PodRuntime", () => {
  it("starts one simulator for a running vLLM pod and writes its address on the pod once it answers", async () => {
    const sandbox = new FakeSandbox();
    sandbox.healthy = false;
    const pod = vllmPod();
    sandbox.runtime.reconcile([pod]);
    sandbox.runtime.reconcile([pod]);
    await eventually(() => expect(sandbox.parts).toHaveLength(1));
    expect(sandbox.annotated).toEqual([]);
    sandbox.healthy = true;
    await eventually(() => expect(sandbox.annotated).toHaveLength(1));
    sandbox.runtime.reconcile([pod]);
    const [part] = sandbox.parts;
    expect(sandbox.annotated).toEqual([
      {
        pod: "llama-1",
        values: {
          "sandbox.vllm-serving.dev/address": `127.0.0.1:${part?.port}`,
          "sandbox.vllm-serving.dev/port": "8000",
        },
      },
    ]);
    expect(sandbox.parts).toHaveLength(1);
    expect(part?.spec).toEqual({
      name: "pod-llm.llama-1",
      command: "/tools/simulator",
      args: expect.arrayContaining([`--port=${part?.port}`, "--max-num-seqs=8"]),
      env: { OTEL_PROM_EXPORTER_ENABLED: "false", POD_NAME: "llama-1", POD_NAMESPACE: "llm" },
      logFile: join(sandbox.directory, "logs", "pods", "llm_llama-1.log"),
      restart: true,
      givesUp: true,
    });
  });

  it("asks for the key of the pod's Secret as vLLM does, and does not start before it is there", async () => {
    const sandbox = new FakeSandbox();
    const reference = { name: "llama-key", key: "key" };
    const env = [{ name: "VLLM_API_KEY", valueFrom: { secretKeyRef: reference } }];
    const pod = vllmPod("p", { spec: { containers: [{ name: "c", image: "vllm/vllm-openai", env }] } });
    sandbox.runtime.reconcile([pod]);
    await eventually(() =>
      expect(sandbox.log).toEqual(["pod llm/p: does not start without key key of Secret llama-key"]),
    );
    sandbox.secrets.set("llm/llama-key", { key: "sk-secret" });
    const part = await serving(sandbox, pod);
    const address = sandbox.annotated[0]?.values["sandbox.vllm-serving.dev/address"] ?? "";
    expect(address).not.toBe(`127.0.0.1:${part.port}`);
    const ask = async (path: string, authorization?: string) => {
      const headers = authorization === undefined ? undefined : { authorization };
      return (await fetch(`http://${address}${path}`, { ...(headers && { headers }) })).status;
    };
    expect(await ask("/health")).toBe(200);
    expect(await ask("/metrics")).toBe(200);
    expect(await ask("/v1/models")).toBe(401);
    expect(await ask("/v1/models", "Bearer sk-other")).toBe(401);
    expect(await ask("/v1/models", "Basic sk-secret")).toBe(401);
    expect(await ask("/v1/models", "Bearer sk-secret")).toBe(200);
    expect(JSON.stringify([sandbox.log, part.spec, sandbox.annotated])).not.toContain("sk-secret");
  });

  it.each([
    { what: "has not started yet", pod: vllmPod("p", { status: { phase: "Pending" } }) },
    { what: "is no vLLM", pod: vllmPod("p", { spec: { containers: [{ name: "c", image: "nginx" }] } }) },
  ])("starts nothing for a pod that $what", async ({ pod }) => {
    const sandbox = new FakeSandbox();
    sandbox.runtime.reconcile([pod]);
    await serving(sandbox, vllmPod("other"));
    expect(sandbox.running()).toEqual(["pod-llm.other"]);
  });

  it("lets a removed pod finish its requests, stops it and only then says that it has drained", async () => {
    const sandbox = new FakeSandbox();
    const pod = vllmPod();
    await serving(sandbox, pod);
    sandbox.busy.add("llama-1");
    sandbox.runtime.reconcile([removed(pod, 30_000)]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sandbox.running()).toEqual(["pod-llm.llama-1"]);
    expect(sandbox.annotated).toHaveLength(1);
    sandbox.busy.clear();
    await eventually(() => expect(sandbox.annotated[1]).toEqual(drained("llama-1")));
    expect(sandbox.running()).toEqual([]);
    sandbox.runtime.reconcile([removed(pod, 30_000)]);
    sandbox.runtime.reconcile([]);
    expect(sandbox.annotated).toHaveLength(2);
    expect(sandbox.parts).toHaveLength(1);
  });

  it("waits for the preStop sleep even when the pod is idle", async () => {
    const sandbox = new FakeSandbox();
    const containers = [{ name: "c", image: "vllm", lifecycle: { preStop: { sleep: { seconds: 1800 } } } }];
    const pod = vllmPod("p", { spec: { containers } });
    await serving(sandbox, pod);
    sandbox.runtime.reconcile([removed(pod, hour, 3600)]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sandbox.running()).toEqual(["pod-llm.p"]);
    sandbox.runtime.reconcile([removed(pod, hour, 7200)]);
    await eventually(() => expect(sandbox.running()).toEqual([]));
  });

  it("stops a busy pod when its grace period is over", async () => {
    const sandbox = new FakeSandbox();
    const pod = vllmPod();
    await serving(sandbox, pod);
    sandbox.busy.add("llama-1");
    sandbox.runtime.reconcile([removed(pod, 0)]);
    await eventually(() => expect(sandbox.running()).toEqual([]));
  });

  it("stops the process of a pod that is gone, at once and without annotating it", async () => {
    const sandbox = new FakeSandbox();
    await serving(sandbox, vllmPod());
    sandbox.busy.add("llama-1");
    sandbox.runtime.reconcile([]);
    await eventually(() => expect(sandbox.running()).toEqual([]));
    expect(sandbox.parts).toHaveLength(1);
  });

  it("says at once that a removed pod without a process has drained", async () => {
    const sandbox = new FakeSandbox();
    sandbox.runtime.reconcile([removed(vllmPod(), hour)]);
    await eventually(() => expect(sandbox.annotated).toEqual([drained("llama-1")]));
    expect(sandbox.parts).toEqual([]);
  });

  it("ends the wait for a simulator that never answers when its pod is removed", async () => {
    const sandbox = new FakeSandbox();
    sandbox.healthy = false;
    const pod = vllmPod();
    sandbox.runtime.reconcile([pod]);
    await eventually(() => expect(sandbox.running()).toEqual(["pod-llm.llama-1"]));
    sandbox.runtime.reconcile([removed(pod, 30_000)]);
    await eventually(() => expect(sandbox.annotated).toEqual([drained("llama-1")]));
    expect(sandbox.running()).toEqual([]);
  });

  it("starts a simulator anew that ended for good, at a new address, and logs it", async () => {
    const sandbox = new FakeSandbox();
    const first = await serving(sandbox, vllmPod());
    first.fail();
    await eventually(() => expect(sandbox.annotated).toHaveLength(2));
    expect(sandbox.annotated[1]?.values["sandbox.vllm-serving.dev/address"]).toBe(
      `127.0.0.1:${sandbox.parts[1]?.port}`,
    );
    expect(sandbox.running()).toEqual(["pod-llm.llama-1"]);
    expect(sandbox.log).toEqual(["pod llm/llama-1: the simulator failed for good; starting it anew later"]);
  });

  it("serves a pod that comes back under the same name, once the old one's process is gone", async () => {
    const sandbox = new FakeSandbox();
    const old = vllmPod();
    await serving(sandbox, old);
    const next = vllmPod("llama-1", { metadata: { name: "llama-1", namespace: "llm", uid: "another" } });
    sandbox.runtime.reconcile([next]);
    await eventually(() => {
      sandbox.runtime.reconcile([next]);
      expect(sandbox.parts).toHaveLength(2);
    });
    expect(sandbox.running()).toEqual(["pod-llm.llama-1"]);
    expect(sandbox.parts[0]?.running).toBe(false);
  });
});
