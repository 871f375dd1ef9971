import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppsV1Api, AutoscalingV2Api, CoreV1Api, KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import { down, type PartStatus, runLoad, type SandboxState, status, up } from "@vllm-serving/sandbox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { waitFor } from "../sandbox/support/cluster";
import { listeningSockets } from "../sandbox/support/processes";
import { mostReplicas, scalingLoop } from "../sandbox/support/scaling-loop";

const stateDirectory = mkdtempSync(join(tmpdir(), "sandboxes-"));
const namespace = "kill";
const kubeConfig = new KubeConfig();
let state: SandboxState;

/** What the router and Prometheus answer, as far as it is read here. */
const routed = z.object({ services: z.array(z.object({ namespace: z.string(), endpoints: z.array(z.unknown()) })) });
const queried = z.object({ data: z.object({ result: z.array(z.unknown()) }) });

beforeAll(async () => {
  process.env.VLLM_SERVING_STATE = stateDirectory;
  state = await up({ name: "kill", endWithCaller: true });
  kubeConfig.loadFromFile(state.kubeconfig);
  const objects = KubernetesObjectApi.makeApiClient(kubeConfig);
  for (const object of scalingLoop(namespace, "loop")) await objects.create(object);
  await waitFor("an endpoint of the Service", async () => (await endpoints()) === 1);
});

afterAll(async () => {
  await down("kill");
  rmSync(stateDirectory, { recursive: true });
  delete process.env.VLLM_SERVING_STATE;
});

async function endpoints(): Promise<number> {
  const answer = await fetch(`${state.endpoints.router}/-/endpoints`);
  const { services } = routed.parse(await answer.json());
  return services.find((service) => service.namespace === namespace)?.endpoints.length ?? 0;
}

/** Everything but the sandbox's own two processes, with which it ends. */
async function partsOf(): Promise<PartStatus[]> {
  const found = await status("kill");
  return found?.parts.filter(({ name }) => name !== "daemon" && name !== "supervisor") ?? [];
}

async function partNamed(name: string): Promise<PartStatus | undefined> {
  return (await partsOf()).find((part) => part.name === name);
}

function kill(part: PartStatus | undefined): void {
  process.kill(part?.pid ?? 0, "SIGKILL");
}

/** What status tells of the end of a part since it was killed. */
async function howEnded(name: string, killed: PartStatus | undefined): Promise<object | undefined> {
  const { lastExit, lastLines } = (await partNamed(name)) ?? {};
  if (lastExit?.at === killed?.lastExit?.at) return undefined;
  return { how: lastExit?.how, firstLine: lastLines?.[0] };
}

/** What a part that was killed listens on since: it says whether the part serves as before. */
async function listensAgain(name: string, killed: PartStatus | undefined): Promise<string[]> {
  const { state: now, pid = 0 } = (await partNamed(name)) ?? {};
  if (now !== "running" || pid === killed?.pid) return [`${now} as process ${pid}`];
  try {
    return listeningSockets(pid).sort();
  } catch {
    return [`process ${pid} has ended`];
  }
}

async function desiredReplicas(): Promise<number | undefined> {
  const list = await kubeConfig.makeApiClient(AutoscalingV2Api).listNamespacedHorizontalPodAutoscaler({ namespace });
  return list.items[0]?.status?.desiredReplicas;
}

/** Writes ConfigMaps one after another, across outages, and gives the names of those that the API server has confirmed. */
async function writeUntil(stop: AbortSignal): Promise<string[]> {
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const confirmed: string[] = [];
  for (let i = 0; !stop.aborted; i += 1) {
    const name = `written-${i}`;
    try {
      await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { i: String(i) } } });
      confirmed.push(`${name}=${i}`);
    } catch {
      await sleep(100);
    }
  }
  return confirmed;
}

describe("API server and etcd, killed while load and a scaling loop run", () => {
  it("come back, the loop goes on, no request fails, and nothing that was confirmed is lost", async () => {
    const writing = new AbortController();
    const loaded = new AbortController();
    const written = writeUntil(writing.signal);
    const load = runLoad({
      url: `${state.endpoints.router}/${namespace}/loop`,
      request: { model: "test", promptTokens: 50, outputTokens: 100 },
      phases: [
        { name: "calm", seconds: 20, requestsPerSecond: 0.2 },
        { name: "peak", seconds: 240, requestsPerSecond: 1.5 },
      ],
      stopSending: loaded.signal,
    });
    await sleep(5_000);
    kill(await partNamed("etcd"));
    kill(await partNamed("kube-apiserver"));
    await waitFor("as many replicas as the loop may ask for", async () => {
      return (await desiredReplicas().catch(() => undefined)) === mostReplicas;
    });
    await waitFor("all of them serving", async () => (await endpoints()) === mostReplicas);
    loaded.abort();
    writing.abort();
    const confirmed = await written;
    const { counts } = await load;
    expect(counts.failed).toBe(0);
    expect(counts.ok).toBeGreaterThan(10);
    const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNamespacedConfigMap({ namespace });
    const kept = new Set(items.map(({ metadata, data }) => `${metadata?.name}=${data?.i}`));
    expect(confirmed.filter((entry) => !kept.has(entry))).toEqual([]);
    expect(confirmed.length).toBeGreaterThan(100);
  });
});

describe("every part of a sandbox, killed", () => {
  it("is started again, serves as before, and status tells what happened", async () => {
    const parts = await partsOf();
    expect(parts.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
        "kwok",
        "prometheus",
      ]),
    );
    expect(parts.filter(({ name }) => name.startsWith("pod-")).length).toBeGreaterThan(0);
    for (const { name } of parts) {
      const before = await partNamed(name);
      const sockets = listeningSockets(before?.pid ?? 0).sort();
      expect(sockets.length, `what ${name} listens on`).toBeGreaterThan(0);
      kill(before);
      await expect
        .poll(() => howEnded(name, before), { timeout: 30_000, interval: 50, message: `${name} killed` })
        .toEqual({ how: "was ended by SIGKILL", firstLine: `${name} was ended by SIGKILL.` });
      await expect
        .poll(() => listensAgain(name, before), { timeout: 120_000, interval: 500, message: `${name} started again` })
        .toEqual(sockets);
      expect((await partNamed(name))?.restarts).toBeGreaterThan(before?.restarts ?? 0);
    }
    await waitFor("a healthy sandbox", async () => (await status("kill"))?.healthy === true);
  });

  it("leaves a cluster that places pods, scales by an external metric and answers requests", async () => {
    const apps = kubeConfig.makeApiClient(AppsV1Api);
    const autoscaling = kubeConfig.makeApiClient(AutoscalingV2Api);
    const objects = KubernetesObjectApi.makeApiClient(kubeConfig);
    for (const object of scalingLoop("after", "again")) await objects.create(object);
    await waitFor("a new Deployment available", async () => {
      const deployment = await apps.readNamespacedDeployment({ namespace: "after", name: "again" });
      return deployment.status?.availableReplicas === 1;
    });
    await waitFor("its external metric", async () => {
      const { items } = await autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace: "after" });
      return items[0]?.status?.currentMetrics?.[0]?.external?.current.averageValue === "0";
    });
    await waitFor("an answer", async () => {
      const answer = await fetch(`${state.endpoints.router}/after/again/v1/models`);
      await answer.arrayBuffer();
      return answer.status === 200;
    });
    const twice = scalingLoop("after", "again").find(({ kind }) => kind === "ScaledObject");
    await expect(objects.create({ ...twice, metadata: { namespace: "after", name: "second" } })).rejects.toMatchObject({
      code: 403,
    });
  });
});

describe("an API server that is away for 40 seconds", () => {
  it("is told as failed, comes back, and the sandbox's own controllers go on", async () => {
    const third = scalingLoop("outage", "third");
    const objects = KubernetesObjectApi.makeApiClient(kubeConfig);
    // Before the outage: Prometheus Operator forgets a PodMonitor that it sees before its namespace, and its watches come back one
    // by one, up to a minute apart.
    await objects.create(third[0] ?? {});
    const until = Date.now() + 40_000;
    const seen = new Set<string>();
    while (Date.now() < until) {
      const part = await partNamed("kube-apiserver");
      seen.add(part?.state ?? "");
      if (part?.pid !== undefined) kill(part);
      await sleep(200);
    }
    expect(seen).toContain("failed");
    await waitFor("a healthy sandbox", async () => (await status("kill"))?.healthy === true);
    const [first, ...others] = third.slice(1);
    await waitFor("objects accepted", async () => {
      return objects.create(first ?? {}).then(
        () => true,
        () => false,
      );
    });
    for (const object of others) await objects.create(object);
    await waitFor("a pod that answers", async () => {
      const answer = await fetch(`${state.endpoints.router}/outage/third/v1/models`);
      await answer.arrayBuffer();
      return answer.status === 200;
    });
    await waitFor("its metrics scraped", async () => {
      const answer = await fetch(`${state.endpoints.prometheus}/api/v1/query?query=up{namespace="outage"}==1`);
      return queried.parse(await answer.json()).data.result.length === 1;
    });
  });
});
