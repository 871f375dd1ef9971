import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ApiException, ApiextensionsV1Api, type KubernetesObject, PatchStrategy } from "@kubernetes/client-node";
import { ensureTools } from "@vllm-serving/sandbox";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { stringify } from "yaml";
import { at, type Json, type JsonObject, toJson } from "../../packages/sandbox/src/provider/json";
import { versions } from "../../src/versions";
import { type ChartRepository, chartRepository } from "../sandbox/support/chart-repository";
import { clientsOf, deleteNamespace, waitFor } from "../sandbox/support/cluster";
import { PlatformProgram } from "../sandbox/support/platform-program";
import { projectsFolder } from "../sandbox/support/pulumi-project";

const sandbox = inject("sandbox");
const clients = clientsOf(sandbox);
const definitions = clients.kubeConfig.makeApiClient(ApiextensionsV1Api);
const folder = projectsFolder();
const charts = mkdtempSync(join(tmpdir(), "vllm-serving-mirror-"));
let mirror: ChartRepository;

/** Small charts that stand for the real ones, by their names, in versions that we install and one that comes after. */
const chartVersions: [string, string][] = [
  ["gpu-operator", `v${versions.gpuOperator}`],
  ["gpu-operator", "v99.0.0"],
  ["knative-operator", versions.knativeOperator],
  ["kube-prometheus-stack", versions.kubePrometheusStack],
];

function chartOf([name, version]: [string, string]): string {
  const chart = join(charts, `${name}-${version}`, name);
  mkdirSync(chart, { recursive: true });
  cpSync(resolve(__dirname, "../fixtures/charts", name), chart, { recursive: true });
  writeFileSync(join(chart, "Chart.yaml"), stringify({ apiVersion: "v2", name, version }));
  return chart;
}

const definitionNames = ["clusterpolicies.nvidia.com", "knativeservings.operator.knative.dev"];

beforeAll(async () => {
  mirror = await chartRepository(charts, chartVersions.map(chartOf));
});
afterAll(async () => {
  mirror.close();
  for (const name of definitionNames) await definitions.deleteCustomResourceDefinition({ name }).catch(() => {});
  rmSync(folder, { recursive: true });
  rmSync(charts, { recursive: true });
});

async function helm(...args: string[]): Promise<string> {
  const { binaries } = await ensureTools();
  const { stdout } = await execa(binaries.helm, [...args, "--kubeconfig", sandbox.kubeconfig]);
  return stdout;
}

async function revisionOf(name: string): Promise<Json | undefined> {
  const releases: Json = JSON.parse(await helm("list", "--all", "--output", "json", "--namespace", name));
  return Array.isArray(releases) ? releases.map((each) => at(each, "revision"))[0] : undefined;
}

async function read(apiVersion: string, kind: string, name: string, namespace = ""): Promise<Json | undefined> {
  try {
    const metadata = { name, ...(namespace !== "" && { namespace }) };
    return toJson(await clients.objects.read({ apiVersion, kind, metadata }));
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    // Its definition may not be there yet.
    if (error instanceof Error && /Failed to fetch|not found/i.test(error.message)) return undefined;
    throw error;
  }
}

const policy = () => read("nvidia.com/v1", "ClusterPolicy", "cluster-policy");
const serving = () => read("operator.knative.dev/v1beta1", "KnativeServing", "knative-serving", "knative-serving");
const prometheus = () => read("monitoring.coreos.com/v1", "Prometheus", "kube-prometheus-stack-prometheus", "watching");
async function patched(
  apiVersion: string,
  kind: string,
  change: Pick<KubernetesObject, "metadata"> & { spec?: object },
) {
  const object = { apiVersion, kind, ...change };
  await clients.objects.patch(object, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch);
}

const until = (what: string, found: () => Promise<Json | undefined>) =>
  waitFor(what, async () => (await found()) !== undefined);

/** What the piece's operator would say. */
async function policySays(state: string): Promise<void> {
  const body = [{ op: "add", path: "/status", value: { state } }];
  const target = { group: "nvidia.com", version: "v1", plural: "clusterpolicies", name: "cluster-policy" };
  await clients.custom.patchClusterCustomObjectStatus({ ...target, body });
}

async function conditionSays(
  target: { group: string; version: string; plural: string; namespace: string; name: string },
  condition: JsonObject,
): Promise<void> {
  const conditions = [{ lastTransitionTime: new Date().toISOString(), ...condition }];
  const body = [{ op: "add", path: "/status", value: { conditions } }];
  await clients.custom.patchNamespacedCustomObjectStatus({ ...target, body });
}

const program = (stack: string, pieces: string, settings = "") =>
  new PlatformProgram(sandbox, folder, "kubernetes", stack).init(`${settings}${pieces}`);
const chart = (more = "") => `chart: { repository: "${mirror.url}"${more} }`;
const gpus = (mode: string, more = "") =>
  `exports.kept = new vllm.GpuOperator("gpus", { ...target, mode: "${mode}", ${chart()}${more} }, options).kept;`;

/** Waits end soon, where the component would wait for minutes. */
const impatient = `pulumi.runtime.registerResourceTransform(({ type, props, opts }) => ({
  props: type === "pulumi-nodejs:dynamic/vllm-serving:ReadyObjects" ? { ...props, timeoutSeconds: 3 } : props,
  opts: pulumi.mergeOptions(opts, { customTimeouts: { create: "5s", update: "5s" } }),
}));
`;

describe("a chart whose operator says when it serves", () => {
  let stack: PlatformProgram;

  it("is installed, and waited for until then", async () => {
    stack = await program("installed", gpus("install"));
    const up = stack.start(["up", "--yes", "--skip-preview", "--stack", stack.stack]);
    await until("the ClusterPolicy", policy);
    await policySays("notReady");
    expect(up.exitCode ?? "running").toBe("running");
    await policySays("ready");
    expect((await up).all).toContain("gpus-nodes created");
    expect(await revisionOf("gpu-operator")).toBe("1");
    await stack.up("--expect-no-changes");
  });

  it("follows its settings and its version", async () => {
    stack.write(gpus("install", `, driver: "node"`));
    await stack.up();
    expect(at(await policy(), "spec", "driver", "enabled")).toBe(false);
    stack.write(
      `new vllm.GpuOperator("gpus", { ...target, mode: "install", driver: "node", ${chart(`, version: "v99.0.0"`)} }, options);`,
    );
    await stack.up();
    expect(await helm("list", "--namespace", "gpu-operator")).toContain("gpu-operator-v99.0.0");
    expect(await revisionOf("gpu-operator")).toBe("3");
    await stack.up("--expect-no-changes");
  });

  it("is gone after destroy, but for its definitions", async () => {
    await stack.remove(stack.stack);
    expect(await policy()).toBeUndefined();
    expect(await read("v1", "Namespace", "gpu-operator")).toBeUndefined();
    expect(
      await read("apiextensions.k8s.io/v1", "CustomResourceDefinition", "clusterpolicies.nvidia.com"),
    ).toBeDefined();
  });

  it("that never serves ends the run with what is missing, and the next run goes on from there", async () => {
    stack = await program("never", gpus("install"), impatient);
    const first = await stack.pulumi("up", "--yes", "--skip-preview", "--stack", stack.stack);
    expect(first.exitCode).not.toBe(0);
    expect(first.output).toContain('because ClusterPolicy cluster-policy has status.state nothing, not "ready"');
    await policySays("notReady");
    const second = await stack.pulumi("up", "--yes", "--skip-preview", "--stack", stack.stack);
    expect(second.output).toContain('because ClusterPolicy cluster-policy has status.state "notReady", not "ready"');
    await policySays("ready");
    await stack.up();
    expect(await revisionOf("gpu-operator")).toBe("1");
    await stack.remove(stack.stack);
  });
});

describe("an installation that is interrupted", () => {
  /** The chart's Deployment finds no node, so Helm waits. */
  const stuck = `pulumi.runtime.registerResourceTransform(({ type, props, opts }) => ({
    props: type === "kubernetes:helm.sh/v3:Release" ? { ...props, values: { nodeSelector: { no: "node" } } } : props,
    opts,
  }));
  `;
  const deployment = () => read("apps/v1", "Deployment", "gpu-operator", "gpu-operator");

  it("by the user takes back what it began, and is made anew", async () => {
    const stack = await program("interrupted", gpus("install"), stuck);
    const up = stack.start(["up", "--yes", "--skip-preview", "--stack", stack.stack]);
    await until("the operator", deployment);
    up.kill("SIGINT");
    await up;
    expect(await revisionOf("gpu-operator")).toBeUndefined();
    stack.write(gpus("install"));
    const again = stack.start(["up", "--yes", "--skip-preview", "--stack", stack.stack]);
    await until("the ClusterPolicy", policy);
    await policySays("ready");
    expect((await again).exitCode).toBe(0);
    await stack.remove(stack.stack);
  });

  it("by a killed Pulumi leaves a release behind, which has to be uninstalled by hand", async () => {
    const stack = await program("killed", gpus("install"), stuck);
    const up = stack.start(["up", "--yes", "--skip-preview", "--stack", stack.stack]);
    await until("the operator", deployment);
    up.kill("SIGKILL");
    await up;
    await stack.must("cancel", "--yes", "--stack", stack.stack);
    stack.write(gpus("install"));
    const refused = await stack.pulumi("up", "--yes", "--skip-preview", "--stack", stack.stack);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain("cannot re-use a name that is still in use");

    await helm("uninstall", "gpu-operator", "--namespace", "gpu-operator", "--wait");
    const again = stack.start(["up", "--yes", "--skip-preview", "--stack", stack.stack]);
    await until("the ClusterPolicy", policy);
    await policySays("ready");
    expect((await again).exitCode).toBe(0);
    await stack.remove(stack.stack);
  });
});

describe("a release that others installed with Helm", () => {
  beforeAll(async () => {
    const archive = join(charts, `gpu-operator-v${versions.gpuOperator}.tgz`);
    const given = ["--set", "driver.enabled=false", "--set", "theirs=true"];
    await helm("install", "gpu-operator", archive, "--namespace", "gpu-operator", "--create-namespace", ...given);
    await policySays("ready");
  });
  afterAll(async () => {
    await helm("uninstall", "gpu-operator", "--namespace", "gpu-operator");
    await deleteNamespace(clients.core, "gpu-operator");
  });

  it("is not installed a second time", async () => {
    const stack = await program("second", gpus("install"));
    const run = await stack.pulumi("up", "--yes", "--skip-preview", "--stack", stack.stack);
    expect(run.exitCode).not.toBe(0);
    expect(run.output).toContain('namespaces "gpu-operator" already exists');
    await stack.remove(stack.stack);
    expect(await revisionOf("gpu-operator")).toBe("1");
  });

  it("is adopted with our values instead of theirs, and outlives destroy", async () => {
    const stack = await program("adopted", gpus("adopt"));
    const preview = await stack.must("preview", "--diff", "--stack", stack.stack);
    expect(preview).toContain("theirs");
    await stack.up();
    expect(await policy()).toMatchObject({ spec: { driver: { enabled: true }, theirs: false } });
    expect(await revisionOf("gpu-operator")).toBe("2");
    await stack.up("--expect-no-changes");
    stack.write(gpus("adopt", `, driver: "node"`));
    await stack.up();
    expect(await policy()).toMatchObject({ spec: { driver: { enabled: false }, theirs: false } });

    await stack.remove(stack.stack);
    expect(await revisionOf("gpu-operator")).toBe("3");
    expect(await policy()).toBeDefined();
  });
});

describe("a release that is handed over", () => {
  it("stays as it was when the stack that installed it adopts it, and outlives destroy", async () => {
    const stack = await program("handed-over", gpus("install"));
    const up = stack.start(["up", "--yes", "--skip-preview", "--stack", stack.stack]);
    await until("the ClusterPolicy", policy);
    await policySays("ready");
    expect((await up).exitCode).toBe(0);
    const before = [await policy(), await read("v1", "Namespace", "gpu-operator")].map((one) =>
      at(one, "metadata", "uid"),
    );
    stack.write(gpus("install", ", retainOnDelete: true"));
    await stack.up();
    stack.write(gpus("adopt"));
    await stack.up();
    await stack.up("--expect-no-changes");
    await stack.remove(stack.stack);
    const after = [await policy(), await read("v1", "Namespace", "gpu-operator")].map((one) =>
      at(one, "metadata", "uid"),
    );
    expect(after).toEqual(before);
    expect(await revisionOf("gpu-operator")).toBe("1");
    await helm("uninstall", "gpu-operator", "--namespace", "gpu-operator");
    await deleteNamespace(clients.core, "gpu-operator");
  });
});

describe("Prometheus", () => {
  const pieces = () =>
    `new vllm.Monitoring("prometheus", { ...target, mode: "install", namespace: "watching", ${chart()} }, options);`;

  it("has to be Available, which the sandbox's operator says, and why it is not", async () => {
    const stack = await program("prometheus", pieces(), impatient);
    const first = await stack.pulumi("up", "--yes", "--skip-preview", "--stack", stack.stack);
    expect(first.exitCode).not.toBe(0);
    expect(first.output).toContain(
      "because Prometheus watching/kube-prometheus-stack-prometheus has condition Available False (StatefulSetNotFound: ",
    );
    await patched("monitoring.coreos.com/v1", "Prometheus", {
      metadata: { name: "kube-prometheus-stack-prometheus", namespace: "watching" },
      spec: { paused: false },
    });
    stack.write(pieces());
    await stack.up();
    expect(at(await prometheus(), "status", "availableReplicas")).toBe(1);
    await stack.remove(stack.stack);
    expect(await prometheus()).toBeUndefined();
  });
});

describe("Knative Serving", () => {
  const target = {
    group: "operator.knative.dev",
    version: "v1beta1",
    plural: "knativeservings",
    namespace: "knative-serving",
    name: "knative-serving",
  };
  const pieces = () => `new vllm.KnativeServing("knative", { ...target, mode: "install", ${chart()} }, options);`;

  it("has to be Ready, and goes before its operator", async () => {
    const stack = await program("knative", pieces(), impatient);
    const first = await stack.pulumi("up", "--yes", "--skip-preview", "--stack", stack.stack);
    expect(first.exitCode).not.toBe(0);
    expect(first.output).toContain("failed to fully initialize or become live: timed out waiting for the condition");
    expect(await serving()).toBeDefined();
    await conditionSays(target, { type: "Ready", status: "False", reason: "NotReady", message: "Waiting" });
    const second = await stack.pulumi("up", "--yes", "--skip-preview", "--stack", stack.stack);
    expect(second.exitCode).not.toBe(0);
    await conditionSays(target, { type: "Ready", status: "True" });
    stack.write(pieces());
    await stack.up();

    // The operator holds it until it has taken Knative away.
    const metadata = { name: "knative-serving", namespace: "knative-serving" };
    const finalized = (finalizers: string[]) =>
      patched("operator.knative.dev/v1beta1", "KnativeServing", { metadata: { ...metadata, finalizers } });
    await finalized(["knativeservings.operator.knative.dev"]);
    const removal = stack.start(["destroy", "--yes", "--skip-preview", "--stack", stack.stack]);
    await waitFor("the deletion of KnativeServing", async () => {
      return at(await serving(), "metadata", "deletionTimestamp") !== undefined;
    });
    expect(await revisionOf("knative-operator")).toBe("1");
    await finalized([]);
    expect((await removal).exitCode).toBe(0);
    expect(await revisionOf("knative-operator")).toBeUndefined();
    expect(await serving()).toBeUndefined();
  });
});
