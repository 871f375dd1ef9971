import type { ServerResponse } from "node:http";
import { KubeConfig, type KubernetesListObject, type V1Pod } from "@kubernetes/client-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { type WatchedResource, watchResource } from "../../../../packages/sandbox/src/cluster/watch-resource";
import { deferred, eventually, serve } from "./support";

/** An API server with pods that tells of changes only to watches that are open. */
class FakeApi {
  readonly pods = new Map<string, V1Pod>();
  readonly watches: { response: ServerResponse; resourceVersion: string | null }[] = [];
  lists = 0;
  failing = false;
  /** What a list and the answer to a watch wait for. */
  listed: Promise<void> = Promise.resolve();
  answered: Promise<void> = Promise.resolve();
  private version = 0;
  url = "";

  async start(): Promise<void> {
    const { port: bound } = await serve((incoming, response) => {
      const { searchParams } = new URL(incoming.url ?? "", "http://api");
      this.watches.push({ response, resourceVersion: searchParams.get("resourceVersion") });
      void this.answered.then(() => response.writeHead(200, { "content-type": "application/json" }).flushHeaders());
    });
    this.url = `http://127.0.0.1:${bound}`;
  }

  async list(): Promise<KubernetesListObject<V1Pod>> {
    if (this.failing) throw new Error("Service Unavailable");
    this.lists += 1;
    await this.listed;
    return { metadata: { resourceVersion: String(this.version) }, items: [...this.pods.values()] };
  }

  set(name: string): void {
    this.version += 1;
    const pod: V1Pod = { metadata: { name, namespace: "llm", resourceVersion: String(this.version) } };
    const type = this.pods.has(name) ? "MODIFIED" : "ADDED";
    this.pods.set(name, pod);
    this.tell({ type, object: pod });
  }

  tell(event: object): void {
    for (const { response } of this.watches) response.write(`${JSON.stringify(event)}\n`);
  }

  /** As when an API server is killed. */
  dropWatches(): void {
    for (const { response } of this.watches.splice(0)) response.socket?.destroy();
  }
}

async function watch(
  api: FakeApi,
): Promise<{ watched: WatchedResource<V1Pod>; log: string[]; names: () => string[]; changes: () => number }> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser({ name: "fake", server: api.url, skipTLSVerify: true }, { name: "nobody" });
  const log: string[] = [];
  let changes = 0;
  const watched = watchResource<V1Pod>({
    kubeConfig,
    path: "/api/v1/pods",
    list: () => api.list(),
    onChange: () => {
      changes += 1;
    },
    log: (line) => log.push(line),
    retryMs: 10,
  });
  onTestFinished(() => watched.stop());
  const names = () => watched.objects().map((pod) => pod.metadata?.name ?? "");
  return { watched, log, names, changes: () => changes };
}

describe("watchResource", () => {
  it("has what is listed, then what the watch tells", async () => {
    const api = new FakeApi();
    await api.start();
    api.set("a");
    const { names, changes } = await watch(api);
    await eventually(() => expect(names()).toEqual(["a"]));
    await eventually(() => expect(api.watches).toHaveLength(1));
    expect(api.watches[0]?.resourceVersion).toBe("1");
    api.set("b");
    await eventually(() => expect(names()).toEqual(["a", "b"]));
    expect(changes()).toBe(2);
  });

  it("goes on after a dropped watch, from where it was", async () => {
    const api = new FakeApi();
    await api.start();
    api.set("a");
    const { names, log } = await watch(api);
    await eventually(() => expect(api.watches).toHaveLength(1));
    api.dropWatches();
    await eventually(() => expect(api.watches).toHaveLength(1));
    expect(api.watches[0]?.resourceVersion).toBe("1");
    api.set("b");
    await eventually(() => expect(names()).toEqual(["a", "b"]));
    expect(api.lists).toBe(1);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^watching \/api\/v1\/pods: .*; trying again$/);
  });

  it("lists anew when the API server no longer knows where it was, and forgets what is gone", async () => {
    const api = new FakeApi();
    await api.start();
    api.set("a");
    const { names } = await watch(api);
    await eventually(() => expect(api.watches).toHaveLength(1));
    api.tell({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
    api.pods.clear();
    api.watches.splice(0)[0]?.response.end();
    await eventually(() => expect(api.watches).toHaveLength(1));
    expect(names()).toEqual([]);
    expect(api.lists).toBe(2);
    api.set("b");
    await eventually(() => expect(names()).toEqual(["b"]));
  });

  it("waits for an API server that fails, and says so once", async () => {
    const api = new FakeApi();
    api.failing = true;
    await api.start();
    api.set("a");
    const { names, log } = await watch(api);
    await eventually(() => expect(log).toHaveLength(1));
    api.failing = false;
    await eventually(() => expect(names()).toEqual(["a"]));
    expect(log).toEqual(["watching /api/v1/pods: Service Unavailable; trying again"]);
  });

  it("asks no more once it is stopped", async () => {
    const api = new FakeApi();
    await api.start();
    const { watched, log, names } = await watch(api);
    await eventually(() => expect(api.watches).toHaveLength(1));
    api.set("a");
    await eventually(() => expect(names()).toEqual(["a"]));
    await closedBy(() => watched.stop(), api);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(api.watches).toHaveLength(1);
    expect(log).toEqual([]);
  });

  it("leaves no watch that is answered after it is stopped", async () => {
    const api = new FakeApi();
    const { promise, resolve } = deferred();
    api.answered = promise;
    await api.start();
    const { watched, log } = await watch(api);
    await eventually(() => expect(api.watches).toHaveLength(1));
    watched.stop();
    await closedBy(resolve, api);
    expect(log).toEqual([]);
  });

  it("begins no watch when it is stopped during the list", async () => {
    const api = new FakeApi();
    const { promise, resolve } = deferred();
    api.listed = promise;
    await api.start();
    const { watched, log } = await watch(api);
    await eventually(() => expect(api.lists).toBe(1));
    watched.stop();
    resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(api.watches).toEqual([]);
    expect(log).toEqual([]);
  });
});

/** Waits until the client has ended its watch. */
async function closedBy(cause: () => void, api: FakeApi): Promise<void> {
  const closed = new Promise((resolve) => api.watches[0]?.response.on("close", resolve));
  cause();
  await closed;
}
