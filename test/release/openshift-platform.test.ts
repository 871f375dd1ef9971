import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { versions } from "../../src/versions";
import { type ChartRepository, chartRepository } from "../sandbox/support/chart-repository";
import { deleteNamespace, waitFor } from "../sandbox/support/cluster";
import { FakeOpenShift, operatorGroups, v1alpha1 } from "../sandbox/support/openshift/fake-openshift";
import { clusterConfig, openShiftMonitoring, userWorkloadConfig } from "../sandbox/support/openshift/monitoring";
import type { PlatformProgram } from "../sandbox/support/platform-program";
import { processTree, stillRunning } from "../sandbox/support/processes";

const cluster = new FakeOpenShift(inject("sandbox"));
const { clients, olm, read, names, programOf } = cluster;

beforeAll(() => cluster.start());
afterAll(() => cluster.stop());

const namespace = "openshift-keda";
const packageName = "openshift-custom-metrics-autoscaler-operator";
const csv = "custom-metrics-autoscaler.v2.19.0-4";
const keda = (mode: string, more = "") =>
  `exports.kept = new vllm.Keda("keda", { ...target, mode: "${mode}"${more} }, options).kept;`;

describe("an operator that is installed", () => {
  let program: PlatformProgram;

  beforeAll(async () => {
    program = await programOf("installed").init(keda("install", `, operator: { startingCsv: "${csv}" }`));
  });

  it("is waited for before the resource that it works from is made", async () => {
    await program.up();
    const version = await read(v1alpha1, "ClusterServiceVersion", csv, namespace);
    expect(version?.status?.phase).toBe("Succeeded");
    const controller = await read("keda.sh/v1alpha1", "KedaController", "keda", namespace);
    expect(controller?.spec).toEqual({ watchNamespace: "" });
    expect(controller?.status?.phase).toBe("Installation Succeeded");
    const { metadata } = await clients.core.readNamespace({ name: namespace });
    expect(metadata?.labels?.["openshift.io/cluster-monitoring"]).toBe("true");
  });

  it("has the one InstallPlan approved that leads to the pinned version", async () => {
    const approved = async (name: string) => (await read(v1alpha1, "InstallPlan", name, namespace))?.spec?.approved;
    expect(await approved("install-wanted")).toBe(true);
    expect(await approved("install-newer")).toBe(false);
  });

  it("stays as it is, and keeps the kubeconfig encrypted", async () => {
    await program.up("--expect-no-changes");
    const state = await program.must("stack", "export", "--stack", program.stack);
    expect(state).not.toContain("BEGIN CERTIFICATE");
    expect(state).not.toContain("client-key-data");
  });

  it("is removed by destroy, but for what it says it keeps", async () => {
    expect(JSON.parse(await program.must("stack", "output", "kept", "--json"))).toEqual([
      "The custom resource definitions of the Custom Metrics Autoscaler, with the objects of others in them: OLM leaves them.",
    ]);
    await program.remove(program.stack);
    expect(await read("v1", "Namespace", namespace)).toBeUndefined();
    expect(await names(v1alpha1, "ClusterServiceVersion", namespace)).toEqual([]);
    expect(await read("apiextensions.k8s.io/v1", "CustomResourceDefinition", "kedacontrollers.keda.sh")).toBeDefined();
  });
});

describe("an up that is killed while the operator is installed", () => {
  it("is completed by the next one, without a second Subscription or OperatorGroup", async () => {
    const version = `${packageName}.v1.0.0`;
    olm.held.add(version);
    const program = await programOf("killed").init(keda("install"));
    const up = program.start(["up", "--yes", "--skip-preview", "--stack", program.stack]);
    await waitFor("the operator's version", async () => {
      return (await read(v1alpha1, "ClusterServiceVersion", version, namespace)) !== undefined;
    });
    const started = processTree(up.pid ?? 0);
    expect(started.filter(({ command }) => command.includes("dynamic-provider"))).toHaveLength(1);
    up.kill("SIGKILL");
    await up;
    await waitFor("the end of all that it started", async () => stillRunning(started).length === 0);
    await program.must("cancel", "--yes", "--stack", program.stack);

    olm.held.delete(version);
    await program.up();
    expect(await names(v1alpha1, "Subscription", namespace)).toEqual([packageName]);
    expect(await names(operatorGroups.apiVersion, operatorGroups.kind, namespace)).toEqual([packageName]);
    await program.remove(program.stack);
    expect(await read("v1", "Namespace", namespace)).toBeUndefined();
  });
});

describe("an operator of somebody else", () => {
  const controller = { apiVersion: "keda.sh/v1alpha1", kind: "KedaController", metadata: { name: "keda", namespace } };

  beforeAll(async () => {
    await clients.core.createNamespace({ body: { metadata: { name: namespace } } });
    await olm.apply({ ...operatorGroups, metadata: { name: "theirs", namespace }, ...{ spec: {} } });
    const spec = { name: packageName, channel: "stable", source: "mirror", sourceNamespace: "openshift-marketplace" };
    await olm.apply({
      apiVersion: v1alpha1,
      kind: "Subscription",
      metadata: { name: "theirs", namespace },
      ...{ spec: { ...spec, installPlanApproval: "Automatic" } },
    });
    await waitFor("their operator", async () => {
      const version = await read(v1alpha1, "ClusterServiceVersion", `${packageName}.v1.0.0`, namespace);
      return version?.status?.phase === "Succeeded";
    });
    await olm.apply({ ...controller, ...{ spec: { watchNamespace: "", operator: { logLevel: "debug" } } } });
  });
  afterAll(() => deleteNamespace(clients.core, namespace));

  it("is not installed a second time", async () => {
    const program = await programOf("second").init(keda("install"));
    const run = await program.pulumi("up", "--yes", "--skip-preview", "--stack", program.stack);
    expect(run.exitCode).not.toBe(0);
    expect(run.output).toMatch(/already exists|that this stack did not make: use mode "adopt", or "existing"/);
    expect(await names(v1alpha1, "Subscription", namespace)).toEqual(["theirs"]);
    expect(await names(operatorGroups.apiVersion, operatorGroups.kind, namespace)).toEqual(["theirs"]);
    await program.remove(program.stack);
  });

  it("is adopted with what others set, and outlives destroy", async () => {
    const program = await programOf("adopted").init(keda("adopt", `, operator: { catalog: "mirror" }`));
    await program.up();
    const { spec } = (await read(controller.apiVersion, controller.kind, "keda", namespace)) ?? {};
    expect(spec).toEqual({ watchNamespace: "", operator: { logLevel: "debug" } });
    await program.remove(program.stack);

    expect(await names(v1alpha1, "Subscription", namespace)).toEqual(["theirs"]);
    expect(await names(operatorGroups.apiVersion, operatorGroups.kind, namespace)).toEqual(["theirs"]);
    const version = await read(v1alpha1, "ClusterServiceVersion", `${packageName}.v1.0.0`, namespace);
    expect(version?.status?.phase).toBe("Succeeded");
    expect((await read(controller.apiVersion, controller.kind, "keda", namespace))?.spec).toEqual(spec);
  });
});

describe("an operator that is handed over", () => {
  const identities = async () =>
    Promise.all(
      [
        ["v1", "Namespace", namespace],
        [v1alpha1, "Subscription", packageName, namespace],
        [v1alpha1, "ClusterServiceVersion", csv, namespace],
        [operatorGroups.apiVersion, operatorGroups.kind, packageName, namespace],
        ["keda.sh/v1alpha1", "KedaController", "keda", namespace],
      ].map(async ([apiVersion = "", kind = "", name = "", within]) => {
        return (await read(apiVersion, kind, name, within))?.metadata.uid ?? `no ${kind}`;
      }),
    );
  const startingCsv = `operator: { startingCsv: "${csv}" }`;
  const installed = keda("install", `, ${startingCsv}`);
  const retained = keda("install", `, ${startingCsv}, retainOnDelete: true`);
  afterEach(() => deleteNamespace(clients.core, namespace));

  it("by the stack that installed it stays as it was, and is another stack's to adopt", async () => {
    const program = await programOf("hands-over").init(installed);
    await program.up();
    const before = await identities();
    program.write(retained);
    await program.up();
    expect(JSON.parse(await program.must("stack", "output", "kept", "--json"))).toContain(
      "All that was made of keda: it has retainOnDelete.",
    );
    program.write(keda("existing"));
    await program.up();
    expect(await identities()).toEqual(before);
    await program.up("--expect-no-changes");
    await program.remove(program.stack);

    const other = await programOf("takes-over").init(keda("adopt", `, ${startingCsv}`));
    await other.up();
    await other.remove(other.stack);
    expect(await identities()).toEqual(before);
  });

  it("by the stack that installed it is adopted by itself, and outlives destroy", async () => {
    const program = await programOf("lets-go").init(retained);
    await program.up();
    const before = await identities();
    program.write(keda("adopt", `, ${startingCsv}`));
    await program.up();
    expect(await identities()).toEqual(before);
    await program.up("--expect-no-changes");
    await program.remove(program.stack);
    expect(await identities()).toEqual(before);
  });

  it("stays when its stack is destroyed", async () => {
    const program = await programOf("destroyed").init(retained);
    await program.up();
    const before = await identities();
    await program.remove(program.stack);
    expect(await identities()).toEqual(before);
  });
});

describe("the configuration of OpenShift's monitoring", () => {
  const theirs = "# Agreed with storage.\nprometheusK8s:\n  retention: 15d\n";
  const monitoring = (more = "") =>
    `new vllm.Monitoring("monitoring", { ...target, mode: "install"${more} }, options);`;
  const textOf = async ({ name, namespace }: typeof clusterConfig) =>
    (await read("v1", "ConfigMap", name, namespace))?.data?.["config.yaml"];
  const writeText = (metadata: typeof clusterConfig, text: string) =>
    clients.core.replaceNamespacedConfigMap({ ...metadata, body: { metadata, data: { "config.yaml": text } } });
  let program: PlatformProgram;

  let leave: () => Promise<void>;
  beforeAll(async () => {
    leave = await openShiftMonitoring(clients.kubeConfig, olm, theirs);
    program = await programOf("monitoring").init(monitoring(`, retention: "7d"`));
  });
  afterAll(() => leave());

  it("gets our settings beside those of others, comments included (trap 39)", async () => {
    await program.up();
    expect(await textOf(clusterConfig)).toBe(`${theirs}enableUserWorkload: true\n`);
    expect(await textOf(userWorkloadConfig)).toBe("prometheus:\n  retention: 7d\n");
  });

  it("keeps what somebody wrote meanwhile when ours change", async () => {
    await writeText(clusterConfig, `${theirs}enableUserWorkload: true\ntelemeterClient:\n  enabled: false\n`);
    await writeText(userWorkloadConfig, "prometheus:\n  retention: 7d\n  logLevel: warn\n");
    program.write(monitoring(`, retention: "14d"`));
    await program.up();
    expect(await textOf(userWorkloadConfig)).toBe("prometheus:\n  retention: 14d\n  logLevel: warn\n");
    expect(await textOf(clusterConfig)).toBe(`${theirs}enableUserWorkload: true\ntelemeterClient:\n  enabled: false\n`);
  });

  it("is mended after a refresh when somebody took ours away", async () => {
    await writeText(clusterConfig, theirs);
    await program.must("refresh", "--yes", "--skip-preview", "--stack", program.stack);
    await program.up();
    expect(await textOf(clusterConfig)).toBe(`${theirs}enableUserWorkload: true\n`);
  });

  it("is as others have it after destroy", async () => {
    await program.remove(program.stack);
    expect(await textOf(clusterConfig)).toBe(theirs);
    expect(await textOf(userWorkloadConfig)).toBe("prometheus:\n  logLevel: warn\n");
  });

  it("stays as it is when it is handed over: to a stack that finds it there, and by destroy", async () => {
    const ours = async () => [await textOf(clusterConfig), await textOf(userWorkloadConfig)];
    const handed = [`${theirs}enableUserWorkload: true\n`, "prometheus:\n  logLevel: warn\n  retention: 7d\n"];
    const retained = monitoring(`, retention: "7d", retainOnDelete: true`);
    const first = await programOf("monitoring-handed-over").init(retained);
    await first.up();
    expect(await ours()).toEqual(handed);
    first.write(`new vllm.Monitoring("monitoring", { ...target, mode: "existing" }, options);`);
    await first.up();
    expect(await ours()).toEqual(handed);
    await first.remove(first.stack);

    const second = await programOf("monitoring-destroyed").init(retained);
    await second.up();
    await second.remove(second.stack);
    expect(await ours()).toEqual(handed);
  });
});

describe("a whole platform", () => {
  const charts = mkdtempSync(join(tmpdir(), "vllm-serving-mirror-"));
  let mirror: ChartRepository;
  let leave: () => Promise<void>;
  beforeAll(async () => {
    const chart = join(charts, "keda-add-ons-http");
    cpSync(resolve(__dirname, "../fixtures/charts/keda-add-ons-http"), chart, { recursive: true });
    const about = { apiVersion: "v2", name: "keda-add-ons-http", version: versions.httpAddOn };
    writeFileSync(join(chart, "Chart.yaml"), JSON.stringify(about));
    mirror = await chartRepository(charts, [chart]);
    leave = await openShiftMonitoring(clients.kubeConfig, olm, "telemeterClient:\n  enabled: false\n");
  });
  afterAll(async () => {
    mirror.close();
    rmSync(charts, { recursive: true });
    await leave();
  });
  const pieces = () => `
    const platform = new vllm.ServingPlatform("platform", {
      ...target,
      prometheus: { mode: "install" },
      keda: { mode: "install" },
      kedaHttpAddon: { mode: "install", chart: { repository: "${mirror.url}" } },
      certManager: { mode: "install" },
      knative: { mode: "install" },
      kserve: { mode: "install" },
      gpus: { mode: "install" },
    }, options);
    exports.reference = platform.reference;
    exports.kept = platform.kept;`;
  const configuration = async () =>
    (await read("v1", "ConfigMap", clusterConfig.name, clusterConfig.namespace))?.data?.["config.yaml"];

  it("is installed through OLM, tells where its Prometheus is, and goes again", async () => {
    const program = await programOf("platform").init(pieces());
    await program.up();
    const reference = JSON.parse(await program.must("stack", "output", "reference", "--json"));
    expect(reference).toMatchObject({
      prometheusUrl: "https://thanos-querier.openshift-monitoring.svc.cluster.local:9092",
      kedaNamespace: "openshift-keda",
      kserveNamespace: "redhat-ods-applications",
      modes: { keda: "install", certManager: "install", knative: "install", kserve: "install", gpus: "install" },
    });
    expect(await read("nvidia.com/v1", "ClusterPolicy", "gpu-cluster-policy")).toBeDefined();
    expect(await read("datasciencecluster.opendatahub.io/v2", "DataScienceCluster", "default-dsc")).toBeDefined();
    expect(
      await read("operator.knative.dev/v1beta1", "KnativeServing", "knative-serving", "knative-serving"),
    ).toBeDefined();
    expect(await configuration()).toBe("telemeterClient:\n  enabled: false\nenableUserWorkload: true\n");
    const interceptor = await read("apps/v1", "Deployment", "keda-add-ons-http-interceptor", "openshift-keda");
    expect(interceptor?.spec).toMatchObject({
      template: { spec: { securityContext: { runAsNonRoot: true }, terminationGracePeriodSeconds: 615 } },
    });
    expect(interceptor?.spec).not.toHaveProperty("template.spec.securityContext.fsGroup");
    await program.up("--expect-no-changes");

    await program.remove(program.stack);
    expect(await configuration()).toBe("telemeterClient:\n  enabled: false\n");
    expect(await read("nvidia.com/v1", "ClusterPolicy", "gpu-cluster-policy")).toBeUndefined();
    expect(await read("datasciencecluster.opendatahub.io/v2", "DataScienceCluster", "default-dsc")).toBeUndefined();
    for (const gone of ["openshift-keda", "openshift-nfd", "nvidia-gpu-operator", "redhat-ods-operator"]) {
      expect(await read("v1", "Namespace", gone), gone).toBeUndefined();
    }
    // The operator makes it by itself, so it is only patched, and left.
    expect(await read("dscinitialization.opendatahub.io/v2", "DSCInitialization", "default-dsci")).toBeDefined();
    for (const name of ["cert-manager", "redhat-ods-applications"]) await deleteNamespace(clients.core, name);
  }, 600_000);
});
