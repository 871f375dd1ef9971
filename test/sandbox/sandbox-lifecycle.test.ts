import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ApiextensionsV1Api,
  ApiregistrationV1Api,
  AppsV1Api,
  AutoscalingV2Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
} from "@kubernetes/client-node";
import { down, type SandboxState, status, up } from "@vllm-serving/sandbox";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { waitFor } from "./support/cluster";
import {
  listeningSockets,
  networkDevices,
  networkNamespace,
  type Process,
  processTree,
  stillRunning,
} from "./support/processes";

/** A folder of this test's own, so that what is left behind can be seen. */
const stateDirectory = mkdtempSync(join(tmpdir(), "sandboxes-"));

beforeAll(() => {
  process.env.VLLM_SERVING_STATE = stateDirectory;
});

afterAll(async () => {
  for (const entry of readdirSync(stateDirectory)) await down(entry.replace(/\.lock$/, ""));
  rmSync(stateDirectory, { recursive: true });
  delete process.env.VLLM_SERVING_STATE;
});

afterEach(() => vi.unstubAllEnvs());

/** What runs in every sandbox, whatever is deployed to it. */
const parts = [
  "etcd",
  "http-add-on-interceptor",
  "http-add-on-operator",
  "http-add-on-scaler",
  "keda-adapter",
  "keda-operator",
  "keda-webhooks",
  "kserve-controller",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-rbac-proxy",
  "kube-scheduler",
  "kwok",
  "prom-label-proxy",
  "prometheus",
  "prometheus-operator",
];

/** What `status` lists: these, and the sandbox's own two processes. */
const listed = ["daemon", ...parts, "supervisor"].sort();

function clientOf(state: SandboxState): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(state.kubeconfig);
  return kubeConfig;
}

async function nodeNames(state: SandboxState): Promise<string[]> {
  const nodes = await clientOf(state).makeApiClient(CoreV1Api).listNode();
  return nodes.items.map((node) => node.metadata?.name ?? "").sort();
}

function processesOf(state: SandboxState): Process[] {
  return processTree(state.daemon.pid);
}

async function pidOf(name: string, part: string): Promise<number | undefined> {
  return (await status(name))?.parts.find((entry) => entry.name === part)?.pid;
}

async function allGone(processes: Process[]): Promise<void> {
  await waitFor("all processes of the sandbox gone", async () => stillRunning(processes).length === 0, 30);
}

describe("a running sandbox", () => {
  let state: SandboxState;

  beforeAll(async () => {
    const steps: string[] = [];
    state = await up({ name: "one", onProgress: ({ id, state: step }) => step === "done" && steps.push(id) });
    expect(steps.filter((id) => id.startsWith("start:")).sort()).toEqual([
      "start:api-server",
      "start:certificates",
      "start:controllers",
      "start:definitions",
      "start:external-metrics",
      "start:http-add-on",
      "start:keda",
      "start:kserve",
      "start:nodes",
      "start:prometheus",
      "start:prometheus-operator",
      "start:serving",
      "start:thanos-querier",
    ]);
  });

  it("is healthy, with every part running", async () => {
    const found = await status("one");
    expect(found).toMatchObject({ phase: "running", state, healthy: true, problems: [] });
    expect(found?.parts.map((part) => part.name).sort()).toEqual(listed);
    expect(found?.parts.map((part) => part.state)).toEqual(listed.map(() => "running"));
    expect(found?.parts.filter((part) => (part.residentBytes ?? 0) < 5_000_000)).toEqual([]);
    expect(readdirSync(state.logsDirectory)).toEqual(expect.arrayContaining(listed.map((part) => `${part}.log`)));
  });

  it("has the published experiment's nodes, Ready, with seven GPUs", async () => {
    const nodes = await clientOf(state).makeApiClient(CoreV1Api).listNode();
    const ready = nodes.items.filter((node) =>
      node.status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
    );
    expect(ready.map((node) => [node.metadata?.name, node.status?.allocatable?.["nvidia.com/gpu"]])).toEqual([
      ["cpu-1", undefined],
      ["cpu-2", undefined],
      ["gpu-1x-1", "1"],
      ["gpu-1x-2", "1"],
      ["gpu-1x-3", "1"],
      ["gpu-4x", "4"],
    ]);
  });

  it("serves the kinds of KEDA, KServe and Prometheus Operator, and external metrics", async () => {
    const kubeConfig = clientOf(state);
    const definitions = await kubeConfig.makeApiClient(ApiextensionsV1Api).listCustomResourceDefinition();
    expect(definitions.items.map((definition) => definition.metadata?.name)).toEqual(
      expect.arrayContaining([
        "interceptorroutes.http.keda.sh",
        "inferenceservices.serving.kserve.io",
        "podmonitors.monitoring.coreos.com",
        "scaledobjects.keda.sh",
        "stages.kwok.x-k8s.io",
      ]),
    );
    const api = await kubeConfig
      .makeApiClient(ApiregistrationV1Api)
      .readAPIService({ name: "v1beta1.external.metrics.k8s.io" });
    expect(api.status?.conditions?.map(({ type, status: value }) => [type, value])).toEqual([["Available", "True"]]);
  });

  describe("with a ScaledObject", () => {
    const scaledObject = (name: string) => ({
      group: "keda.sh",
      version: "v1alpha1",
      namespace: "default",
      plural: "scaledobjects",
      body: {
        apiVersion: "keda.sh/v1alpha1",
        kind: "ScaledObject",
        metadata: { name },
        spec: {
          scaleTargetRef: { name: "web" },
          pollingInterval: 2,
          maxReplicaCount: 3,
          triggers: [
            {
              type: "prometheus",
              metricType: "AverageValue",
              metadata: {
                serverAddress: "http://prometheus-operated.monitoring.svc.cluster.local:9090",
                query: "vector(3)",
                threshold: "1",
              },
            },
          ],
        },
      },
    });

    beforeAll(async () => {
      const kubeConfig = clientOf(state);
      await kubeConfig.makeApiClient(AppsV1Api).createNamespacedDeployment({
        namespace: "default",
        body: {
          metadata: { name: "web" },
          spec: {
            replicas: 1,
            selector: { matchLabels: { app: "web" } },
            template: {
              metadata: { labels: { app: "web" } },
              spec: { containers: [{ name: "web", image: "web" }] },
            },
          },
        },
      });
      await kubeConfig.makeApiClient(CustomObjectsApi).createNamespacedCustomObject(scaledObject("web"));
    });

    it("scales by what Prometheus answers under its name in the cluster", async () => {
      const autoscaling = clientOf(state).makeApiClient(AutoscalingV2Api);
      await waitFor("three replicas wanted", async () => {
        const list = await autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace: "default" });
        return list.items[0]?.status?.desiredReplicas === 3;
      });
    });

    it("denies a second one on the same Deployment", async () => {
      const second = clientOf(state).makeApiClient(CustomObjectsApi).createNamespacedCustomObject(scaledObject("more"));
      await expect(second).rejects.toMatchObject({
        code: 403,
        // By the one or by the HPA that KEDA has made of it by then.
        body: expect.stringMatching(/is already managed by the (ScaledObject 'web'|hpa 'keda-hpa-web')/),
      });
    });
  });

  it("listens on four ports of 127.0.0.1 and nowhere else outside its network namespace", () => {
    const processes = processesOf(state);
    const host = networkNamespace("self");
    const outside = processes.filter(({ pid }) => networkNamespace(pid) === host);
    const inside = processes.filter(({ pid }) => networkNamespace(pid) !== host);
    const ports = Object.values(state.endpoints).map((endpoint) => new URL(endpoint).port);
    expect(outside.flatMap(({ pid }) => listeningSockets(pid)).sort()).toEqual(
      ports.map((port) => `0100007F:${port}`).sort(),
    );
    expect(new Set(inside.map(({ pid }) => networkNamespace(pid))).size).toBe(1);
    // The parts and the supervisor.
    expect(inside.length).toBe(parts.length + 1);
    expect(networkDevices(inside[0]?.pid ?? 0)).toEqual(["lo"]);
  });

  it("answers at its four ports", async () => {
    const answers = await Promise.all([
      fetch(`${state.endpoints.prometheus}/-/ready`),
      fetch(`${state.endpoints.router}/-/endpoints`),
      // It knows no host yet.
      fetch(state.endpoints.interceptor),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 404]);
    expect((await nodeNames(state)).length).toBe(6);
  });

  it("keeps secrets from other users of the machine", () => {
    expect(state.pulumiEnvironment.PULUMI_CONFIG_PASSPHRASE).toMatch(/^[\w-]{32}$/);
    const kept = ["", "kubeconfig", "pulumi-passphrase", "state.json", "pki/sa.key", "kubeconfigs/admin.yaml"];
    const open = kept.filter((entry) => (statSync(join(state.directory, entry)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });

  it("is returned as it is by a second up", async () => {
    expect(await up({ name: "one" })).toEqual(state);
  });

  it("starts a part again that was killed, and tells what happened", async () => {
    const before = await pidOf("one", "kube-scheduler");
    process.kill(before ?? 0, "SIGKILL");
    await waitFor("another scheduler", async () => {
      const now = await pidOf("one", "kube-scheduler");
      return now !== undefined && now !== before;
    });
    const scheduler = (await status("one"))?.parts.find((part) => part.name === "kube-scheduler");
    expect(scheduler?.state).toBe("running");
    expect(scheduler?.lastLines?.[0]).toBe("kube-scheduler was ended by SIGKILL.");
    expect(scheduler?.lastLines?.length).toBeGreaterThan(1);
  });

  it("runs beside another one, and outlives it", async () => {
    const other = await up({ name: "two" });
    expect(await nodeNames(other)).toEqual(await nodeNames(state));
    expect(other.endpoints).not.toEqual(state.endpoints);
    const processes = processesOf(other);
    expect(await down("two")).toBe(true);
    expect(stillRunning(processes)).toEqual([]);
    expect((await status("one"))?.healthy).toBe(true);
  });

  it("is gone after down, with its files and its lock", async () => {
    const processes = processesOf(state);
    expect(processes.length).toBeGreaterThan(parts.length);
    expect(await down("one")).toBe(true);
    expect(stillRunning(processes)).toEqual([]);
    expect(readdirSync(stateDirectory)).toEqual([]);
    expect(await status("one")).toBeUndefined();
    expect(await down("one")).toBe(false);
  });
});

describe("a sandbox whose processes are killed", () => {
  it("leaves nothing running when the supervisor is killed, says so, and starts again", async () => {
    const state = await up({ name: "killed" });
    const processes = processesOf(state);
    const supervisor = processes.find(({ command }) => /supervisor\.js/.test(command) && !/isolate /.test(command));
    process.kill(supervisor?.pid ?? 0, "SIGKILL");
    await allGone(processes);
    const found = await status("killed");
    expect(found).toMatchObject({ phase: "ended", healthy: false });
    expect(found?.parts.slice(0, 2)).toMatchObject([
      { name: "daemon", state: "stopped" },
      { name: "supervisor", state: "failed", lastExit: { how: "exit code 137" } },
    ]);
    expect(found?.parts[1]?.lastLines?.[0]).toMatch(/^The supervisor ended: /);
    expect(found?.parts.slice(2).map((part) => part.state)).toEqual(parts.map(() => "stopped"));

    const again = await up({ name: "killed" });
    expect(again.daemon).not.toEqual(state.daemon);
    expect((await status("killed"))?.healthy).toBe(true);
  });

  it("leaves nothing running when the daemon is killed, and says so", async () => {
    const state = await up({ name: "killed" });
    const processes = processesOf(state);
    process.kill(state.daemon.pid, "SIGKILL");
    await allGone(processes);
    const found = await status("killed");
    expect(found).toMatchObject({ phase: "ended", healthy: false });
    expect(found?.parts[0]).toMatchObject({
      name: "daemon",
      state: "failed",
      lastLines: [`The daemon (process ${state.daemon.pid}) is gone, so nothing of this sandbox runs any more.`],
    });
  });

  it("is cleaned up by the next command when daemon and supervisor were killed at once", async () => {
    const state = await up({ name: "killed" });
    const processes = processesOf(state);
    for (const { pid } of processes.filter(({ command }) => /(daemon|supervisor)\.js/.test(command))) {
      process.kill(pid, "SIGKILL");
    }
    await waitFor("the daemon gone", async () => stillRunning(processes.slice(0, 1)).length === 0);
    expect(stillRunning(processes).length).toBeGreaterThan(0);
    expect(await down("killed", { keepLogs: true })).toBe(true);
    expect(stillRunning(processes)).toEqual([]);
    expect(readdirSync(state.directory)).toEqual(["logs"]);
    expect(readdirSync(state.logsDirectory)).toContain("kube-apiserver.log");
  });
});

describe("a sandbox whose folder is removed while it runs", () => {
  it("leaves nothing running when it is stopped", async () => {
    const state = await up({ name: "removed" });
    const processes = processesOf(state);
    // Removing file by file races with what the parts write meanwhile; a rename takes all of it away at once.
    const away = mkdtempSync(join(tmpdir(), "sandboxes-away-"));
    renameSync(state.directory, join(away, "removed"));
    process.kill(state.daemon.pid, "SIGTERM");
    await waitFor("the end of all processes", async () => stillRunning(processes).length === 0, 60);
    rmSync(away, { recursive: true });
  });
});

describe("a sandbox that does not get up", () => {
  it("names the part that failed, shows its last lines, and leaves nothing but the logs", async () => {
    vi.stubEnv("VLLM_SERVING_TOOL_KUBE_SCHEDULER", "/bin/ls");
    const log = join(stateDirectory, "broken", "logs", "kube-scheduler.log");
    const failure = await up({ name: "broken" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    const message = failure instanceof Error ? failure.message : "";
    expect(message).toMatch(`kube-scheduler ended with exit code 2. Last lines of ${log}:`);
    expect(message).toMatch(/unrecognized option/);
    expect(readFileSync(log, "utf8")).toMatch(/unrecognized option/);
    expect(readdirSync(join(stateDirectory, "broken"))).toEqual(["logs"]);
    expect(await status("broken")).toBeUndefined();
  });

  it("leaves nothing at all when it is stopped halfway", async () => {
    const controller = new AbortController();
    let processes: Process[] = [];
    const start = up({
      name: "stopped",
      signal: controller.signal,
      onProgress: ({ id, state }) => {
        if (id !== "start:keda" || state !== "running") return;
        processes = processTree(process.pid).filter(({ pid }) => pid !== process.pid);
        controller.abort(new Error("enough"));
      },
    });
    await expect(start).rejects.toThrow("enough");
    expect(processes.length).toBeGreaterThan(5);
    expect(stillRunning(processes)).toEqual([]);
    expect(existsSync(join(stateDirectory, "stopped"))).toBe(false);
  });

  it("leaves nothing at all when another command stops it halfway", async () => {
    let stopped: Promise<boolean> | undefined;
    const start = up({
      name: "raced",
      onProgress: ({ id, state }) => {
        if (id === "start:api-server" && state === "running") stopped ??= down("raced");
      },
    });
    await expect(start).rejects.toThrow("Sandbox raced was stopped by another command while it was being started.");
    expect(await stopped).toBe(true);
    expect(existsSync(join(stateDirectory, "raced"))).toBe(false);
  });

  it("leaves no process when the command that starts it is killed", async () => {
    const command = fork(join(__dirname, "support", "up-in-a-process.cjs"), ["orphan"], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const state = join(stateDirectory, "orphan");
    await waitFor("the API server started", async () => existsSync(join(state, "logs", "kube-apiserver.log")));
    const processes = processTree(command.pid ?? 0);
    expect(processes.length).toBeGreaterThan(4);
    command.kill("SIGKILL");
    await allGone(processes);
    expect(await status("orphan")).toBeUndefined();
    expect(await down("orphan")).toBe(true);
  });

  it("ends with the process it belongs to, and is nobody else's", async () => {
    const command = fork(join(__dirname, "support", "up-in-a-process.cjs"), ["owned"], { stdio: "ignore" });
    await once(command, "message");
    await expect(up({ name: "owned", endWithCaller: true })).rejects.toThrow("Sandbox owned runs already");
    const state = await up({ name: "owned" });
    const processes = processesOf(state);
    expect(processes.length).toBeGreaterThan(4);
    command.kill("SIGKILL");
    await allGone(processes);
    expect(await status("owned")).toBeUndefined();
  });

  it("refuses a name that is no DNS label", async () => {
    await expect(up({ name: "No!" })).rejects.toThrow('name: "No!" is not a name for a sandbox');
  });
});

describe("a sandbox where no network namespace can be made", () => {
  it("runs, and names what listens on more than 127.0.0.1", async () => {
    vi.stubEnv("VLLM_SERVING_TOOL_ISOLATE", "/bin/false");
    const state = await up({ name: "open" });
    expect(state).toMatchObject({ isolation: "none", isolationProblem: "/bin/false --check ended with exit code 1" });
    const found = await status("open");
    expect(found?.healthy).toBe(true);
    const wider = found?.parts.filter((part) => part.listensWiderOn.length > 0);
    expect(wider?.map((part) => part.name).sort()).toEqual([
      "http-add-on-interceptor",
      "http-add-on-scaler",
      "keda-adapter",
      "keda-webhooks",
      "kserve-controller",
    ]);
    const processes = processesOf(state);
    await down("open");
    expect(stillRunning(processes)).toEqual([]);
  });
});
